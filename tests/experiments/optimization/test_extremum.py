"""f' = 0 and what it means: the known places are found, called by their names, and none is missed."""

import io

import pytest

from xdl.errors import SettingError
from xdl.experiments.optimization import stationary
from xdl.experiments.optimization.stationary import extrema_of_values, look
from xdl.experiments.shared.formula import formula
from xdl.runs.start import RunRequest, start


def run(name, out, **given):
    return start(name, RunRequest(given, seed=0), out=out, stream=io.StringIO()).perform()


def kinds(text, low=-4, high=6):
    return [(one.x, one.kind) for one in look(formula("f", text), low, high)]


def test_the_books_cubic_and_functions_that_f2_does_not_decide(tmp_path, without_figures):
    summary = run("extremum", tmp_path)
    rows = [(row["function"], row["x"], row["f"], row["f''"], row["what it is"]) for row in summary["places"]]
    assert rows == [
        ("x**3 - 3*x**2 - 9*x + 2", pytest.approx(-1), pytest.approx(7), pytest.approx(-12), "maximum, by f''"),
        ("x**3 - 3*x**2 - 9*x + 2", pytest.approx(3), pytest.approx(-25), pytest.approx(12), "minimum, by f''"),
        ("x**3", pytest.approx(0, abs=1e-9), pytest.approx(0), 0, "no extremum; f'' = 0 does not tell"),
        ("x**4", pytest.approx(0, abs=1e-9), pytest.approx(0), 0, "minimum; f'' = 0 does not tell"),
        ("abs(x)", pytest.approx(0, abs=1e-9), pytest.approx(0, abs=1e-9), None, "minimum, in a corner"),
    ]
    assert summary["apart"] < 1e-3
    assert summary["least"] == {"x": -4.0, "f": -74.0}
    assert "no extremum of x**3 at" in summary["what_to_see"][1]
    assert "at an end" in summary["what_to_see"][2]


def test_a_place_that_is_missed_would_be_seen(tmp_path, without_figures, monkeypatch):
    right = stationary.look
    monkeypatch.setattr("xdl.experiments.optimization.extremum.look", lambda *given: right(*given)[:1])
    assert run("extremum", tmp_path)["apart"] > 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sin(x)", [(-1.570796, "minimum"), (1.570796, "maximum"), (4.712389, "minimum")]),
        ("x*exp(-x)", [(1, "maximum")]),
        ("relu(x) + x*x", [(0, "minimum")]),
        ("-abs(x - 1)", [(1, "maximum")]),
        ("(x - 2)**5", [(2, "no extremum")]),
        ("2*x", []),
    ],
)
def test_places_of_other_functions(text, expected):
    found = kinds(text)
    assert [kind for _, kind in found] == [kind for _, kind in expected]
    assert [x for x, _ in found] == pytest.approx([x for x, _ in expected], abs=1e-5)
    shown = extrema_of_values(formula("f", text), -4, 6)
    assert shown == pytest.approx([x for x, kind in expected if kind != "no extremum"], abs=1e-3)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"f": "1/x"}, "without jumps"),
        ({"f": "log(x)"}, "finite between"),
        ({"low": "7"}, "above low"),
        ({"f": "x*y"}, "y in it"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
def test_what_has_no_answer_is_refused(tmp_path, without_figures, given, said):
    with pytest.raises(SettingError, match=said):
        run("extremum", tmp_path, **given)
