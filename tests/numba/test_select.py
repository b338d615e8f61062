"""Sums into places, a job at a time: each writes its own places, whatever memory held, and leaves those of others."""

import numpy as np
import pytest

from xdl import backend

pytest.importorskip("numba")

backend.load("numpy")

from xdl.kernels.numba import select  # noqa: E402


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_job_writes_its_own_places_and_no_others(dtype):
    random = np.random.default_rng(0)
    x, ids = random.standard_normal((2, 40, 3)).astype(dtype), random.integers(0, 10, 40)
    expected = np.zeros((2, 10, 3), dtype)
    for i, v in enumerate(ids):
        expected[:, v] += x[:, i]
    for low, high in ((0, 4), (4, 9), (9, 10), (5, 5)):
        y = np.full((2, 10, 3), 7, dtype)
        select.sum_at[x.dtype](np.array([[low, high]]), x, ids, y)
        np.testing.assert_array_equal(y[:, low:high], expected[:, low:high])
        y[:, low:high] = 7
        assert (y == 7).all()


@pytest.mark.parametrize("kind", ["int32", "int64", "uint8"])
def test_indices_of_all_types_and_with_gaps_between_them(kind):
    w, ids = np.random.default_rng(0).standard_normal((10, 3)), np.arange(20).astype(kind)[::2] // 2
    y, saved = select.embedding_compiled.forward(w, ids)
    np.testing.assert_array_equal(y, w[ids])
    np.testing.assert_array_equal(select.embedding_compiled.backward(y, saved, (True, False))[0], w)
    np.testing.assert_array_equal(select.sum_at_compiled.forward(y[None], ids, 10)[0][0], w)
