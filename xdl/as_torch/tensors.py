"""`torch.Tensor` and its kin: calls that make tensors, and types that `isinstance` and `type()` understand.

xdl has one class of tensors, made by `xdl.tensor`. PyTorch's `Tensor(2, 3)` and `FloatTensor([1, 2])` are older ways to
write that: a size gives memory without values, here zeros, and data give a copy in the type's dtype.
"""

from __future__ import annotations

from typing import Any

import xdl
from xdl.as_torch.said import missing, once
from xdl.autograd.function import Context
from xdl.backend import DTYPES, Dtype
from xdl.errors import KindError, expect
from xdl.functional.methods.conversions import TYPES

FunctionCtx = Context
Size: type[tuple[int, ...]] = tuple
dtype = Dtype  # isinstance(x.dtype, torch.dtype)
KINDS = {name.removeprefix("torch."): dtype for name, dtype in TYPES.items() if dtype in DTYPES}


class TensorType(type):
    """The class of `Tensor` and `FloatTensor`: what they make, and what they take for one of theirs.

    of: the dtype, or None for any; it is also the type's `__name__`, by which `x.type(torch.FloatTensor)` reads it
    """

    of: str | None

    def __call__(cls, *given: Any, device: Any = None) -> Any:
        """A tensor of a size, or of data. Raises KindError for what is neither."""
        kind = cls.of or "float32"
        if len(given) == 1 and isinstance(given[0], tuple) and all(isinstance(size, int) for size in given[0]):
            once(f"{cls.__qualname__} takes a tuple of whole numbers for a size; give data as a list")
            (given,) = given
        if all(isinstance(size, int) for size in given):
            return xdl.zeros(*given, dtype=kind, device=device) if given else xdl.zeros(0, dtype=kind, device=device)
        expect(len(given) == 1, KindError, cls.__qualname__, "sizes, or one list, array or tensor", given)
        (data,) = given
        return data.to(kind) if isinstance(data, xdl.Tensor) else xdl.tensor(data, dtype=kind, device=device)

    def __instancecheck__(cls, thing: object) -> bool:
        return isinstance(thing, xdl.Tensor) and cls.of in (None, thing.dtype)

    def __subclasscheck__(cls, kind: type) -> bool:
        return cls.of is None and issubclass(kind, xdl.Tensor)

    def __getattr__(cls, name: str) -> Any:
        if hasattr(xdl.Tensor, name):
            return getattr(xdl.Tensor, name)
        raise missing("torch.Tensor", name, dir(xdl.Tensor))


def _type(name: str, of: str | None) -> TensorType:
    kind = TensorType(of or name, (), {"of": of})
    kind.__qualname__ = f"torch.{name}"
    return kind


Tensor = _type("Tensor", None)
FloatTensor, DoubleTensor, ByteTensor, CharTensor, ShortTensor, IntTensor, LongTensor, BoolTensor = (
    _type(name, of) for name, of in KINDS.items()
)


def Variable(data: xdl.Tensor, requires_grad: bool = False, volatile: bool = False) -> xdl.Tensor:
    """The tensor itself: since PyTorch 0.4 a tensor is its own variable."""
    return data.requires_grad_() if requires_grad else data


__all__ = ["FunctionCtx", "Size", "Tensor", "TensorType", "Variable", "dtype", *KINDS]
