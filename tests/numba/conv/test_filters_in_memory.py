"""Compiled convolutions take filters however they lie in memory, such as nobody may write, too."""

import numpy as np
import pytest

from xdl import backend, kernel_options
from xdl.functional.conv.conv import Conv2dInputGradReference, Conv2dPair, Geometry

backend.load("numpy")

if not kernel_options.compiled_wanted():
    pytest.skip("no compiled kernels", allow_module_level=True)

from xdl.kernels.numba.conv import images, patches, spread, taps, winograd  # noqa: E402

GEOMETRY = Geometry((1, 1), (1, 1), (1, 1), 1)
DRAW = np.random.default_rng(0).standard_normal
X, G, W = (DRAW(shape).astype("float32") for shape in ((64, 16, 5, 4), (64, 32, 5, 4), (32, 16, 3, 3)))


def arranged(order):
    """The filters with their dimensions in this order in memory."""
    return np.ascontiguousarray(W.transpose(order)).transpose(np.argsort(order))


def read_only():
    w = W.copy()
    w.flags.writeable = False
    return w


def shifted():
    """Not at a multiple of four bytes."""
    memory = np.zeros(W.nbytes + 1, np.uint8)
    w = memory[1:].view(W.dtype).reshape(W.shape)
    w[...] = W
    return w


FILTERS = {
    "channels last": arranged((0, 2, 3, 1)),
    "filters last": arranged((1, 2, 3, 0)),
    "turned": arranged((3, 2, 1, 0)),
    "backwards": W[::-1, ::-1].copy()[::-1, ::-1],
    "read-only": read_only(),
    "unaligned": shifted(),
}


@pytest.mark.parametrize("label", FILTERS)
@pytest.mark.parametrize("way", [winograd, taps, patches, images, spread], ids=lambda way: way.__name__.split(".")[-1])
def test_any_memory(way, label):
    w = FILTERS[label]
    if way is not spread:
        expected, _ = Conv2dPair.forward(X, W, None, GEOMETRY)
        np.testing.assert_allclose(way.forward(X, w, None, GEOMETRY), expected, rtol=1e-3, atol=1e-3)
    expected, _ = Conv2dInputGradReference.forward(G, W, X.shape, GEOMETRY)
    np.testing.assert_allclose(way.input_grad(G, w, X.shape, GEOMETRY), expected, rtol=1e-3, atol=1e-3)
