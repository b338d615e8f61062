"""Every experiment is run by a fast test that asserts something of its results, read from the source of the tests.

A name in a list or in a string is no run: what counts is a call of `start`, or of a function of the same file that
performs what `start` gives, with the experiment's name: written out, or a parameter of the test.
"""

import ast
from pathlib import Path

import pytest

from xdl.experiments import EXPERIMENTS


def executed(source):
    """The names of the experiments that the fast tests in a file run."""
    tree = ast.parse(source)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    values = {node.targets[0].id: node.value for node in tree.body if _names_a_value(node)}
    if "pytestmark" in values and "slow" in ast.unparse(values["pytestmark"]):
        return set()
    runners = {name for name, f in functions.items() if ".perform()" in ast.unparse(f) and not name.startswith("test_")}
    found = set()
    for name, function in functions.items():
        fast = not any("mark.slow" in ast.unparse(decorator) for decorator in function.decorator_list)
        asserts = any(isinstance(node, ast.Assert) for node in ast.walk(function))
        if name.startswith("test_") and fast and asserts:
            given = _parameters(function, values)
            for called, first in _calls(function):
                if called in runners or (called == "start" and ".perform()" in ast.unparse(function)):
                    found |= _strings(first, given)
                if called in runners:
                    found |= set().union(
                        *[_strings(f, {}) for inner, f in _calls(functions[called]) if inner == "start"]
                    )
    return found


def _names_a_value(node):
    return isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)


def _calls(function):
    """(name, first argument or None) of each call of a plain name."""
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    return [(call.func.id, call.args[0] if call.args else None) for call in calls]


def _parameters(function, values):
    """{parameter: the strings that parametrize gives it}."""
    given = {}
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith("parametrize"):
            names, cases = decorator.args[:2]
            names = [e.value for e in names.elts] if isinstance(names, ast.Tuple) else names.value.split(",")
            cases = values.get(cases.id, cases) if isinstance(cases, ast.Name) else cases
            rows = cases.keys if isinstance(cases, ast.Dict) else getattr(cases, "elts", [])
            for i, name in enumerate(names):
                cells = [row.elts[i] if isinstance(row, ast.Tuple) else row for row in rows]
                given[name.strip()] = {cell.value for cell in cells if isinstance(cell, ast.Constant)}
    return given


def _strings(node, given):
    if isinstance(node, ast.Constant):
        return {node.value} if isinstance(node.value, str) else set()
    return given.get(node.id, set()) if isinstance(node, ast.Name) else set()


HELPER = "def run(name, out):\n    return start(name, out=out).perform()\n"


@pytest.mark.parametrize(
    ("source", "names"),
    [
        (HELPER + "def test_a():\n    assert run('lenet', 1)", {"lenet"}),
        (
            HELPER + "@pytest.mark.parametrize('n', ['vgg', 'nin'])\ndef test_a(n):\n    assert run(n)",
            {"vgg", "nin"},
        ),
        (HELPER + "C = {'mlp': 1}\n@pytest.mark.parametrize('n', C)\ndef test_a(n):\n    assert run(n, 1)", {"mlp"}),
        (HELPER + "@pytest.mark.parametrize(('n', 'm'), [('mlp', 1)])\ndef test_a(n, m):\n    assert run(n)", {"mlp"}),
        ("def run(out):\n    return start('graph').perform()\ndef test_a():\n    assert run(1)", {"graph"}),
        ("def test_a():\n    assert start('graph', 1).perform()", {"graph"}),
        ("def test_a():\n    assert start('graph', 1)", set()),
        (HELPER + "TINY = {'lenet': 1}\ndef test_a():\n    assert 'lenet' in TINY", set()),
        (HELPER + "def test_a():\n    run('lenet', 1)", set()),
        (HELPER + "@pytest.mark.slow\ndef test_a():\n    assert run('lenet', 1)", set()),
        (HELPER + "pytestmark = [pytest.mark.slow]\ndef test_a():\n    assert run('lenet', 1)", set()),
        ("def run(name):\n    return name\ndef test_a():\n    assert run('lenet')", set()),
        (HELPER + "def unused():\n    assert run('lenet', 1)", set()),
    ],
)
def test_only_what_a_fast_test_runs_and_looks_at_counts(source, names):
    assert executed(source) == names


def test_every_experiment_is_run_by_a_fast_test():
    sources = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.rglob("test_*.py")]
    assert set(EXPERIMENTS) - set().union(*map(executed, sources)) == set()
