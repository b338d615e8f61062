"""Ranges of settings: what is read, what comes of them, and what is refused without running anything."""

from dataclasses import dataclass

import pytest

from xdl.errors import SettingError
from xdl.runs.settings import setting
from xdl.runs.tuning.ranges import divided, read


@dataclass(frozen=True)
class Settings:
    """Of each type one."""

    lr: float = setting(0.1, "rate", above=0)
    epochs: int = setting(3, "passes", low=1, high=1000)
    hidden: tuple[int, ...] = setting((4,), "units", low=1)
    optimizer: str = setting("sgd", "method", choices=("sgd", "adam"))
    expression: str = setting("x", "any text")
    nesterov: bool = setting(False, "look ahead")


@pytest.mark.parametrize(
    ("name", "text", "kind", "values", "whole"),
    [
        ("lr", "log(1e-4, 1e-1)", "log", (1e-4, 1e-1), False),
        ("lr", " uniform( 1 ,2 ) ", "uniform", (1.0, 2.0), False),
        ("lr", "int(1, 3)", "int", (1, 3), True),
        ("epochs", "log(1, 100)", "log", (1, 100), True),
        ("epochs", "int(1, 1e2)", "int", (1, 100), True),
        ("hidden", "choice(32, 64, 128)", "choice", ("32", "64", "128"), False),
        ("hidden", "choice('64,32', (8, 8), 5)", "choice", ("64,32", "8,8", "5"), False),
        ("hidden", "log(4, 400)", "log", (4, 400), True),
        ("optimizer", "choice(sgd, 'adam')", "choice", ("sgd", "adam"), False),
        ("nesterov", "choice(true, False)", "choice", ("true", "false"), False),
    ],
)
def test_ranges_are_read(name, text, kind, values, whole):
    ranges, fixed = divided(Settings, {name: text})
    found = ranges[name]
    assert (found.kind, found.values, found.whole, fixed) == (kind, values, whole, {})
    assert divided(Settings, {name: found.text})[0][name] == found  # what study.json says is the same range


def test_what_is_no_range_is_a_value_for_all_trials():
    given = {"lr": "0.1", "expression": "sin(x)", "hidden": "3,4", "epochs": "int(1, 2)"}
    ranges, fixed = divided(Settings, given)
    assert [*ranges] == ["epochs"]
    assert fixed == {"lr": "0.1", "expression": "sin(x)", "hidden": "3,4"}


@pytest.mark.parametrize(
    ("name", "text", "parts"),
    [
        ("lr", "lgo(1, 2)", ("'lgo'(...)", "Did you mean 'log'?")),
        ("lr", "log(1)", ("log(low, high)",)),
        ("lr", "log(0, 1)", ("low > 0",)),
        ("lr", "log(-1, 1)", ("low > 0",)),
        ("lr", "uniform(2, 1)", ("low < high",)),
        ("lr", "uniform(1, 1)", ("low < high",)),
        ("lr", "uniform(0, 1)", ("lr", "above 0")),  # an end that the setting does not take
        ("lr", "uniform(1, 1e400)", ("uniform(low, high)",)),
        ("lr", "uniform(true, 2)", ("uniform(low, high)",)),
        ("lr", "log(low=1, high=2)", ("one of log",)),
        ("lr", "log(1, 2", ("one of log",)),
        ("lr", "log(1, 2)()", ("one of log",)),
        ("hidden", "choice(32, 64, 32)", ("--set hidden", "each value of choice(...) once", "found 32 twice")),
        ("optimizer", "choice(sgd, 'sgd')", ("found sgd twice",)),
        ("lr", "choice()", ("1 to 100 values", "found 0")),
        ("lr", "choice(0.1, fast)", ("lr", "a number", "'fast'")),
        ("lr", "choice(__import__('os'))", ("numbers and words", "found call")),
        ("lr", "choice(2**99)", ("numbers and words", "found binop")),
        ("lr", "choice(*[1])", ("numbers and words", "found starred")),
        ("lr", "choice(((1,),))", ("numbers and words", "found tuple")),
        ("lr", "choice(" + "1," * 3000 + ")", ("at most 2000 letters",)),
        ("lr", "choice(" + "(" * 900 + ")" * 900 + ")", ("one of log",)),
        ("lr", "choice(" + "-" * 1900 + "1)", ("--set lr",)),
        ("lr", "choice(" + ",".join(map(str, range(1, 102))) + ")", ("1 to 100 values", "found 101")),
        ("epochs", "uniform(1, 3)", ("int(low, high)",)),
        ("epochs", "int(1, 2.5)", ("whole numbers",)),
        ("epochs", "int(0, 5)", ("epochs", "at least 1", "found 0")),
        ("epochs", "int(1, 1001)", ("at most 1000, found 1001",)),
        ("optimizer", "choice(sgd, adamm)", ("optimizer", "one of sgd, adam")),
        ("nesterov", "int(0, 1)", ("choice(...) for bool",)),
        ("hiden", "choice(1, 2)", ("'hiden'", "Did you mean 'hidden'?")),
    ],
)
def test_other_texts_are_refused(name, text, parts):
    with pytest.raises(SettingError) as caught:
        divided(Settings, {name: text})
    assert all(part in str(caught.value) for part in parts), caught.value
    assert len(str(caught.value)) < 1500


@pytest.mark.parametrize(
    ("text", "kind", "points"),
    [
        ("log(1, 100)", float, [1.0, pytest.approx(10.0), 100.0]),
        ("uniform(-1, 1)", float, [-1.0, 0.0, 1.0]),
        ("int(2, 4)", int, [2, 3, 4]),
        ("int(0, 100)", int, [0, 50, 100]),
        ("log(1, 4)", int, [1, 2, 4]),
        ("choice(a, b, c, d)", str, ["a", "b", "c", "d"]),
    ],
)
def test_the_points_of_a_grid(text, kind, points):
    assert read("x", text, kind).points(3) == points
    assert len(read("x", text, kind).points(1)) in (1, 4)
