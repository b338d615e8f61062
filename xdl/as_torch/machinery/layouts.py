"""Functions that make tensors, with PyTorch's arguments on the layout of memory, which change nothing here.

Packages ask `torch.empty(0, dtype=torch.float16).element_size()`: a tensor without elements may be of a dtype that xdl
has not.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import xdl
from xdl.as_torch.numbers import UnheldDtype
from xdl.errors import DtypeError

NAMES = "empty empty_like full_like ones ones_like rand_like randn randn_like zeros zeros_like".split()  # noqa: SIM905
PASSED_OVER = ("layout", "memory_format", "pin_memory")


class Unheld:
    """A tensor without elements of a dtype that xdl has not: it tells of itself, anything else raises DtypeError."""

    def __init__(self, shape: tuple[int, ...], dtype: UnheldDtype) -> None:
        self.shape, self.dtype = shape, dtype

    def element_size(self) -> int:
        """Bytes of an element, if it had one."""
        return self.dtype.itemsize

    def numel(self) -> int:
        """0."""
        return 0

    def is_floating_point(self) -> bool:
        """Whether its dtype is floating."""
        return self.dtype.is_floating_point

    def is_complex(self) -> bool:
        """Whether its dtype is complex."""
        return self.dtype.is_complex

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise DtypeError(name, "float32 or float64: xdl has no half precision and no complex numbers", self.dtype)


def without_layout(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which takes `layout`, `memory_format` and `pin_memory` too."""

    @wraps(function)
    def make(*args: Any, **named: Any) -> Any:
        named = {name: value for name, value in named.items() if name not in PASSED_OVER}
        if isinstance(dtype := named.get("dtype"), UnheldDtype):
            like = function(*args, **{**named, "dtype": "float32"})
            if not like.numel():
                return Unheld(like.shape, dtype)
        return function(*args, **named)

    return make


globals().update({name: without_layout(getattr(xdl, name)) for name in NAMES})

__all__ = NAMES
