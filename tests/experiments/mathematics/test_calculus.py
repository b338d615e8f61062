"""Calculus: rules and tape agree, the V has its two slopes, sums approach the integral as they should."""

import io

import numpy as np
import pytest

from xdl import plot
from xdl.errors import SettingError
from xdl.experiments.mathematics import slopes
from xdl.experiments.mathematics.area import riemann, simpson, trapezoid
from xdl.experiments.shared.formula import at, derivatives, formula
from xdl.runs.start import RunRequest, start


def run(name, out, **given):
    stream = io.StringIO()
    plan = start(name, RunRequest(given, seed=0), out=out, stream=stream)
    summary = plan.perform()
    return summary, lambda figure: plot.load_data(plan.run.folder.path / "figures" / f"{figure}.safetensors")


def test_rules_slopes_and_areas(tmp_path, without_figures):
    summary, figure = run("calculus", tmp_path)
    assert summary["largest_error_of_rules"] < 1e-14
    assert all(row["numerical"] == pytest.approx(row["by the tape"], rel=1e-8) for row in summary["rules"])
    chain = summary["chain"]
    assert chain["inner"] == pytest.approx(-np.sin(1.5))
    assert chain["outer"] == pytest.approx(3 * (np.cos(1.5) + 1.5) ** 2 - 3)
    assert chain["product"] == pytest.approx(chain["whole"], rel=1e-14)
    assert summary["integral"]["exact"] == pytest.approx(7 / 64, rel=1e-12)
    assert summary["integral"]["powers"] == pytest.approx({"left": -1, "midpoint": -2, "trapezoid": -2}, abs=0.01)
    assert summary["integral"]["slope_error"] < 1e-3
    assert "approach 3.75" in summary["what_to_see"][0]
    drawn = figure("difference-quotient")
    (panel,) = drawn.options["panels"]
    curves = {curve["label"]: drawn.arrays[curve["y"]] for curve in panel["curves"]}
    hs = np.array(slopes.HS)
    for way, power in (("one-sided", 1), ("two-sided", 2)):
        above = (hs > 1e-4) & (hs < 1e-2)
        assert np.polyfit(np.log(hs[above]), np.log(curves[way][above]), 1)[0] == pytest.approx(power, abs=0.01)
        below = (hs > 1e-14) & (hs < 1e-10)
        assert np.polyfit(np.log(hs[below]), np.log(curves[way][below]), 1)[0] == pytest.approx(-1, abs=0.15)
    assert 1e-9 < summary["best_h"]["one-sided"] < 1e-7
    assert 1e-6 < summary["best_h"]["two-sided"] < 1e-4
    assert summary["errors"][-1]["error, one-sided"] == 1


def test_a_wrong_slope_of_the_tape_would_be_seen(tmp_path, without_figures, monkeypatch):
    from xdl.experiments.mathematics import calculus

    monkeypatch.setattr(calculus, "derivatives", lambda f, xs: [one[:] for one in derivatives(lambda x: 2 * f(x), xs)])
    summary, _ = run("calculus", tmp_path)
    assert summary["largest_error_of_rules"] > 0.5


def test_a_sum_that_is_exact_has_no_power(tmp_path, without_figures):
    summary, _ = run("calculus", tmp_path, f="2*x", low="0")
    assert summary["integral"]["powers"] == {"left": pytest.approx(-1), "midpoint": None, "trapezoid": None}
    assert any("midpoint: exact but for rounding" in sentence for sentence in summary["what_to_see"])


def test_a_corner_has_no_tangent(tmp_path, without_figures):
    summary, _ = run("calculus", tmp_path, f="abs(x)*exp(x)", at="0")
    assert summary["what_to_see"][0] == "f has a corner at 0: its slope is -1 from the left and 1 from the right"


@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
def test_functions_from_text():
    f = formula("f", "x**3 - 3*x")
    assert at(f, 2.0, 3) == [2.0, 9.0, 12.0, 6.0]
    assert derivatives(formula("f", "2*x"), [1.0, 3.0], 2) == [[2.0, 6.0], [2.0, 2.0], [0.0, 0.0]]
    with pytest.raises(SettingError, match="f: expected an expression of x, found y in it"):
        formula("f", "x*y")
    with pytest.raises(SettingError, match="finite"):
        at(formula("f", "1/(x - 1)"), 1.0)


def test_sums_of_rectangles():
    f = formula("f", "x**2")
    assert riemann(f, (0, 2), 2, 0.0) == 1
    assert riemann(f, (0, 2), 2, 1.0) == 5
    assert riemann(f, (0, 2), 2, 0.5) == 2.5
    assert trapezoid(f, (0, 2), 2) == 3
    assert simpson(f, (0, 2), 2) == pytest.approx(8 / 3, rel=1e-15)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"low": "2", "high": "2"}, "above low"),
        ({"f": "x + q"}, "q in it"),
        ({"g": "__import__('os')"}, "expression"),
        ({"f": "1/x", "low": "0"}, "an integral between low and high"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
def test_what_has_no_answer_is_refused(tmp_path, without_figures, given, said):
    with pytest.raises(SettingError, match=said):
        run("calculus", tmp_path, **given)
