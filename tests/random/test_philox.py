"""Words: the reference in every namespace, the NumPy version and numpy.random.Philox give the same bits."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xdl import kernel
from xdl.kernels.numpy import philox as philox_numpy
from xdl.random.philox import philox_words

WORD = st.integers(0, 2**64 - 1)
LIKE = np.zeros(0)


def reference(key, step, first, n, like=LIKE):
    return philox_words.reference.forward(like, key, step, first, n)[0]


def by_numpy(key, step, first, n):
    generator = np.random.Philox(
        key=np.array(key, dtype=np.uint64), counter=np.array([first, step, 0, 0], dtype=np.uint64)
    )
    return generator.random_raw(n)


def test_the_known_answer_of_the_paper():
    """Counter and key 0, from the authors' table of known answers (Random123)."""
    words = reference((0, 0), 0, -1, 4)
    assert [f"{w:016x}" for w in words.tolist()] == [
        "16554d9eca36314c",
        "db20fe9d672d0fdc",
        "d7e772cee186176b",
        "7e68b68aec7ba23b",
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.tuples(WORD, WORD), step=st.integers(0, 2**63 - 1), first=st.integers(0, 2**40), n=st.integers(0, 70))
def test_all_versions_give_the_same_words(strict, key, step, first, n):
    expected = by_numpy(key, step, first, n)
    in_numpy = reference(key, step, first, n)
    in_strict = reference(key, step, first, n, strict.asarray(np.zeros(0)))
    version, registered, _ = philox_words(LIKE, key, step, first, n)
    assert version.name == "philox_words_numpy"
    for words in (in_numpy, np.asarray(in_strict), registered):
        assert words.dtype == np.uint64
        np.testing.assert_array_equal(words, expected)


@pytest.mark.parametrize("threads", [1, 2, 3, 5])
@pytest.mark.parametrize("extra", [-1, 0, 1, 3 * philox_numpy.CHUNK + 5])
def test_long_requests_do_not_depend_on_the_number_of_threads(threads_set, threads, extra):
    threads_set(threads)
    n = philox_numpy.LONG + extra
    np.testing.assert_array_equal(philox_words(LIKE, (3, 4), 9, 11, n)[1], by_numpy((3, 4), 9, 11, n))


def test_a_request_can_start_at_any_block():
    whole = reference((5, 6), 2, 0, 64)
    np.testing.assert_array_equal(reference((5, 6), 2, 7, 20), whole[28:48])


def test_the_mode_reference_takes_the_reference():
    before = kernel.get_mode()
    kernel.set_mode("reference")
    try:
        version, words, _ = philox_words(LIKE, (1, 2), 3, 0, 10)
    finally:
        kernel.set_mode(before)
    assert version is philox_words.reference
    np.testing.assert_array_equal(words, by_numpy((1, 2), 3, 0, 10))
