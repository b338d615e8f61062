"""Searches on functions with known minima, and the basins of three methods."""

import io

import pytest

import xdl
from xdl import optim
from xdl.creation import tensor
from xdl.experiments.optimization.basins import STARTS, basins
from xdl.experiments.optimization.descent import by_method, search
from xdl.experiments.shared.surfaces import FUNCTIONS
from xdl.func import grad
from xdl.runs.start import RunRequest, start


@pytest.fixture(autouse=True)
def _one_thread():
    xdl.set_num_threads(1)


@pytest.mark.parametrize("title", FUNCTIONS)
def test_minima_are_minima(title):
    function = FUNCTIONS[title]
    for minimum in function.minima:
        at = tensor(minimum, dtype="float64")
        assert abs(grad(function)(at).numpy()).max() == 0
        assert function.distance(at).item() == 0
        for step in ((1e-3, 0), (-1e-3, 0), (0, 1e-3), (0, -1e-3)):
            assert function(at + tensor(step, dtype="float64")).item() > function(at).item()


def test_heights_lie_row_by_row_of_y():
    function = FUNCTIONS["bowl"]
    (xs, ys), heights = function.grid(5), function.heights(5)
    for i in range(5):
        for j in range(5):
            assert heights[i, j].item() == function(tensor([xs[j].item(), ys[i].item()], dtype="float64")).item()


def test_a_search_tells_when_it_came_near():
    found = search("gd", FUNCTIONS["saddle"], 0.1, 60)
    needed = found.needed(0.01)
    at = found.evaluations.index(needed)
    assert found.distances[at] <= 0.01 < found.distances[at - 1]
    path = optim.minimize(
        FUNCTIONS["saddle"], FUNCTIONS["saddle"].start, method="gd", lr=0.1, tol=1e-8, maxiter=60
    ).path
    assert found.points == path.x.tolist()
    lost = search("gd", FUNCTIONS["Beale from (3, 4)"], 1.0, 60)
    assert by_method({"gd": lost}, 0.01) == {"gd": None}


@pytest.mark.parametrize("method", STARTS)
def test_basins_are_searches_from_every_start(method):
    function, side, rate, near = FUNCTIONS["Beale from (3, 4)"], 5, STARTS[method], 0.3
    steps = basins(method, function, side, rate, 80, near).tolist()
    xs, ys = (axis.tolist() for axis in function.grid(side))
    arrived = 0
    for i in range(side):
        for j in range(side):
            path = optim.minimize(function, (xs[j], ys[i]), method=method, lr=rate, tol=0, maxiter=80).path
            near_at = [step for step, far in enumerate(function.distance(path.x).tolist()) if far <= near]
            arrived += bool(near_at)
            assert steps[i][j] == near_at[0] if near_at else steps[i][j] != steps[i][j]
    assert arrived > 0


def test_the_experiment_shows_what_lines_and_curvature_are_worth(tmp_path):
    request = RunRequest({"most": "60", "rates": "0.01,0.3", "side": "8"})
    summary = start("descent", request, out=tmp_path, stream=io.StringIO()).perform()
    for needed in summary["evaluations"].values():
        assert needed["newton"] is not None
        assert needed["gd"] is None or needed["newton"] < needed["gd"]
    (folder,) = (tmp_path / "descent").iterdir()
    assert {path.stem for path in (folder / "figures").iterdir()} == {"paths", "surfaces", "distances", "basins"}
