"""Compiled sums in all orders of memory, also in the place of the first array."""

import numpy as np
import pytest

from tests.functional.kernels.loss_cases import SPECIAL
from tests.functional.kernels.norm_cases import LAYOUTS
from xdl import backend, kernel, kernel_options, threads

backend.load("numpy")

if not kernel_options.compiled_wanted():
    pytest.skip("no compiled kernels", allow_module_level=True)

from xdl.kernels.numba import sharing  # noqa: E402
from xdl.kernels.numba.addition import addition_compiled  # noqa: E402

DRAW = np.random.default_rng(0).standard_normal


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("inside", [False, True])
def test_every_pair_of_layouts(inside, dtype, monkeypatch):
    monkeypatch.setattr(sharing, "FORK", 0)
    monkeypatch.setattr(sharing, "WORTH", 0)
    for count in (1, 2, 3, 7):
        threads.set_num_threads(count)
        for first in LAYOUTS.values():
            for second in LAYOUTS.values():
                a, b = (arrange(DRAW((3, 17, 5, 4)).astype(dtype)) for arrange in (first, second))
                expected, before, strides = a + b, b.copy(), a.strides
                y, _ = addition_compiled.forward(a, b, inside)
                assert (y is a) is inside
                assert y.strides == strides
                np.testing.assert_array_equal(y, expected)
                np.testing.assert_array_equal(b, before)


def test_only_two_arrays_of_one_kind_are_taken_and_no_written_one_that_cannot_be():
    (takes,) = [v.when for v in kernel.slots["addition"].versions["numpy"] if v.name == "addition_compiled"]
    a, fixed = DRAW((4, 6)), DRAW((4, 6))
    fixed.flags.writeable = False
    assert takes(a, fixed, True)
    assert takes(fixed, a, False)
    assert not takes(fixed, a, True)
    for b in (a[:1], a[:, :1], a[0], a.astype("float32"), a.astype("int64")):
        assert not takes(a, b, False)
    assert not takes(a[:, ::2], a[:, ::2], False)


def test_an_array_is_added_to_itself():
    a = DRAW(1003).astype("float32")
    expected = a + a
    np.testing.assert_array_equal(addition_compiled.forward(a, a, False)[0], expected)
    np.testing.assert_array_equal(addition_compiled.forward(a, a, True)[0], expected)


def test_nan_and_infinity_inside():
    for shift in range(len(SPECIAL)):
        a, b = np.resize(SPECIAL, 50).astype("float32"), np.roll(np.resize(SPECIAL, 50), shift).astype("float32")
        with np.errstate(all="ignore"):
            expected = a + b
        np.testing.assert_array_equal(addition_compiled.forward(a, b, True)[0], expected)
