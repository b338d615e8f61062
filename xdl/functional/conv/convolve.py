"""The classic convolution of signals, which turns the filter around."""

from __future__ import annotations

from xdl.errors import SettingError, ShapeError, nearest
from xdl.functional.conv.conv_nd import conv1d
from xdl.functional.operands import floating
from xdl.functional.shape.rearrange import flip
from xdl.observe import composite
from xdl.tensor import Tensor


@composite
def convolve(input: Tensor, weight: Tensor, mode: str = "full") -> Tensor:
    """The convolution of two signals x (L,) and w (K,): y[p] = sum over i of w[i] x[p - i], x being 0 outside.

    mode: "full"   every p where they meet: L + K - 1
          "same"   the middle of it, as long as the longer one
          "valid"  where they meet in all of the shorter one: max(L, K) - min(L, K) + 1
    It is `conv1d` with w turned around, which makes it commutative. Raises ShapeError, DtypeError, SettingError.
    """
    floating("convolve", input=input, weight=weight)
    if input.ndim != 1 or weight.ndim != 1 or not input.shape[0] or not weight.shape[0]:
        raise ShapeError("convolve", "two signals (L,) and (K,)", f"{input.shape} and {weight.shape}")
    if mode not in ("full", "same", "valid"):
        raise SettingError("convolve", "a known mode", repr(mode), nearest(str(mode), ("full", "same", "valid")))
    x, w = (input, weight) if input.shape[0] >= weight.shape[0] else (weight, input)
    k = w.shape[0]
    y = conv1d(x.reshape(1, 1, -1), flip(w, 0).reshape(1, 1, -1), padding=0 if mode == "valid" else k - 1).flatten()
    return y[(k - 1) // 2 :][: x.shape[0]] if mode == "same" else y
