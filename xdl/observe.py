"""Who watches what runs: set by `xdl.profiling.watch` and `xdl.capture`, None while nobody does, which costs one
comparison each time.

Any thread may begin or end it at any time, so whoever calls reads it once.

observer   hears of operations, of their rules and of calls of modules
work       hears of backward() and of the steps of optimizers
launches   hears what a device is given and asked for, while `xdl.capture` records it
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

if TYPE_CHECKING:
    from xdl.node import Node, Rule
    from xdl.tensor import Tensor

F = TypeVar("F", bound=Callable[..., Any])


class Observer(Protocol):
    """Sees operations and modules. It may raise, and nothing else that it does changes what runs."""

    def recorded(self, outputs: tuple[Tensor, ...], inputs: tuple[Any, ...], rule: Rule) -> None:
        """An operation has computed `outputs` from `inputs`, as they are in the call of `record`."""

    def apply(self, run: Callable[..., tuple[Any, ...]], node: Node, g: Any, *rest: Any) -> tuple[Any, ...]:
        """run(node, g, *rest): the gradients of a node's inputs from the gradient of its result."""

    def call(self, run: Callable[..., Any], module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """run(module, args, kwargs): the output of a module."""

    def inside(self, name: str) -> AbstractContextManager[None]:
        """Within it a function of that name runs, which is made of others."""


class Work(Protocol):
    """Sees larger pieces of work: "backward", and an optimizer's class for its step."""

    def began(self, name: str) -> None:
        """Work of that name begins."""

    def ended(self, name: str) -> None:
        """It is done. Not called where it raised."""


class Launches(Protocol):
    """Sees what a device is given and asked for. It raises what cannot be captured."""

    def launched(self, name: str, sizes: tuple[Any, ...], numbers: tuple[tuple[str, Any], ...]) -> None:
        """A kernel is queued. sizes: grid and block; numbers: names and values of its arguments but for arrays."""

    def called(self, slot: Any, x: Any, args: tuple[Any, ...]) -> tuple[Any, Any, Any] | None:
        """A slot of `xdl.kernel` is called: what the call gives, where it was done here."""

    def drawn(self, stream: Any) -> tuple[Any, int] | None:
        """A stream of random numbers is asked for a step: its key and the step's number, where it was drawn here."""

    def updates(self, optimizer: Any) -> bool:
        """An optimizer makes a step: whether it was done here."""

    def entered(self, operation: str, values: Any) -> Any:
        """Values of the host go to the device. values: a NumPy array."""

    def reads(self, operation: str, x: Any) -> None:
        """The host is about to read values of the array x."""

    def refused(self, error: Any) -> None:
        """Something is about to happen that cannot be captured, as the error says."""


observer: Observer | None = None
work: Work | None = None
launches: Launches | None = None


def host_read(operation: str, x: Any) -> None:
    """To be called where the host is about to read values of the array x. Raises BackendError while it is captured."""
    if (watching := launches) is not None:
        watching.reads(operation, x)


def given(operation: str, **numbers: Any) -> None:
    """To be called where numbers that may change from step to step go to functions that tell nobody of them."""
    if (watching := launches) is not None:
        watching.launched(operation, (), tuple(numbers.items()))


def composite(function: F) -> F:
    """Marks a function that is made of others: an observer hears its name with each operation that it records."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        watching = observer
        if watching is None:
            return function(*args, **kwargs)
        with watching.inside(function.__name__):
            return function(*args, **kwargs)

    return cast(F, call)
