"""Numbers of `torch`, its versions, and the default dtype, which is float32."""

from __future__ import annotations

from math import e, inf, nan, pi
from typing import Any

import xdl
from xdl import float32
from xdl.backend import Dtype
from xdl.errors import DtypeError, expect


class UnheldDtype(Dtype):
    """A dtype that xdl has not, for `x.dtype == torch.float16`: what makes a tensor of it raises DtypeError, except
    for one without elements (`machinery/layouts.py`).
    """

    __slots__ = ()

    @property
    def is_complex(self) -> bool:  # type: ignore[override]
        """Whether it holds complex numbers."""
        return self.startswith("complex")

    @property
    def is_floating_point(self) -> bool:
        """Whether it holds floating numbers."""
        return not self.is_complex

    @property
    def is_signed(self) -> bool:
        """True: all of them hold negative numbers."""
        return True

    @property
    def itemsize(self) -> int:
        """Bytes of an element."""
        return int(self.lstrip("abcdefghijklmnopqrstuvwxyz")) // 8


float16, bfloat16, complex64, complex128 = map(UnheldDtype, ("float16", "bfloat16", "complex64", "complex128"))
uint16, uint32, uint64 = (Dtype(name) for name in ("uint16", "uint32", "uint64"))
half, cfloat, cdouble = float16, complex64, complex128
newaxis = cuda = hip = None
__version__ = f"2.13.0+xdl.{xdl.__version__}"  # of the PyTorch whose names are answered, and xdl's


def get_default_dtype() -> str:
    """float32."""
    return float32


def set_default_dtype(d: Any) -> None:
    """Takes float32, which it is. Raises DtypeError for another: xdl has no other default."""
    name = str(d).removeprefix("torch.")
    expect(name in ("float32", "FloatTensor"), DtypeError, "set_default_dtype", "float32, the only default of xdl", d)


set_default_tensor_type = set_default_dtype

__all__ = ["bfloat16", "cdouble", "cfloat", "complex64", "complex128", "float16", "half"]
__all__ += ["__version__", "cuda", "e", "get_default_dtype", "hip", "inf", "nan", "newaxis", "pi", "set_default_dtype"]
__all__ += ["set_default_tensor_type", "uint16", "uint32", "uint64"]
