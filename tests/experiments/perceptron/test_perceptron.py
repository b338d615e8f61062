"""The perceptron and the hidden layer: bounds and circles are computed, not only told."""

import io
from math import sqrt

import pytest

import xdl
from xdl import nn
from xdl.creation import tensor
from xdl.data import separable_points, xor
from xdl.experiments.perceptron.learning import learn, longest, margin, signs, with_one
from xdl.experiments.perceptron.numerical_training import back_propagated, loss_of, numerical
from xdl.experiments.perceptron.views import dot, edge_on, in_the_plane, unit
from xdl.experiments.perceptron.width_depth import parameters_of, sizes_of
from xdl.experiments.perceptron.xor import Networks, walked_in_circles
from xdl.models import MLP
from xdl.runs.start import RunRequest, start


@pytest.fixture(autouse=True)
def _one_thread():
    xdl.set_num_threads(1)


def run(name, out, **given):
    request = RunRequest({key: str(value) for key, value in given.items()})
    summary = start(name, request, out=out, stream=io.StringIO()).perform()
    (folder,) = (out / name).iterdir()
    return summary, {path.stem for path in (folder / "figures").iterdir()}


def point_by_point(x, y):
    """The algorithm as the book writes it: [(point, weights before)], and the weights at the end."""
    w, steps, right = [0.0] * len(x[0]), [], 0
    while right < len(x):
        for i, (point, sign) in enumerate(zip(x, y, strict=True)):
            if sign * dot(w, point) <= 0:
                steps.append((i, w))
                w, right = [a + sign * b for a, b in zip(w, point, strict=True)], 0
            else:
                right += 1
    return steps, w


def test_the_mistakes_are_those_of_the_algorithm_and_stay_below_novikoffs_bound():
    points, labels = separable_points(60, seed=5)
    x, y = with_one(tensor(points).to("float64")), signs(tensor(labels))
    found = learn(x, y, 10_000)
    steps, w = point_by_point(x.tolist(), y.tolist())
    assert [(m.point, m.weights) for m in found.mistakes] == steps
    assert found.weights == w
    assert found.done
    sides = [[s * dot(m.weights, p) for p, s in zip(x.tolist(), y.tolist(), strict=True)] for m in found.mistakes]
    assert [m.wrong for m in found.mistakes] == [sum(side <= 0 for side in at) for at in sides]
    assert margin(x, y, found.weights) > 0
    assert len(steps) <= (longest(x) / margin(x, y, found.weights)) ** 2


def test_points_that_no_plane_parts_are_given_up_after_so_many_passes():
    points, labels = xor()
    found = learn(with_one(tensor(points).to("float64")), signs(tensor(labels)), 25)
    assert not found.done
    assert found.passes == 25
    assert all(mistake.wrong >= 1 for mistake in found.mistakes)


def test_the_perceptron_on_exclusive_or_walks_in_a_circle():
    points, labels = xor()
    x, y = with_one(tensor(points).to("float64")), signs(tensor(labels))
    steps = learn(x, y, 20).mistakes
    circle = walked_in_circles(x, y)
    states = [(m.point, m.weights) for m in steps]
    assert circle > 0
    assert states[-1] == states[-1 - circle]
    one_class = signs(tensor([0, 0, 1, 1]))  # what a line can do ends
    assert walked_in_circles(x, one_class) == 0


def test_a_plane_is_a_line_along_itself():
    normal = unit([1.0, -2.0, 0.5])
    right, up = in_the_plane(normal)
    assert dot(right, normal) == pytest.approx(0)
    assert dot(up, normal) == pytest.approx(0)
    assert (dot(right, right), dot(up, up)) == (pytest.approx(1), pytest.approx(1))
    points, labels = separable_points(20, seed=1)
    weights = [*(3 * n for n in normal), 0.6]
    line = edge_on(points, labels, weights)["plane"]
    assert line.ys == pytest.approx([-0.2, -0.2])


def test_networks_side_by_side_are_networks():
    xdl.manual_seed(2)
    networks = Networks(3, 2, 4, nn.Tanh)
    x = tensor(xor()[0])
    for k, logits in enumerate(networks(x).tolist()):
        alone = (x @ networks.w1[k] + networks.b1[k]).tanh() @ networks.w2[k] + networks.b2[k]
        assert logits == pytest.approx(alone.reshape(-1).tolist(), abs=1e-6)
    assert abs(networks.w2.numpy()).max() <= 1 / sqrt(4)


def test_numerical_gradients_are_those_of_back_propagation():
    xdl.manual_seed(1)
    model = MLP((2, 3, 3), nn.Tanh).double()
    points, labels = separable_points(9)
    loss, parameters = loss_of(model, points[:, :2], labels), list(model.parameters())
    before = [p.tolist() for p in parameters]
    for one, other in zip(numerical(loss, parameters, 1e-5), back_propagated(loss, parameters, 1e-5), strict=True):
        assert one.numpy() == pytest.approx(other.numpy(), abs=1e-9)
    assert [p.tolist() for p in parameters] == before


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_a_budget_is_spent_and_not_exceeded(depth):
    sizes = sizes_of(depth, 500)
    assert len(sizes) == depth + 2
    wider = (2, *[sizes[1] + 1] * depth, 3)
    assert parameters_of(sizes) <= 500 < parameters_of(wider)
    assert parameters_of(sizes) == sum(p.numel() for p in MLP(sizes).parameters())


def test_the_experiments_show_what_they_are_there_to_show(tmp_path):
    found, figures = run("perceptron", tmp_path, orders=2)
    assert found["most_mistakes"] <= found["bound"]
    assert figures == {"plane", "mistakes", "proof"}
    found, figures = run("xor", tmp_path, trainings=20, steps=300, hidden="2,8")
    few, many = (row["share that fails"] for row in found["networks"][:2])
    assert many < few
    assert found["circle"] == 4
    assert figures == {"failures", "regions"}
    found, figures = run("numerical-training", tmp_path, steps=20, repeats=1, samples=10, widths="2,4")
    assert found["weight_difference"] < 1e-6
    assert figures == {"losses", "regions", "times"}
    found, figures = run("width-depth", tmp_path, seeds=1, steps=150, depths="1,2")
    none, one, two = (row["new points right"] for row in found["networks"])
    assert none < min(one, two)
    assert figures == {"depth", "regions"}
