"""What activations are made of: a function with the settings that a layer holds, also written into the input."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from xdl.functional.in_place import in_place
from xdl.nn.base.flops import Negligible
from xdl.nn.module import Module
from xdl.tensor import Tensor


class Activation(Negligible, Module):
    """The base: `function` is called with the input and the attributes that `settings` names, in that order."""

    function: ClassVar[Callable[..., Tensor]]
    settings: ClassVar[tuple[str, ...]] = ()

    def forward(self, input: Tensor) -> Tensor:
        """The same shape, or as the function says."""
        return type(self).function(input, *[getattr(self, name) for name in self.settings])

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in self.settings)


class Writing(Activation):
    """The base of those that may write into their input: inplace=True, the last setting.

    The input then holds the result, as do the tensors that share its memory; `xdl.functional.in_place` says what
    becomes of its place on the tape, and raises GraphError for a leaf that requires a gradient.
    """

    inplace = False

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """The same shape; with inplace the input itself."""
        function = type(self).function
        if self.inplace:
            function = in_place(function)
        return function(input, *[getattr(self, name) for name in self.settings])

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        return ", ".join([*filter(None, [super().extra_repr()]), *(["inplace=True"] if self.inplace else [])])
