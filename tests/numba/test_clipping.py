"""Compiled clipping and the steps of matrices where the shared cases do not lead: memory, many threads, large sizes."""

from math import inf

import numpy as np
import pytest

from xdl import backend, kernel, threads
from xdl.kernels.numba.products import symmetric
from xdl.optim.clip_slots import limit_parts, parts_norm, scale_parts
from xdl.optim.muon import MuonPlace, muon_update

backend.load("numpy")


def chosen(slot, *args):
    return slot(*args)[0].name


def made(shape=(70, 1001), seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("p", [1, 2, inf])
def test_gradients_are_read_and_written_in_the_order_of_their_memory(p):
    parts, norm = [made(), made().T, made((2, 3, 4, 5)).transpose(0, 3, 1, 2)], np.zeros((), np.float32)
    assert chosen(parts_norm, norm, parts, p) == "parts_norm_compiled"
    every = np.concatenate([x.ravel() for x in parts]).astype(np.float64)
    np.testing.assert_allclose(norm, np.linalg.norm(every, p), rtol=1e-6)
    assert chosen(scale_parts, np.float32(2), parts, 1.0) == "scale_parts_compiled"
    assert chosen(limit_parts, parts[1], [parts[0], parts[2]], 0.3) == "limit_parts_compiled"
    after = np.concatenate([x.ravel() for x in parts])
    np.testing.assert_allclose(after, np.clip(every / 2, -0.3, 0.3), rtol=1e-5)


@pytest.mark.parametrize("other", [np.broadcast_to(np.float32(1), (3, 4)), made()[::2], np.zeros(3)])
def test_arrays_with_gaps_and_of_two_types_are_left_to_numpy(other):
    norm = np.zeros((), np.float32)
    assert chosen(parts_norm, norm, [made(), other], 2) == "reference"
    assert not limit_parts.versions["numpy"][0].when(made(), [other], 1.0)
    assert not scale_parts.versions["numpy"][0].when(norm, [made(), other], 1.0)


@pytest.mark.parametrize("value", [np.nan, -np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("p", [1, 2, inf])
def test_a_norm_keeps_what_is_no_number(p, value):
    x, norm = made((100,)), np.zeros((), np.float32)
    x[37] = value
    parts_norm(norm, [x], p)
    np.testing.assert_equal(float(norm), abs(value) if np.isinf(value) else np.nan)
    with np.errstate(invalid="ignore"):
        scale_parts(norm, [x], 1.0)
    assert np.isnan(x[37])
    assert np.isnan(x).all() == np.isnan(value)


def test_gradients_that_are_short_enough_are_not_written():
    x = made()
    before = x.copy()
    scale_parts(np.asarray(0.5, np.float32), [x], 1.0)
    np.testing.assert_array_equal(x, before)
    scale_parts(np.asarray(np.nan, np.float32), [x], 1.0)
    assert np.isnan(x).all()


def test_an_array_given_twice_is_scaled_twice(monkeypatch):
    monkeypatch.setattr("xdl.kernels.numba.sharing.WORTH", 0)
    monkeypatch.setattr("xdl.kernels.numba.sharing.FORK", 0)
    x, norm = made(), np.asarray(2, np.float32)
    twice = x / 4
    scale_parts(norm, [x, x], 1.0)
    np.testing.assert_allclose(x, twice, rtol=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_bit_of_long_norms_depends_on_the_threads(dtype):
    x, bits = np.random.default_rng(3).standard_normal(1_000_003).astype(dtype), set()
    for count in (1, 2, 3, 7):
        threads.set_num_threads(count)
        norm = np.zeros((), dtype)
        parts_norm(norm, [x, x[:70_001]], 2)
        bits.add(norm.tobytes())
    assert len(bits) == 1


@pytest.mark.parametrize("transposed", [False, True])
def test_a_symmetric_product_is_made_of_blocks(transposed, monkeypatch):
    monkeypatch.setattr("xdl.kernels.numba.products.PIECE", 1 << 10)
    monkeypatch.setattr("xdl.kernels.numba.products.ROWS", 16)
    a, bits = made((131, 77)), set()
    a = np.asfortranarray(a) if transposed else a
    for count in (1, 2, 3):
        threads.set_num_threads(count)
        y = symmetric(a)
        bits.add(y.tobytes())
        np.testing.assert_allclose(y, a @ a.T, rtol=1e-4, atol=1e-4)
        np.testing.assert_array_equal(y, y.T)
    assert len(bits) == 1


@pytest.mark.parametrize("shape", [(300, 160), (160, 300)])
def test_muon_on_several_threads(shape, monkeypatch):
    monkeypatch.setattr("xdl.kernels.numba.sharing.WORTH", 0)
    monkeypatch.setattr("xdl.kernels.numba.sharing.FORK", 0)
    n, found = shape[0] * shape[1], set()
    settings = ((MuonPlace(0, *shape),), 0.9, True, 0.99, 0.1, False, (3.4445, -4.775, 2.0315), 5, 1e-7)
    expected = made((n,))
    muon_update.reference.forward(expected, [made((n,), 1)], made((n,), 2), *settings)
    for count in (1, 2, 3):
        threads.set_num_threads(count)
        p = made((n,))
        assert chosen(muon_update, p, [made((n,), 1)], made((n,), 2), *settings) == "muon_compiled"
        np.testing.assert_allclose(p, expected, atol=2e-5)
        found.add(p.tobytes())
    assert len(found) == 1
    assert kernel.get_mode() != "reference"
