"""Windows beside PyTorch's."""

import numpy as np
import pytest

import xdl
from xdl.errors import DtypeError, ShapeError

NAMES = ("bartlett_window", "blackman_window", "hamming_window", "hann_window")


@pytest.mark.torch
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n", [0, 1, 2, 7, 400])
@pytest.mark.parametrize("periodic", [True, False])
def test_windows_are_those_of_pytorch(name, n, periodic):
    import torch

    for dtype in ("float32", "float64"):
        found = getattr(xdl, name)(n, periodic, dtype=dtype)
        expected = getattr(torch, name)(n, periodic, dtype=getattr(torch, dtype))
        assert found.dtype == dtype
        np.testing.assert_allclose(found.numpy(), expected.numpy(), atol=1e-6 if dtype == "float32" else 1e-12)


def test_windows_by_hand():
    np.testing.assert_allclose(xdl.hann_window(4).numpy(), [0, 0.5, 1, 0.5], atol=1e-7)
    np.testing.assert_allclose(xdl.hann_window(3, False).numpy(), [0, 1, 0], atol=1e-7)
    np.testing.assert_allclose(xdl.bartlett_window(4).numpy(), [0, 0.5, 1, 0.5], atol=1e-7)
    np.testing.assert_allclose(xdl.hamming_window(2, alpha=0.6, beta=0.3).numpy(), [0.3, 0.9], atol=1e-7)
    assert xdl.blackman_window(1).tolist() == [1.0]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_window_is_refused(name):
    for n in (-1, 2.5):
        with pytest.raises(ShapeError):
            getattr(xdl, name)(n)
    with pytest.raises(DtypeError):
        getattr(xdl, name)(3, dtype="int64")
