"""Winograd's algorithm: its matrices, and what rounding costs, compiled and by NumPy."""

import numpy as np
import pytest

from xdl import backend, kernel_options
from xdl.functional.conv.conv import Geometry
from xdl.kernels.common import toom_cook

backend.load("numpy")

if not kernel_options.compiled_wanted():
    pytest.skip("no compiled kernels", allow_module_level=True)

from xdl.kernels.numba.conv import patches, winograd  # noqa: E402
from xdl.kernels.numpy.conv import winograd as by_numpy  # noqa: E402

ONE = Geometry((1, 1), (1, 1), (1, 1), 1)


@pytest.mark.parametrize(("m", "r"), [(m, r) for r in (2, 3, 5) for m in (2, 3, 4) if m + r - 2 in toom_cook.POINTS])
def test_the_matrices_give_the_sums_that_are_wanted(m, r):
    d, g = np.random.default_rng(0).standard_normal((2, m + r - 1))
    a, b, of_filters = toom_cook.matrices(m, r)
    expected = [sum(d[i + j] * g[j] for j in range(r)) for i in range(m)]
    np.testing.assert_allclose(a @ ((of_filters @ g[:r]) * (b @ d)), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("points", toom_cook.POINTS)
def test_matrices_of_images_and_outputs_are_exact_in_float32(points):
    a, b, _ = toom_cook.matrices(points - 1, 3) if points > 2 else toom_cook.matrices(2, 2)
    for matrix in (a, b):
        np.testing.assert_array_equal(matrix.astype(np.float32), matrix)


def cast(arguments, dtype):
    return [a.astype(dtype) if isinstance(a, np.ndarray) else a for a in arguments]


@pytest.mark.parametrize("way", [winograd, by_numpy])
def test_rounding_loses_less_than_a_millionth(way):
    draw = np.random.default_rng(0).standard_normal
    x, w, g = draw((2, 64, 16, 16)), draw((64, 64, 3, 3)) / 24, draw((2, 64, 16, 16))
    for product, arguments in (
        ("forward", (x, w, None)),
        ("input_grad", (g, w, x.shape)),
        ("weight_grad", (g, x, w.shape)),
    ):
        single = [a.astype(np.float32) if isinstance(a, np.ndarray) else a for a in arguments]
        exact = getattr(patches, product)(
            *(a.astype(np.float64) if isinstance(a, np.ndarray) else a for a in single), ONE
        )
        error = getattr(way, product)(*single, ONE) - exact
        assert np.sqrt(np.mean(error**2) / np.mean(exact**2)) < 1e-6, product  # twice that with points of 2 and -2
