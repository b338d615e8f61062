"""The shape of the house: what lies where, how long files are, what is documented."""

import ast
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.house.source import PACKAGES, ROOT, modules, tree

TOP = {"pyproject.toml", "README.md", "LICENSE", "xdl", "backends", "kernels", "tests", "bench", "findings"}
TOP |= {".ci", ".gitignore"}
LONGEST = 250  # lines of a source file
SOURCES = (".py", ".cu", ".cuh", ".cpp", ".h")


def project_files():
    """What belongs to the project: the files that git tracks or would track."""
    if not (ROOT / ".git").exists():
        pytest.skip("no git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [Path(line) for line in listed.stdout.splitlines() if (ROOT / line).exists()]


def test_the_top_level_holds_only_the_card():
    assert {path.parts[0] for path in project_files()} <= TOP


def test_no_file_is_longer_than_the_budget():
    lengths = {path: len((ROOT / path).read_text().splitlines()) for path in project_files() if path.suffix in SOURCES}
    assert lengths
    assert {str(path): lines for path, lines in lengths.items() if lines > LONGEST} == {}


def test_packages_in_pyproject_are_the_folders():
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    folders = {
        ".".join([package, *path.parent.relative_to(ROOT / folder).parts])
        for folder, package in PACKAGES.items()
        for path in (ROOT / folder).rglob("*.py")
    }
    assert sorted(listed) == sorted(folders)
    assert folders <= set(modules())  # each has its __init__.py


def test_everything_public_has_a_docstring():
    missing = []
    for name, path in modules().items():
        module = tree(path)
        public = [node for node in module.body if isinstance(node, ast.FunctionDef | ast.ClassDef) and shown(node)]
        if name.startswith("xdl.kernels"):
            public = [node for node in public if not node.decorator_list]  # a version's docstring is its slot's
        missing += [f"{name}.{node.name}" for node in public if not ast.get_docstring(node)]
        if module.body and not ast.get_docstring(module):
            missing.append(name)
    assert missing == []


def shown(node):
    signature_alone = any(ast.unparse(decorator) == "overload" for decorator in node.decorator_list)
    return not node.name.startswith("_") and not signature_alone
