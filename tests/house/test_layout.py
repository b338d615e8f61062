"""The shape of the house: what lies where, and what is documented."""

import ast
import tomllib

from tests.house.source import PACKAGES, ROOT, modules, project_files, tree

TOP = {"pyproject.toml", "README.md", "LICENSE", "xdl", "backends", "kernels", "tests", "bench", "findings"}
TOP |= {".ci", ".gitignore"}


def test_the_top_level_holds_only_the_card():
    assert {path.parts[0] for path in project_files()} <= TOP


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
