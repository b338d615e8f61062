"""FunctionModule: a function of `xdl.functional` with its settings, as a module.

A subclass names the function and declares the settings as fields of a dataclass, in PyTorch's order:

    @dataclass(eq=False, repr=False)
    class HuberLoss(FunctionModule):
        function: ClassVar = functional.huber_loss
        reduction: str = "mean"
        delta: float = 1.0
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from xdl.nn.module import Module
from xdl.tensor import Tensor


@dataclass(eq=False, repr=False)
class FunctionModule(Module):
    """Calls `function` with the inputs, and the settings by name."""

    function: ClassVar[Any]

    def forward(self, *inputs: Tensor) -> Tensor:
        """What the function gives."""
        return type(self).function(*inputs, **self._settings())  # type: ignore[no-any-return]

    def _settings(self) -> dict[str, Any]:
        names: tuple[str, ...] = self.__match_args__  # of the fields; `fields` takes a microsecond for each
        return {name: getattr(self, name) for name in names}

    def extra_repr(self) -> str:
        """The settings shown in repr(), but for tensors."""
        settings = self._settings().items()
        return ", ".join(f"{name}={value!r}" for name, value in settings if not isinstance(value, Tensor))
