"""Which compiled way a convolution takes."""

import numpy as np
import pytest

from tests.functional.kernels.conv_cases import geometry
from xdl import backend, kernel, kernel_options
from xdl.kernels.common.convolutions import Case

backend.load("numpy")

if not kernel_options.compiled_wanted():
    pytest.skip("no compiled kernels", allow_module_level=True)

from xdl.kernels.numba.conv import choice  # noqa: E402

SLOTS = "forward", "input_grad", "weight_grad"


def test_what_runs_and_why_not():
    def chosen(product, x, w, steps, dtype="float32", chwn=False):
        return choice.best(Case(x, w, steps, np.dtype(dtype), product, chwn))

    strided_one = (64, 32, 14, 14), (64, 32, 4, 4), geometry(2, 1)
    assert [chosen(product, *strided_one) for product in SLOTS] == ["patches"] * 3
    assert chosen("input_grad", (64, 1, 28, 28), (32, 1, 4, 4), geometry(2, 1)) == "spread"
    for square in (
        ((64, 64, 32, 32), (64, 64, 3, 3), geometry(1, 1)),
        ((64, 16, 32, 32), (16, 16, 3, 3), geometry(1, 1)),
        ((32, 32, 14, 14), (64, 32, 5, 5), geometry(1, 2)),
    ):
        assert [chosen(product, *square) for product in SLOTS] == ["tiles"] * 3
        assert [chosen(product, *square, "float64") for product in SLOTS] == ["patches"] * 3
    few = (64, 64, 2, 2), (64, 64, 3, 3), geometry(1, 1)
    assert [chosen(product, *few) for product in SLOTS] == ["patches"] * 3
    first = (64, 1, 28, 28), (6, 1, 5, 5), geometry(1, 2)
    assert [chosen(product, *first) for product in SLOTS] == ["images", None, None]
    assert [chosen(product, (64, 6, 14, 14), (16, 6, 5, 5), geometry(), chwn=True) for product in SLOTS] == [
        "images"
    ] * 3
    assert [chosen(product, (2, 7, 9, 9), (7, 1, 3, 3), geometry(2, 1, 1, 7)) for product in SLOTS] == ["channels"] * 3
    assert chosen("input_grad", (2, 8, 40, 40), (8, 8, 9, 9), geometry(10**5)) != "patches"  # a grid for each pixel
    assert chosen("forward", (63, 1, 28, 28), *first[1:]) is None
    assert chosen("forward", (0, 32, 14, 14), *strided_one[1:]) is None
    assert chosen("forward", *strided_one, "float16") is None
    text = kernel.slots["conv2d"].explain(
        np.zeros((0, 8, 5, 5), np.float32), np.zeros((16, 8, 3, 3), np.float32), None, geometry()
    )
    assert "conv2d_patches does not fit (takes float32 or float64, nothing empty" in text


@pytest.mark.parametrize(("setting", "found"), [("gemm", "patches"), ("winograd", None), ("fft", None)])
def test_what_is_asked_for_goes_first(setting, found, monkeypatch):
    monkeypatch.setattr(kernel_options, "_convolution", setting)
    case = Case((64, 32, 14, 14), (64, 32, 4, 4), geometry(2, 1), np.dtype("float32"), "forward")
    assert choice.best(case) == found
    assert choice.best(case._replace(dtype=np.dtype("float64"))) == "patches"
    square = Case((1, 8, 6, 6), (8, 8, 3, 3), geometry(1, 1), np.dtype("float32"), "forward")
    assert choice.best(square) == ("tiles" if setting == "winograd" else found)
