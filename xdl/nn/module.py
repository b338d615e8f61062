"""Module: a piece of a network that holds parameters. Calling it runs `forward`.

A module's parameters are its attributes of type `Parameter`, its buffers those of type `Buffer`, its children those
of type `Module`: there is no registry, and a subclass needs no call of `super().__init__()`. Names join with dots,
as in PyTorch: "0.weight", "features.3.running_mean".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self, SupportsIndex

from xdl import observe
from xdl.errors import KindError, SettingError
from xdl.nn.base.flops import Shape
from xdl.nn.base.hooks import Hooked, run
from xdl.nn.base.moving import Mover
from xdl.nn.base.state import Stateful
from xdl.nn.base.summary import Summary, summary
from xdl.nn.base.zeroing import zero_grad


class Module(Hooked, Mover, Stateful):
    """The base of all layers and networks: override `forward`."""

    training: bool = True
    _may_lack: tuple[str, ...] = ()  # own entries of the state that a state may lack when it is loaded

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        watching = observe.observer
        if self._hooks is None and watching is None:
            return self.forward(*args, **kwargs)
        return run(self, args, kwargs) if watching is None else watching.call(run, self, args, kwargs)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The output for the given inputs."""
        raise NotImplementedError(f"{type(self).__name__} has no forward method")

    def train(self, mode: bool = True) -> Self:
        """Switches this module and all below it to training (dropout on, batch statistics) or evaluation.

        Raises KindError for a mode that is not True or False.
        """
        if not isinstance(mode, bool):
            raise KindError("Module.train", "mode: True or False", repr(mode))
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Switches to evaluation: `train(False)`."""
        return self.train(False)

    def apply(self, fn: Callable[[Module], Any]) -> Self:
        """Calls fn(module) for all modules below and then for this one."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Freezes or frees all parameters."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forgets the gradients of all parameters, or without set_to_none writes zeros into those that are there."""
        zero_grad(self.parameters(), set_to_none)

    def summary(self, input_shape: Any, dtype: str | None = None) -> Summary:
        """A table of layers with their output shapes, parameters and operations: `nn.summary(self, input_shape)`."""
        return summary(self, input_shape, dtype)

    def flops(self, input: Shape, output: Shape) -> int | None:
        """Operations of one call, by the shapes of its first input and output; None: not counted. See `flops.py`."""
        return None

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        return ""

    def __repr__(self) -> str:
        lines = [f"({name}): {child!r}".replace("\n", "\n  ") for name, child in self._named(Module)]
        if not lines:
            return f"{type(self).__name__}({self.extra_repr()})"
        lines = [line for line in (self.extra_repr(), *lines) if line]
        return f"{type(self).__name__}(\n  " + "\n  ".join(lines) + "\n)"


def check_sizes(operation: str, **sizes: int) -> None:
    """Raises SettingError, naming the argument, unless all sizes are whole numbers of at least 1."""
    for name, value in sizes.items():
        if not isinstance(value, int) or value < 1:
            raise SettingError(operation, f"{name}: a whole number of at least 1", repr(value))


def are_sizes(*values: Any) -> bool:
    """Whether all are lists, tuples or other sequences of whole numbers of at least 1."""
    lists = all(isinstance(value, Sequence) and not isinstance(value, str) for value in values)
    return lists and all(
        isinstance(size, SupportsIndex) and size.__index__() >= 1 for value in values for size in value
    )


def check_flags(operation: str, **flags: bool) -> None:
    """Raises KindError, naming the argument, unless all flags are True or False."""
    for name, value in flags.items():
        if not isinstance(value, bool):
            raise KindError(operation, f"{name}: True or False", repr(value))
