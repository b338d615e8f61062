"""Arrays in another order of memory: the same values, in C order, and without a copy where they lie so."""

from itertools import permutations

import numpy as np
import pytest

from xdl.kernels.common.memory_order import memory_order
from xdl.kernels.common.turning import turned

SHAPES = [(64, 3, 16, 16), (16, 32, 4, 8), (17, 16, 8, 4), (64, 64, 1, 1), (3, 0, 4, 4), (1, 1, 1, 1), (64, 1, 28, 28)]


def laid_out(shape, order):
    x = np.arange(np.prod(shape), dtype=np.float32).reshape([shape[d] for d in order])
    return x.transpose(np.argsort(order))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("source", [*permutations(range(4))])
def test_four_dimensions(shape, source):
    x = laid_out(shape, source)
    for order in permutations(range(4)):
        y = turned(x, order)
        assert y.flags.carray
        np.testing.assert_array_equal(y, x.transpose(order))


@pytest.mark.parametrize("shape", [(32, 5, 64), (64, 16), (32, 256)])
def test_fewer_dimensions(shape):
    for source in permutations(range(len(shape))):
        x = laid_out(shape, source)
        for order in permutations(range(len(shape))):
            np.testing.assert_array_equal(turned(x, order), x.transpose(order))


def test_a_view_where_nothing_is_to_do():
    x = laid_out((64, 16, 8, 8), (0, 2, 3, 1))
    assert memory_order(x) == [0, 2, 3, 1]
    assert np.shares_memory(turned(x, (0, 2, 3, 1)), x)
    assert not np.shares_memory(turned(x, (1, 2, 3, 0)), x)


def test_with_gaps_in_memory_and_read_only():
    x = np.arange(64 * 8 * 20 * 16.0).reshape(64, 8, 20, 16)[:, :, ::2]
    x.flags.writeable = False
    y = turned(x, (1, 2, 3, 0))
    assert y.flags.writeable
    np.testing.assert_array_equal(y, x.transpose(1, 2, 3, 0))
    dense = np.ascontiguousarray(x)
    dense.flags.writeable = False
    assert not np.shares_memory(turned(dense, (0, 1, 2, 3)), dense)
