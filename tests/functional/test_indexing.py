"""Indexing is NumPy's: every mix of integers, slices, None, ..., index arrays and masks, read and written."""

import numpy as np
import pytest

import xdl
from xdl.errors import DataError, DtypeError, GraphError, ShapeError

K, J = np.array([1, 0, -1]), np.array([[2], [0]])
MASK = np.array([[True, False, True], [False, True, True]])
KEYS = [
    K,
    (K, K),
    (K, J),
    (J - 1, slice(None), K),
    (slice(None), K, J),
    (slice(None), K, slice(1, 3)),
    (0, K),
    (K, 0),
    (0, slice(None), K),
    (K, slice(None), 1),
    (..., K),
    (K, ..., J),
    (None, K, J),
    (K, None, J),
    (K, J, None),
    (slice(None, None, -1), K, ..., None),
    (slice(1, None), J, slice(None, None, 2)),
    (1, J, 3),
    (K, K, K),
    [1, 0],
    ([1, 0], [[2], [1]]),
    (slice(None), [0, 2]),
    [],
    (np.array(1), slice(None), K),
    np.array(1),
    (np.int64(1), 2),
    np.zeros((0, 2), np.int64),
    MASK,
    (MASK, K[0]),
    (MASK, slice(1, 3)),
    (slice(None), np.array([True, False, True])),
    (slice(None), np.array([True, False, True]), K[:2]),
    (0, np.array([True, False, True]), [3, 1]),
    np.zeros((2, 3), bool),
    (..., np.array([True, False, True, True])),
    np.arange(24).reshape(2, 3, 4) % 5 == 0,
]


def ours(key):
    """The key with Tensors for arrays."""
    if isinstance(key, tuple):
        return tuple(ours(part) for part in key)
    return xdl.Tensor(key) if isinstance(key, np.ndarray) else key


def values():
    return np.arange(24.0).reshape(2, 3, 4)


@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_reading(key):
    expected = values()[key]
    np.testing.assert_array_equal(xdl.Tensor(values())[ours(key)].numpy(), expected)
    np.testing.assert_array_equal(xdl.Tensor(values())[key].numpy(), expected)


@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_gradient_goes_where_the_values_came_from(key):
    x = xdl.Tensor(values(), requires_grad=True)
    y = x[ours(key)]
    g = np.arange(1.0, y.array.size + 1).reshape(y.shape)
    y.backward(xdl.Tensor(g))
    expected = np.zeros((2, 3, 4))
    np.add.at(expected, key, g)
    np.testing.assert_array_equal(x.grad.numpy(), expected)


@pytest.mark.parametrize("mode", ["auto", "reference"])
@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_writing(key, mode):
    xdl.kernel.set_mode(mode)
    for full in (False, True):
        expected, x = values(), xdl.Tensor(values())
        new = -np.arange(1.0, expected[key].size + 1).reshape(expected[key].shape) if full else np.array(-7.0)
        expected[key] = new
        x[ours(key)] = xdl.Tensor(new)
        np.testing.assert_array_equal(x.numpy(), expected)


def test_writing_counts_for_the_tape():
    x = xdl.Tensor(values(), requires_grad=True)
    with pytest.raises(GraphError):
        x[xdl.tensor([0])] = 1.0
    with xdl.no_grad():
        x[xdl.tensor([0])] = 1.0
    weight, y = xdl.tensor([1.0, 2.0], requires_grad=True), xdl.tensor([3.0, 4.0])
    product = (weight * y).sum()
    y[y > 3] = 0
    with pytest.raises(GraphError):
        product.backward()


def test_a_basic_key_gives_a_view_and_an_index_array_a_copy():
    x = xdl.Tensor(values())
    view, copy = x[0, :, ::2], x[xdl.tensor([0])]
    x[...] = 1.0
    assert view.numpy().min() == 1
    assert copy.numpy().min() == 0


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (ShapeError, 2),
        (ShapeError, (0, 0, 0, 0)),
        (ShapeError, (K, K, K, K)),
        (ShapeError, np.array([True, False, True])),
        (ShapeError, (slice(None), MASK)),
        (ShapeError, (np.array([0, 1]), np.array([0, 1, 0]))),
        (DtypeError, 1.0),
        (DtypeError, True),
        (DtypeError, np.array(True)),
        (DtypeError, "a"),
        (DtypeError, np.array([1.0])),
        (DtypeError, (..., ...)),
        (DataError, np.array([0, 2])),
        (DataError, np.array([-3])),
        (DataError, (slice(None), [[3]])),
    ],
    ids=repr,
)
def test_wrong_keys(error, key):
    x = xdl.Tensor(values())
    with pytest.raises(error):
        x[ours(key)]
    with pytest.raises(error):
        x[ours(key)] = 0.0
    np.testing.assert_array_equal(x.numpy(), values())


def test_wrong_values():
    x = xdl.Tensor(values())
    for error, key, value in (
        (ShapeError, xdl.tensor([0, 1]), xdl.Tensor(np.zeros((3, 4, 4)))),
        (ShapeError, (0, 0, 0), xdl.Tensor(np.zeros(2))),
        (ShapeError, xdl.Tensor(MASK), xdl.Tensor(np.zeros((2, 4)))),
        (DtypeError, xdl.tensor([0, 1]), "1"),
    ):
        with pytest.raises(error):
            x[key] = value
    np.testing.assert_array_equal(x.numpy(), values())


def test_uint8_tensors_are_masks_as_in_pytorch():
    x, mask = xdl.arange(4), xdl.tensor([1, 0, 3, 0], dtype="uint8")
    assert x[mask].tolist() == [0, 2]
    assert xdl.where(mask, x, -1).tolist() == [0, -1, 2, -1]
    x[mask] = 9
    assert x.tolist() == [9, 1, 9, 3]
    assert x[[1, 0]].tolist() == [1, 9]
