"""Products in tiles: every tail of rows, columns and sums, parts of matrices, strides, threads, nan and infinity."""

import numpy as np
import pytest

from xdl import backend, threads

pytest.importorskip("numba")

backend.load("numpy")

from xdl.kernels.numba import products, sharing  # noqa: E402

SIZES = [1, 2, 5, 8, 12, 13, 31, 32, 33, 63, 64, 65, 77, 130]  # tiles have 8 rows, 4 and 1; panels 32 columns or 16
EXACT = {"float32": 1e-5, "float64": 1e-13}


def draw(dtype, *shape):
    return np.random.default_rng(sum(shape)).standard_normal(shape).astype(dtype)


def close(found, expected, dtype, what):
    assert found.dtype == dtype
    np.testing.assert_allclose(found, expected, rtol=0, atol=EXACT[dtype] * 12, err_msg=str(what))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_tail(dtype):
    for k, m in enumerate(SIZES):
        n, depth = SIZES[-k], SIZES[(5 * k) % len(SIZES)]
        a, b = draw(dtype, m, depth), draw(dtype, depth, n)
        expected = a.astype("float64") @ b
        close(products.product(a, b), expected, dtype, (m, depth, n))
        close(products.product(a.T.copy().T, b), expected, dtype, (m, depth, n, "a turned"))
        close(products.product(a, b.T.copy().T), expected, dtype, (m, depth, n, "b turned"))
        close(products.product(a[::-1], b[:, ::-1]), expected[::-1, ::-1], dtype, (m, depth, n, "backwards"))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_parts_of_the_columns(dtype):
    a = draw(dtype, 70, 101)
    for n in (7, 40, 50):
        b, c = draw(dtype, 60, n), draw(dtype, 70, n)
        close(products.product(a, b, 5), a[:, 5:65].astype("float64") @ b, dtype, n)
        close(products.product_of_columns(a, 5, 65, c), a[:, 5:65].T.astype("float64") @ c, dtype, n)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sums_longer_than_a_block(dtype):
    for n in (32, 40):  # with and without a last panel of fewer columns
        a, b = draw(dtype, 2500, 70), draw(dtype, 2500, n)
        found, expected = products.product_of_columns(a, 0, 70, b), a.T.astype("float64") @ b
        np.testing.assert_allclose(found, expected, rtol=0, atol=EXACT[dtype] * 60)
        np.testing.assert_allclose(products.product(a.T.copy(), b), expected, rtol=0, atol=EXACT[dtype] * 60)
    close(products.sum_of_rows(a), a.sum(0, "float64"), dtype, "sums")


def test_no_bit_depends_on_the_number_of_threads(monkeypatch):
    monkeypatch.setattr(sharing, "FORK", 0)
    monkeypatch.setattr(sharing, "WORTH", 0)
    monkeypatch.setattr(products, "PIECE", 1 << 10)
    monkeypatch.setattr(products, "ROWS", 16)
    bits = set()
    a = draw("float32", 1100, 83)
    for count in (1, 2, 3, 7):
        threads.set_num_threads(count)
        monkeypatch.setattr(products, "FAR", 0 if count % 2 else 1 << 30)  # other jobs
        for n in (12, 45, 300):
            bits.add((n, products.product(a, draw("float32", 83, n)).tobytes()))
            bits.add((n, products.product_of_columns(a, 0, 83, draw("float32", 1100, n)).tobytes()))
        bits.add((0, products.sum_of_rows(a).tobytes()))
    assert len(bits) == 7


@pytest.mark.parametrize("m", [1, 31, 33, 70])
def test_a_product_with_the_own_transpose(m, monkeypatch):
    monkeypatch.setattr(products, "PIECE", 1)
    monkeypatch.setattr(products, "ROWS", 16)
    a = draw("float32", m, 9)
    found = products.symmetric(a)
    close(found, a.astype("float64") @ a.T, "float32", m)
    np.testing.assert_array_equal(found, found.T)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_stay(value):
    a, b = draw("float32", 20, 30), draw("float32", 30, 40)
    a[3, 4] = value
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(products.product(a, b), a @ b, atol=1e-4)
        np.testing.assert_allclose(products.product_of_columns(a, 0, 30, b[:20]), a.T @ b[:20], atol=1e-4)
        np.testing.assert_allclose(products.product(a, b, relu=True), np.maximum(a @ b, 0), atol=1e-4)


def test_nothing_to_sum_gives_zeros():
    for dtype in ("float32", "float64"):
        assert not products.product(np.empty((3, 0), dtype), np.empty((0, 40), dtype)).any()
        assert not products.product_of_columns(np.empty((0, 3), dtype), 0, 3, np.empty((0, 40), dtype)).any()
        assert not products.product(np.empty((9, 0), dtype), np.empty((0, 40), dtype)).any()
        assert products.product(np.empty((0, 5), dtype), np.ones((5, 40), dtype)).shape == (0, 40)


def test_bias_and_relu_come_with_the_product():
    for dtype in ("float32", "float64"):
        for n in (3, 32, 45):
            a, b, bias = draw(dtype, 70, 40), draw(dtype, 40, n), draw(dtype, n)
            expected = a.astype("float64") @ b + bias
            close(products.product(a, b, bias=bias), expected, dtype, n)
            close(products.product(a, b, bias=bias, relu=True), np.maximum(expected, 0), dtype, n)
            close(products.product(a, b, relu=True), np.maximum(expected - bias, 0), dtype, n)


def test_a_job_writes_its_own_places_and_no_others():
    a, b, bias = draw("float32", 70, 40), draw("float32", 40, 300), draw("float32", 300)
    expected = a.astype("float64") @ b + bias
    for low, high, first, last in ((0, 2, 0, 70), (2, 5, 24, 70), (9, 10, 0, 48)):
        y, columns = np.full((70, 300), np.nan, "float32"), slice(low * 32, high * 32)
        places = np.array([[low, high, first, last]])
        products.tiles[a.dtype](places, a, b, bias, y, 0, False, False, False)
        close(y[first:last, columns], expected[first:last, columns], "float32", (low, high))
        y[first:last, columns] = np.nan
        assert np.isnan(y).all()


def test_rows_with_a_gap_begin_at_different_places_of_the_cache():
    for dtype in (np.dtype("float32"), np.dtype("float64")):
        for n in range(1, 300):
            size = products.padded(n, dtype)
            assert n <= size < n + 32
            assert size * dtype.itemsize % 128 == 64
