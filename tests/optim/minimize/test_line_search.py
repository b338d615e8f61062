"""The search along a line keeps its conditions, and what the last steps tell is what BFGS says."""

import math

import numpy as np
import pytest

from xdl.optim.minimize.history import History, curvature_along
from xdl.optim.minimize.line_search import Trial, cubic_minimum, strong_wolfe

LINES = {
    "parabola": (lambda t: (t - 3) ** 2, lambda t: 2 * (t - 3)),
    "far": (lambda t: (t - 3000) ** 2, lambda t: 2 * (t - 3000)),
    "near": (lambda t: (t - 1e-4) ** 2, lambda t: 2 * (t - 1e-4)),
    "waves": (lambda t: t * t / 200 - math.sin(t), lambda t: t / 100 - math.cos(t)),
    "more and thuente": (lambda t: -t / (t * t + 2), lambda t: (t * t - 2) / (t * t + 2) ** 2),
    "steep": (lambda t: (t + 0.004) ** 5 - 2 * (t + 0.004) ** 4, lambda t: 5 * (t + 0.004) ** 4 - 8 * (t + 0.004) ** 3),
}


def searched(f, slope, t, **settings):
    tried = []

    def phi(t):
        tried.append(t)
        return Trial(t, f(t), slope(t), None)

    start = Trial(0.0, f(0.0), slope(0.0), None)
    return start, strong_wolfe(phi, t, start, **settings), tried


@pytest.mark.parametrize("c2", [0.9, 0.1])
@pytest.mark.parametrize("t", [1e-3, 0.1, 1.0, 30.0])
@pytest.mark.parametrize("name", LINES)
def test_the_conditions_hold(name, t, c2):
    start, found, tried = searched(*LINES[name], t, c2=c2)
    assert found.f <= start.f + 1e-4 * found.t * start.slope
    assert abs(found.slope) <= -c2 * start.slope
    assert len(tried) <= 20


def test_a_good_first_step_is_the_only_one():
    _, found, tried = searched(*LINES["parabola"], 3.0)
    assert (found.t, tried) == (3.0, [3.0])


def test_the_most_evaluations():
    for most in (0, 1, 4):
        start, found, tried = searched(*LINES["far"], 1e-3, most=most)
        assert len(tried) == most + 1
        assert found.f < start.f


@pytest.mark.parametrize("beyond", [math.nan, math.inf])
def test_what_is_not_finite_is_too_far(beyond):
    start, found, _ = searched(lambda t: (t - 1) ** 2 if t < 2 else beyond, lambda t: 2 * (t - 1), 1000.0)
    assert found.f < 0.9 * start.f


def test_a_line_that_only_goes_up_gives_the_start():
    _, found, _ = searched(lambda t: t, lambda _: -1.0, 1.0, width=1e-9)
    assert found.t == 0.0


def test_the_cubic_through_two_points():
    def f(t):
        return t**3 - 3 * t

    def slope(t):
        return 3 * t * t - 3

    trials = [Trial(t, f(t), slope(t), None) for t in (-0.5, 3.0)]
    assert abs(cubic_minimum(*trials, -9, 9) - 1) < 1e-12
    assert cubic_minimum(*reversed(trials), -9, 9) == cubic_minimum(*trials, -9, 9)
    assert cubic_minimum(*trials, 1.5, 9) == 1.5
    assert cubic_minimum(trials[0], trials[0], 0, 3) == 1.5
    assert cubic_minimum(trials[0], trials[1]._replace(f=math.inf), 0, 3) == 1.5


def test_history_is_bfgs_of_the_last_steps():
    random = np.random.RandomState(0)
    a = random.standard_normal((5, 5))
    a = a @ a.T + np.eye(5)
    history, pairs = History(3), []
    for _ in range(6):
        s = random.standard_normal(5)
        pairs.append((s, a @ s))
        s, y = pairs[-1]
        history.add(s, y, s @ y)
    h = np.eye(5) * (s @ y) / (y @ y)
    for s, y in pairs[-3:]:
        left = np.eye(5) - np.outer(s, y) / (s @ y)
        h = left @ h @ left.T + np.outer(s, s) / (s @ y)
    v = random.standard_normal(5)
    np.testing.assert_allclose(history.product(v), h @ v, rtol=1e-12)
    np.testing.assert_allclose(curvature_along(s, y), s @ y, rtol=1e-12)
    assert curvature_along(1e-9 * s, 1e-9 * y) > 0
    assert curvature_along(s, -y) == 0
    history.clear()
    assert history.product(v).tolist() == v.tolist()
