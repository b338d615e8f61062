"""The switches of recording: `no_grad`, `enable_grad`, `set_grad_enabled`, `inference_mode`.

Each is a context manager and a decorator, with or without parentheses. A switch belongs to the thread, or to the task
of asyncio, that turns it. What a block found is restored when it ends, in whichever order blocks end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Self, TypeVar, overload

from xdl.errors import KindError
from xdl.recording.around import around

F = TypeVar("F", bound=Callable[..., Any])

recording: ContextVar[bool] = ContextVar("recording", default=True)
_inference: ContextVar[bool] = ContextVar("inference", default=False)
_in_forward: ContextVar[bool] = ContextVar("in_forward", default=False)
# (the object of a block, what both were before it) for each block around this place, the outermost first
_blocks: ContextVar[tuple[tuple[object, bool, bool], ...]] = ContextVar("blocks", default=())


class Switch:
    """A block inside which recording is on or off. One object may be entered again, also within itself."""

    def __enter__(self) -> Self:
        _blocks.set((*_blocks.get(), (self, recording.get(), _inference.get())))
        self._turn()
        return self

    def __exit__(self, *_: object) -> None:
        blocks = _blocks.get()
        for i in range(len(blocks) - 1, -1, -1):
            if blocks[i][0] is self:
                was_recording, was_inference = blocks[i][1:]
                _blocks.set(blocks[:i] + blocks[i + 1 :])
                recording.set(was_recording)
                _inference.set(was_inference)
                return

    def __call__(self, function: F) -> F:
        """The function, inside such a block. Raises KindError for a class."""
        return around(type(self).__name__, self._again, function)

    def _turn(self) -> None:
        """Sets both for the block."""
        raise NotImplementedError

    def _again(self) -> Self:
        """Another object of the same kind, for one call or step of a decorated function."""
        return type(self)()


class _Bare(Switch):
    """A switch without settings: `@no_grad` is `@no_grad()`."""

    @overload
    def __new__(cls) -> Self: ...
    @overload
    def __new__(cls, function: F) -> F: ...  # type: ignore[misc]
    def __new__(cls, function: Any = None) -> Any:
        made = object.__new__(cls)
        return made if function is None else made(function)


class no_grad(_Bare):
    """Records nothing inside: `with no_grad():`, `@no_grad()` or `@no_grad`."""

    def _turn(self) -> None:
        recording.set(False)


class enable_grad(_Bare):
    """Records inside, also within no_grad(), but not within inference_mode(): see `no_grad` for its forms."""

    def _turn(self) -> None:
        recording.set(not _inference.get())


class set_grad_enabled(Switch):
    """Records from here on if mode is True, else not; as a context manager or decorator only inside.

    Within inference_mode() nothing is recorded. Raises KindError for a mode that is not True or False.
    """

    def __init__(self, mode: bool) -> None:
        if not isinstance(mode, bool | int):
            raise KindError("set_grad_enabled", "mode: True or False", repr(mode))
        self.mode = bool(mode)
        self._before: bool | None = recording.get()
        self._turn()

    def __enter__(self) -> Self:
        self._restore()
        return super().__enter__()

    def __call__(self, function: F) -> F:
        """The function, with that mode inside."""
        self._restore()
        return super().__call__(function)

    def _restore(self) -> None:
        """Takes back what making the object did, once."""
        if self._before is not None:
            recording.set(self._before)
            self._before = None

    def _turn(self) -> None:
        recording.set(self.mode and not _inference.get())

    def _again(self) -> Self:
        made = object.__new__(type(self))
        made.mode, made._before = self.mode, None
        return made


class inference_mode(Switch):
    """Records nothing inside, whatever enable_grad() says there: `@inference_mode` is `@inference_mode()`.

    mode: False records inside, within no_grad() and inference_mode() too

    Unlike PyTorch's, tensors made inside may be used with gradients afterwards.
    """

    @overload
    def __new__(cls, mode: bool = True) -> Self: ...
    @overload
    def __new__(cls, mode: F) -> F: ...  # type: ignore[misc]
    def __new__(cls, mode: Any = True) -> Any:
        made = super().__new__(cls)
        made.mode = mode if isinstance(mode, bool) else True
        return made if isinstance(mode, bool) else made(mode)

    mode: bool

    def _turn(self) -> None:
        recording.set(not self.mode)
        _inference.set(self.mode)

    def _again(self) -> Self:
        return type(self)(self.mode)


@contextmanager
def forward_of_function() -> Iterator[None]:
    """Where a forward of `autograd.Function` runs: nothing is recorded, and its backward answers for its writes."""
    token = _in_forward.set(True)
    try:
        with no_grad():
            yield
    finally:
        _in_forward.reset(token)


def is_in_forward() -> bool:
    """Whether this is inside `forward_of_function`."""
    return _in_forward.get()


def is_grad_enabled() -> bool:
    """Whether operations are recorded here."""
    return recording.get()


def is_inference_mode_enabled() -> bool:
    """Whether this is inside `inference_mode`."""
    return _inference.get()
