"""The project's source as data: its files, and what each imports, read by `ast` without running anything."""

import ast
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {"xdl": "xdl", "backends": "xdl.backends", "kernels": "xdl.kernels"}  # folder -> name when installed


@dataclass(frozen=True)
class Import:
    """One imported module, by its full name. on_load: it runs when the importing module is loaded."""

    module: str
    line: int
    on_load: bool


@cache
def modules():
    """Full module name -> path of its file, for everything that is installed."""
    found = {}
    for folder, package in PACKAGES.items():
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = [package, *path.relative_to(ROOT / folder).with_suffix("").parts]
            found[".".join(part for part in parts if part != "__init__")] = path
    return found


def git(*arguments, text=""):
    """The lines that git prints. Skips the test where there is no checkout."""
    if not (ROOT / ".git").exists():
        pytest.skip("no git checkout")
    done = subprocess.run(["git", *arguments], cwd=ROOT, input=text, capture_output=True, text=True)
    assert done.stderr == "", done.stderr
    return done.stdout.splitlines()


def project_files():
    """What belongs to the project: the files that git tracks or would track."""
    listed = git("ls-files", "--cached", "--others", "--exclude-standard")
    return [Path(line) for line in listed if (ROOT / line).exists()]


@cache
def tree(path):
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def imports(name):
    """What a module imports at run time: not what `if TYPE_CHECKING:` guards, and import_module("literal") too."""
    path = modules()[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found = []
    _collect(tree(path), package, True, found)
    return tuple(found)


def _collect(node, package, on_load, found):
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            for statement in child.orelse:
                _collect(statement, package, on_load, found)
            continue
        for module in _named(child, package):
            found.append(Import(module, child.lineno, on_load))
        inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        _collect(child, package, on_load and not inside, found)


def _named(node, package):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*above, base] if base else above)
        submodules = [f"{base}.{alias.name}" for alias in node.names]
        return [full if full in modules() else base for full in submodules]
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
        first = node.args[0]
        outside = isinstance(first, ast.Constant) and not first.value.startswith("xdl")
        return [first.value] if outside else []
    return []
