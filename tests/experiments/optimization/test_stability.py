"""The edge of divergence: factors measured on real searches are those of the formulas, and the cubic's cycles."""

import io

import pytest

import xdl
from xdl.experiments.optimization.factors import Kind
from xdl.experiments.optimization.stability import different
from xdl.experiments.shared.surfaces import FUNCTIONS
from xdl.runs.start import RunRequest, start

KINDS = (Kind("gd", 0.0), Kind("momentum", 0.5), Kind("nesterov", 0.5))
STEEPEST, ON_AXIS = 18.0, (0.0, 1.0)


@pytest.fixture(autouse=True)
def _one_thread():
    xdl.set_num_threads(1)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.method)
def test_factors_are_those_of_the_formula(kind):
    bowl = FUNCTIONS["bowl"]
    for a in (0.1, 0.45, 0.9, 1.2, 1.9, 3.2):
        assert kind.measured(bowl, ON_AXIS, a / STEEPEST, 120) == pytest.approx(kind.factor(a), abs=0.02)
    assert kind.factor(kind.edge) == pytest.approx(1)
    assert kind.factor(kind.edge - 0.01) < 1 < kind.factor(kind.edge + 0.01)
    assert kind.measured_edge(bowl, ON_AXIS, STEEPEST, 120) == pytest.approx(kind.edge, abs=0.005)


def test_plain_descent_has_its_factor_exactly_and_arrives_in_one_step():
    plain, bowl = KINDS[0], FUNCTIONS["bowl"]
    for a in (0.3, 1.7, 2.3):
        assert plain.measured(bowl, ON_AXIS, a / STEEPEST, 40) == pytest.approx(abs(1 - a), rel=1e-9)
    assert plain.measured(bowl, ON_AXIS, 1 / 18, 40) < 1e-15
    assert plain.measured(bowl, ON_AXIS, 8 / 18, 400) == pytest.approx(7)


def test_the_experiment_finds_the_edges_and_the_cycle(tmp_path, without_figures):
    request = RunRequest({"rates": "5", "steps": "80"})
    said = io.StringIO()
    summary = start("stability", request, out=tmp_path, stream=said).perform()
    assert "with this setting" in said.getvalue()
    assert "seed" not in said.getvalue()
    assert summary["curvatures"] == pytest.approx([1 / 8, 18])
    for row in summary["edges"]:
        assert row["edge measured"] == pytest.approx(row["edge by the formula"], rel=0.01)
    assert summary["cubic"]["curvature"] == pytest.approx(12)
    low, high = summary["cubic"]["cycle"]
    assert 1 / 6 < low < 0.172
    assert high == pytest.approx((6**0.5) / 12, abs=1e-3)  # the logistic map with r = 1 + 12 rate: 1 + sqrt(6)
    assert 0.249 < summary["cubic"]["leaves"] < 0.252
    (folder,) = (tmp_path / "stability").iterdir()
    assert {path.stem for path in (folder / "figures").glob("*.safetensors")} == {"factors", "paths", "cubic", "ends"}


def test_places_are_counted():
    assert [different([]), different([1, 1, 1]), different([3, 1, 3.0001, 1])] == [0, 1, 2]
