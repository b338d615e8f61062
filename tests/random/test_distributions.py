"""Uniforms, normals, integers and permutations: bits, moments, ranges, errors."""

from math import erf, sqrt

import numpy as np
import pytest

from xdl import backend, random
from xdl.errors import DtypeError, SettingError, ShapeError
from xdl.random import philox, streams

SHAPES = [(), (0,), (1,), (31,), (4, 33), (2, 0, 3), (4 * streams.BLOCK + 3,)]


def numpy_generator(stream):
    key, counter = np.array(stream.key, dtype=np.uint64), np.array([0, stream.step, 0, 0], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key, counter=counter))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES)
def test_uniforms_equal_numpys_bit_for_bit(strict, dtype, shape):
    stream = random.Stream(3, "u")
    expected = numpy_generator(stream).random(shape, dtype=dtype)
    for like in (np.zeros(0), strict.asarray(np.zeros(0))):
        stream.step = 0
        found = np.asarray(stream.uniform(shape, dtype, like))
        assert found.dtype == dtype
        assert found.shape == shape
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES)
def test_normals_agree_within_1e_6(strict, dtype, shape):
    host = random.Stream(3, "n").normal(shape, dtype)
    other = np.asarray(random.Stream(3, "n").normal(shape, dtype, strict.asarray(np.zeros(0))))
    assert host.dtype == other.dtype == dtype
    assert host.shape == other.shape == shape
    np.testing.assert_allclose(host, other, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("dtype", "largest"), [("float32", 6.661), ("float64", 8.572)])
def test_the_smallest_and_the_largest_words_stay_in_range(monkeypatch, dtype, largest):
    stream = random.Stream(0, "x")
    for word, u, z in [(0, 0.0, largest), (2**64 - 1, 1 - 2.0 ** (-24 if dtype == "float32" else -53), 0.0)]:
        monkeypatch.setattr(streams, "philox_words", lambda *given, word=word: (None, np.full(given[-1], word)))
        assert stream.uniform((2,), dtype).tolist() == [u, u]
        np.testing.assert_allclose(stream.normal((2,), dtype), [z, 0], atol=1e-3)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_uniforms_are_uniform(dtype):
    u = random.rand(1_000_000, dtype=dtype).numpy()
    assert u.min() >= 0
    assert u.max() < 1
    counts = np.histogram(u, bins=100, range=(0, 1))[0]
    assert ((counts - 10_000) ** 2 / 10_000).sum() < 160  # chi-squared, 99 degrees of freedom: 1e-4 beyond
    assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < 0.005


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_normals_are_normal(dtype):
    z = random.randn(400_000, dtype=dtype).numpy().astype(np.float64)
    for power, moment, tolerance in [(1, 0, 0.007), (2, 1, 0.01), (3, 0, 0.025), (4, 3, 0.07)]:
        assert abs((z**power).mean() - moment) < tolerance
    below = np.searchsorted(np.sort(z), np.linspace(-3, 3, 61)) / z.size
    exact = [(1 + erf(x / sqrt(2))) / 2 for x in np.linspace(-3, 3, 61)]
    assert np.abs(below - exact).max() < 0.0035  # Kolmogorov and Smirnov: 1e-4 beyond
    assert abs(np.corrcoef(z[::2], z[1::2])[0, 1]) < 0.01
    assert 4.2 < np.abs(z).max() < 6.7


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-3, 4), (0, 2**31), (-(2**63), 0), (2**63 - 5, 2**63), (7, 2**62)])
def test_integers_stay_in_range_and_equal_exact_arithmetic(strict, low, high):
    words = random.Stream(1, "i").words(200).tolist()
    expected = [low + (word * (high - low) >> 64) for word in words]
    assert random.Stream(1, "i").integers(low, high, (200,)).tolist() == expected
    other = random.Stream(1, "i").integers(low, high, (200,), strict.asarray(np.zeros(0)))
    assert np.asarray(other).tolist() == expected
    assert low <= min(expected)
    assert max(expected) < high


def test_integers_are_equally_likely():
    drawn = random.randint(-2, 5, (70_000,))
    assert drawn.dtype == "int64"
    counts = np.bincount(drawn.numpy() + 2, minlength=7)
    assert ((counts - 10_000) ** 2 / 10_000).sum() < 28  # chi-squared, 6 degrees of freedom: 1e-4 beyond


@pytest.mark.parametrize(("low", "high"), [(1, 1), (2, 1), (-1, 2**63), (-(2**63) - 1, 0), (0, 2**63 + 1)])
def test_empty_and_too_wide_ranges_are_refused(low, high):
    with pytest.raises(SettingError, match=str(high)):
        random.randint(low, high, (3,))


def test_permutations_hold_every_number_once_and_agree(strict):
    for n in (0, 1, 2, 1000):
        host = random.permutation(n, random.Stream(4, "p"))
        assert isinstance(host, np.ndarray)
        assert sorted(host.tolist()) == list(range(n))
        drawn = random.randperm(n, random.Stream(4, "p"))
        assert drawn.dtype == "int64"
        assert drawn.tolist() == host.tolist()
        other = random.Stream(4, "p").permutation(n, strict.asarray(np.zeros(0)))
        assert np.asarray(other).tolist() == host.tolist()


def test_all_orders_of_three_are_equally_likely():
    stream = random.Stream(0, "orders")
    orders = [tuple(random.permutation(3, stream).tolist()) for _ in range(6000)]
    counts = np.array([orders.count(order) for order in set(orders)])
    assert counts.size == 6
    assert ((counts - 1000) ** 2 / 1000).sum() < 26  # chi-squared, 5 degrees of freedom: 1e-4 beyond


def test_tensors_come_on_the_current_backend_and_host_permutations_do_not(strict, monkeypatch):
    at_home = [random.rand(5).tolist(), random.randint(0, 9, 5).tolist(), random.permutation(9).tolist()]
    random.manual_seed(0)
    monkeypatch.setattr(backend, "_current", strict)
    u, i = random.rand(5), random.randint(0, 9, 5)
    assert type(u.array) is type(i.array) is type(strict.asarray(np.zeros(0)))
    host = random.permutation(9)
    assert isinstance(host, np.ndarray)
    assert [u.tolist(), i.tolist(), host.tolist()] == at_home


def test_both_spellings_of_a_shape_and_requires_grad():
    assert random.rand(2, 3).shape == random.rand((2, 3)).shape == random.rand([2, 3]).shape == (2, 3)
    assert random.randn().shape == ()
    assert random.randint(0, 2, 4).shape == (4,)
    assert random.randn(2, requires_grad=True).requires_grad
    first, second = random.rand(8), random.rand(8)
    assert first.tolist() != second.tolist()


def test_a_generator_of_ones_own_leaves_the_shared_streams_alone():
    before = random.get_state()
    mine = random.Stream(5, "mine")
    for draw in (random.rand(2, generator=mine), random.randn(2, generator=mine), random.randint(0, 9, 2, mine)):
        assert draw.shape == (2,)
    assert mine.step == 3
    assert random.get_state() == before


@pytest.mark.parametrize("shape", [(-1,), (2.0,), ("3",), (True,)])
def test_sizes_that_are_none_are_refused(shape):
    with pytest.raises(ShapeError, match="rand"):
        random.rand(*shape)


@pytest.mark.parametrize("dtype", ["float16", "int32"])
def test_only_floating_dtypes_are_drawn(dtype):
    for draw in (random.rand, random.randn):
        with pytest.raises(DtypeError, match="float32 or float64"):
            draw(2, dtype=dtype)


def test_pieces_are_the_words_lowest_bits_first():
    word = np.array([0x0123456789ABCDEF], dtype=np.uint64)
    assert philox.pieces(word, 32).tolist() == [0x89ABCDEF, 0x01234567]
    assert philox.pieces(word, 16).tolist() == [0xCDEF, 0x89AB, 0x4567, 0x0123]


def test_pieces_of_words_in_any_order():
    words = np.arange(1, 9, dtype=np.uint64)
    assert philox.pieces(words[::-2], 32).tolist() == [8, 0, 6, 0, 4, 0, 2, 0]
