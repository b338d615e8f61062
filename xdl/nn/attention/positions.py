"""Positions: what tells an attention, which sees a set, in which order its steps come."""

from __future__ import annotations

from math import log
from typing import Any

from xdl.creation.counted import arange
from xdl.creation.filled import Where, zeros
from xdl.errors import KindError, ShapeError, expect
from xdl.functional.operands import check_tensors, floating
from xdl.functional.shape.rearrange import stack
from xdl.nn import init
from xdl.nn.base.flops import Negligible
from xdl.nn.module import Module, check_sizes
from xdl.nn.parameter import Buffer, Parameter
from xdl.tensor import Tensor


class _Positions(Negligible, Module):
    """x (N, T, d_model) + weight[offset : offset + T]."""

    weight: Tensor

    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        """The same shape; offset: the place of the first step. Raises ShapeError beyond the last place, DtypeError for
        what is no Tensor, KindError for an offset that is no whole number.
        """
        name = type(self).__name__
        check_tensors(name, x=x)
        expect(isinstance(offset, int), KindError, name, "offset: a whole number", repr(offset))
        places, size = self.weight.shape
        fits = x.ndim >= 2 and x.shape[-1] == size and 0 <= offset <= places - x.shape[-2]
        wanted = f"x (..., T, {size}) with offset + T <= {places}"
        expect(fits, ShapeError, name, wanted, f"{x.shape}, offset {offset}")
        return x + self.weight[offset : offset + x.shape[-2]]


class SinusoidalPositions(_Positions):
    """Waves: column 2 j is sin(t w_j), column 2 j + 1 is cos(t w_j), w_j = 10000**(-2 j / d_model).

    weight (max_len, d_model) is a buffer, not learned. Vaswani et al. 2017, section 3.5. Raises SettingError for sizes
    below 1, DtypeError for a dtype that is not floating.
    """

    def __init__(self, d_model: int, max_len: int = 5000, device: Where = None, dtype: Any = None) -> None:
        check_sizes("SinusoidalPositions", d_model=d_model, max_len=max_len)
        t = arange(max_len, dtype="float64").unsqueeze(1)
        angles = t * (arange(0, d_model, 2, dtype="float64") * (-log(10000.0) / d_model)).exp()
        waves = stack([angles.sin(), angles.cos()], 2).reshape(max_len, -1)[:, :d_model]
        weight = waves.to(device=device, dtype=dtype or "float32")
        floating("SinusoidalPositions", weight=weight)
        self.weight = Buffer(weight, persistent=False)


class LearnedPositions(_Positions):
    """A learned vector for each of max_len places: weight (max_len, d_model), normal with std 0.02."""

    def __init__(self, d_model: int, max_len: int, device: Where = None, dtype: Any = None) -> None:
        check_sizes("LearnedPositions", d_model=d_model, max_len=max_len)
        self.weight = Parameter(init.normal_(zeros(max_len, d_model, device=device, dtype=dtype), std=0.02))
