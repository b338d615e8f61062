"""Dropout: the same mask from every version, the right rate and scale, gradients of both orders."""

import numpy as np
import pytest

from xdl import backend, random
from xdl.errors import DtypeError, SettingError
from xdl.functional.elementwise.dropout import LANES, dropout, dropout_pair
from xdl.gradcheck import gradcheck, gradgradcheck
from xdl.kernels.numpy import dropout as dropout_numpy
from xdl.tape import grad
from xdl.tensor import Tensor

KEY = (11, 12)
SHAPES = [(), (0,), (1,), (31,), (32,), (33,), (5, 0, 2), (4, 3, 17)]


def by_hand(x, drop, step):
    """Dropout from numpy.random.Philox and plain arithmetic: (y, keep)."""
    generator = np.random.Philox(key=np.array(KEY, dtype=np.uint64), counter=np.array([0, step, 0, 0], dtype=np.uint64))
    lanes = [
        (word >> shift) & 0xFFFF for word in generator.random_raw(-(-x.size // 4)).tolist() for shift in (0, 16, 32, 48)
    ]
    keep = (np.array(lanes[: x.size], dtype=np.int64) >= drop).reshape(x.shape)
    return x * (keep * x.dtype.type(LANES / (LANES - drop))), keep


def values(shape, dtype="float32", seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("drop", [1, 6554, 32768, LANES - 1])
def test_all_versions_agree_bit_for_bit(strict, shape, dtype, drop):
    x, g = np.asarray(values(shape, dtype)), np.asarray(values(shape, dtype, 1))
    y, keep = by_hand(x, drop, 5)
    chosen = dropout_pair(x, drop, KEY, 5)[0]
    assert chosen.name == "dropout_pair_numpy"
    runs = [
        (chosen, x, g),
        (dropout_pair.reference, x, g),
        (dropout_pair.reference, strict.asarray(x), strict.asarray(g)),
    ]
    for version, a, b in runs:
        found, saved = version.forward(a, drop, KEY, 5)
        (dx,) = version.backward(b, saved, (True,))
        for array, expected in [(found, y), (saved[0], keep), (dx, g * (keep * g.dtype.type(LANES / (LANES - drop))))]:
            assert np.asarray(array).dtype == expected.dtype
            assert array.shape == expected.shape
            np.testing.assert_array_equal(np.asarray(array), expected)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_large_masks_do_not_depend_on_the_number_of_threads(threads_set, threads):
    threads_set(threads)
    x = values(dropout_numpy.LONG + dropout_numpy.BLOCK // 2 + 3)
    y, saved = dropout_pair(x, 6554, KEY, 1)[1:]
    expected, keep = dropout_pair.reference.forward(x, 6554, KEY, 1)
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_array_equal(saved[0], keep[0])
    (dx,) = dropout_numpy.dropout_pair_numpy.backward(x, saved, (True,))
    np.testing.assert_array_equal(dx, y)


@pytest.mark.parametrize(
    "strided",
    [lambda x: x[::-2], lambda x: x.T, lambda x: x[:, 1:4], lambda x: np.broadcast_to(x[:1], x.shape)],
    ids=["step -2", "transposed", "cut", "broadcast"],
)
def test_the_mask_follows_the_elements_not_the_memory(strided):
    x = strided(values((40, 30)))
    y, saved = dropout_pair(x, 20000, KEY, 3)[1:]
    np.testing.assert_array_equal(y, by_hand(x, 20000, 3)[0])
    (dx,) = dropout_numpy.dropout_pair_numpy.backward(x, saved, (True,))
    np.testing.assert_array_equal(dx, y)


@pytest.mark.parametrize("p", [0.1, 0.25, 0.5, 0.9])
def test_rate_scale_and_mean(p):
    y = dropout(Tensor(np.ones((1000, 1000), np.float32)), p).numpy()
    kept = y != 0
    std = (p * (1 - p) / y.size) ** 0.5
    assert abs(kept.mean() - (1 - p)) < 4 * std + 2**-17
    assert np.unique(y[kept]).size == 1
    assert y.max() == pytest.approx(1 / (1 - p), rel=2**-16 / (1 - p))
    assert abs(y.mean() - 1) < 4 * std / (1 - p)
    assert np.corrcoef(kept[:, :-1].ravel(), kept[:, 1:].ravel())[0, 1] == pytest.approx(0, abs=0.005)


def test_p_beside_the_ends_still_drops_and_keeps():
    x = Tensor(np.ones(1_000_000, np.float32))
    nearly_none = dropout(x, 1e-9).numpy()
    assert 0 < (nearly_none == 0).sum() < 50
    nearly_all = dropout(x, 1 - 1e-9).numpy()
    assert 0 < (nearly_all != 0).sum() < 50
    assert nearly_all.max() == LANES


def test_the_ends_and_evaluation():
    x = Tensor(values((3, 4)), requires_grad=True)
    before = random.get_state()
    assert dropout(x, 0.0) is x
    assert dropout(x, 0.7, training=False) is x
    y = dropout(x, 1.0)
    y.sum().backward()
    assert not y.numpy().any()
    assert not x.grad.numpy().any()
    assert random.get_state() == before  # no step was taken


def test_each_call_draws_another_mask_and_a_seed_repeats_it():
    x = Tensor(np.ones(64, np.float32))
    first, second = dropout(x).tolist(), dropout(x).tolist()
    assert first != second
    random.manual_seed(0)
    assert [dropout(x).tolist(), dropout(x).tolist()] == [first, second]
    random.manual_seed(1)
    assert dropout(x).tolist() != first


def test_a_strict_tensor_gets_the_same_mask_and_gradient(strict, monkeypatch):
    results = []
    for owner in (backend.load("numpy"), strict):
        random.manual_seed(3)
        x = Tensor(owner.asarray(values((6, 7))), requires_grad=True)
        y = dropout(x, 0.3)
        y.backward(Tensor(owner.asarray(values((6, 7), seed=1))))
        results.append((y.tolist(), x.grad.tolist()))
    assert results[0] == results[1]


def same_mask(x):
    random.stream("dropout").step = 5
    return dropout(x * x * x, 0.4)


def test_gradients_of_both_orders():
    x = Tensor(values((5, 9), "float64"), requires_grad=True)
    assert gradcheck(same_mask, [x])
    assert gradgradcheck(same_mask, [x])


def test_second_order_reuses_the_mask():
    x = Tensor(values(50, "float64"), requires_grad=True)
    y = dropout(x, 0.4)
    step = random.stream("dropout").step
    g = Tensor(np.ones(50), requires_grad=True)
    (first,) = grad(y, x, g, retain_graph=True)
    (dx,) = grad(y, x, g, create_graph=True)
    (dg,) = grad(dx.sum(), g)
    assert random.stream("dropout").step == step
    np.testing.assert_array_equal(first.numpy() * x.numpy(), y.numpy())
    np.testing.assert_array_equal(dx.numpy(), first.numpy())
    np.testing.assert_array_equal(dg.numpy(), first.numpy())


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan"), "0.5", None])
def test_p_outside_0_to_1_is_refused(p):
    with pytest.raises(SettingError, match="0 <= p <= 1"):
        dropout(Tensor(values(3)), p, training=False)


def test_integers_are_refused():
    with pytest.raises(DtypeError, match="dropout"):
        dropout(Tensor(np.arange(3)))
