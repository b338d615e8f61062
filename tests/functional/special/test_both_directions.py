"""Both directions of a recurrence as one node: values and gradients of two recurrences, and what is refused."""

import numpy as np
import pytest

import xdl
from xdl.errors import SettingError, ShapeError
from xdl.functional import cat, recurrence
from xdl.functional.recurrent.both_directions import both_directions
from xdl.functional.recurrent.cells import CELLS
from xdl.functional.recurrent.recurrence import RecurrencePair, recurrence_pair

T, N, INPUTS, H = 3, 3, 2, 2
SIZES = (None, (3, 2, 1))


def leaf(*shape):
    return xdl.randn(*shape, dtype="float64", requires_grad=True)


def direction(name, outputs=None):
    """h, c, w_ih, w_hh, b_ih, b_hh, w_hr, p."""
    cell, k = CELLS[name], outputs or H
    rows = cell.gates * H
    c = leaf(N, H) if cell.remembers else None
    biases = leaf(rows), leaf(rows)
    w_hr, p = leaf(k, H) if outputs else None, leaf(cell.peepholes, H) if cell.peepholes else None
    return [leaf(N, k), c, leaf(rows, INPUTS), leaf(rows, k), *biases, w_hr, p]


def given(name, outputs=None):
    return leaf(T, N, INPUTS), direction(name, outputs), direction(name, outputs)


def results(y, *states):
    return [y, *[t for state in states for t in state if t is not None]]


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize(("name", "outputs"), [*[(name, None) for name in CELLS], ("lstm", 1)])
def test_equals_two_recurrences(name, outputs, sizes):
    x, one, other = given(name, outputs)
    leaves = [t for t in (x, *one, *other) if t is not None]
    (y, *last), (y_back, *last_back) = (recurrence(name, x, *w, sizes, w is other) for w in (one, other))
    expected = results(cat([y, y_back], 2), last, last_back)
    found = results(*both_directions(name, x, one, other, sizes))
    factors = [xdl.randn(*t.shape, dtype="float64") for t in expected]
    gradients = [
        xdl.grad(sum((t * k).sum() for t, k in zip(ts, factors, strict=True)), leaves) for ts in (found, expected)
    ]
    assert [t.tolist() for t in found] == [t.tolist() for t in expected]
    assert [g.tolist() for g in gradients[0]] == [g.tolist() for g in gradients[1]]


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("name", ["lstm_peephole", "gru"])
def test_gradients_of_both_orders(name, sizes):
    x, one, other = given(name)
    names = [[i for i, t in enumerate(w) if t is not None] for w in (one, other)]

    def call(x, *rest):
        parts = []
        for places in names:
            taken, rest = rest[: len(places)], rest[len(places) :]
            parts.append([taken[places.index(i)] if i in places else None for i in range(8)])
        return tuple(results(*both_directions(name, x, *parts, sizes)))

    leaves = [x, *[t for w in (one, other) for t in w if t is not None]]
    assert xdl.gradcheck(call, leaves)
    assert xdl.gradgradcheck(call, leaves)


@pytest.mark.parametrize("used", range(5))
def test_one_result_alone_has_gradients(used):
    x, one, other = given("lstm")
    (y, *last), (y_back, *last_back) = (recurrence("lstm", x, *w, None, w is other) for w in (one, other))
    leaves = [t for t in (x, *one, *other) if t is not None]
    expected = xdl.grad(results(cat([y, y_back], 2), last, last_back)[used].sum(), leaves)
    found = xdl.grad(results(*both_directions("lstm", x, one, other))[used].sum(), leaves)
    for got, wanted in zip(found, expected, strict=True):
        assert (got is None) == (wanted is None)
        assert got is None or got.tolist() == wanted.tolist()


def test_only_the_weights_of_one_direction_need_gradients():
    x, one, other = given("gru")
    x, one = x.detach(), [None if t is None else t.detach() for t in one]
    y, *_ = both_directions("gru", x, one, other)
    y.sum().backward()
    assert x.grad is None
    assert other[2].grad.array.any()


def test_gradients_of_a_version_that_users_registered_stay_theirs():
    kept = []

    class Noted(RecurrencePair):
        """Keeps the gradients that it gives, and a copy of them."""

        @staticmethod
        def backward(g, saved, needs):
            ds = RecurrencePair.backward(g, saved, needs)
            kept.append((ds, [None if d is None else d.copy() for d in ds]))
            return ds

    Noted.__module__ = "users"
    x, one, other = given("gru")
    recurrence_pair.register("numpy")(Noted)
    try:
        y, *_ = both_directions("gru", x, one, other)
        (y.sum() + sum(t.sum() for t in (x, *one[2:6]))).backward()
    finally:
        versions = recurrence_pair.versions["numpy"]
        versions[:] = [v for v in versions if v.name != "Noted"]
        recurrence_pair.forget()
    assert len(kept) == 2
    for ds, copies in kept:
        assert all(d is None or np.array_equal(d, copy) for d, copy in zip(ds, copies, strict=True))


def test_what_does_not_fit_is_refused():
    x, one, other = given("gru")
    with pytest.raises(SettingError, match="a cell among"):
        both_directions("gur", x, one, other)
    with pytest.raises(ShapeError, match="8 tensors"):
        both_directions("gru", x, one[:-1], other)
    with pytest.raises(ShapeError, match="weight_ih"):
        both_directions("gru", x, one, [*other[:2], leaf(3 * H, INPUTS + 1), *other[3:]])
    with pytest.raises(ShapeError, match="in reverse too"):
        both_directions("gru", x, one, [*other[:4], None, None, *other[6:]])
    with pytest.raises(ShapeError, match="falling sizes"):
        both_directions("gru", x, one, other, (1, 2, 3))
