"""What one run of a step gives to a device, in order, and whether two runs give it the same.

A CUDA graph keeps kernels with their grids and numbers as they were when it was captured. Where two runs of a step
differ in them, the graph would silently go on with those of one.

    with recorded(Recording(...)) as first: step()
    with recorded(Recording(...)) as second: step()
    refuse_differences(first, second)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from inspect import signature
from itertools import zip_longest
from threading import get_ident
from typing import Any, NamedTuple, Protocol, TypeVar

from xdl import observe
from xdl.errors import BackendError

FROZEN = (
    "A captured step keeps the numbers of its launches: leave what changes them out of it (an update that counts its "
    "steps, dropout and other random numbers), or hand the value in as a tensor"
)
UNLIKE = "Shapes and branches must not depend on values, and what a step makes only once is to be made before"
READ = "Return the tensor and read it after the call"
Numbers = tuple[tuple[str, Any], ...]


class Launch(NamedTuple):
    """A kernel with its grid and block, or a slot or product without; numbers: (name, value) of what it was given."""

    name: str
    sizes: tuple[Any, ...]
    numbers: Numbers

    def __str__(self) -> str:
        return f"{self.name} with grid {self.sizes[0]} and block {self.sizes[1]}" if self.sizes else self.name


class Recording:
    """Hears what this thread runs (it is an `observe.Launches`), of arrays of one backend.

    refuse: whether to raise where the host reads values, or at a product; else the error is kept in `refusal`
    """

    def __init__(self, array_types: tuple[type, ...], refuse: bool) -> None:
        self.launches: list[Launch] = []
        self.slots: list[Launch] = []
        self.refusal: BackendError | None = None
        self._types, self._refuse, self._thread = array_types, refuse, get_ident()

    def launched(self, name: str, sizes: tuple[Any, ...], numbers: Numbers) -> None:
        """A kernel is queued."""
        if self._thread == get_ident():
            self.launches.append(Launch(name, sizes, numbers))

    def called(self, slot: Any, x: Any, args: tuple[Any, ...]) -> None:
        """A slot is called: its numbers also reach what is made of several launches, of kernels that are not xdl's."""
        del x
        if self._thread == get_ident():
            names = list(signature(slot.reference.forward).parameters)[1:]
            padded = zip_longest(names[: len(args)], args, fillvalue=names[-1] if names else "")
            self.slots.append(Launch(slot.name, (), tuple((name, a) for name, a in padded if _is_number(a))))

    def drawn(self, stream: Any) -> None:
        """A stream gives its next step, a number like others."""

    def updates(self, optimizer: Any) -> bool:
        """An optimizer's step is made of launches."""
        del optimizer
        return False

    def entered(self, operation: str, values: Any) -> None:
        """Values of the host go to the device. values: a NumPy array."""
        self.launched(operation, (), (("shape", values.shape), ("values", (values.tolist(), values.dtype.str))))

    def reads(self, operation: str, x: Any) -> None:
        """The host is about to read values of the array."""
        if issubclass(type(x), self._types):
            expected = "no values read by the host inside a captured step"
            self.refused(BackendError(operation, expected, f"an array of shape {tuple(x.shape)}", READ))

    def refused(self, error: BackendError) -> None:
        """Something that no graph can hold is about to happen: raises the error, or keeps the first one."""
        if self._thread == get_ident():
            if self._refuse:
                raise error
            self.refusal = self.refusal or error


class Heard(observe.Launches, Protocol):
    """What has listened to a run of a step."""

    launches: list[Launch]
    slots: list[Launch]


H = TypeVar("H", bound=Heard)


@contextmanager
def recorded(recording: H) -> Iterator[H]:
    """Inside, the recording hears what this thread runs. Raises BackendError inside another one."""
    if observe.launches is not None:
        raise BackendError("capture", "no capture inside another one", "one that is under way")
    observe.launches = recording
    try:
        yield recording
    finally:
        observe.launches = None


def refuse_differences(before: Heard, after: Heard) -> None:
    """Raises BackendError that names the first launch, or the first number, in which two runs differ."""
    for kind in ("launches", "slots"):
        for i, (a, b) in enumerate(zip_longest(getattr(before, kind), getattr(after, kind))):
            if a is None or b is None or a[:2] != b[:2] or len(a.numbers) != len(b.numbers):
                found = f"{a or 'nothing'} and then {b or 'nothing'} as number {i + 1}"
                raise BackendError("capture", f"a step with the same {kind} in every run", found, UNLIKE)
            for (name, x), (_, y) in zip(a.numbers, b.numbers, strict=True):
                if not _same(x, y):
                    found = f"{x!r:.40} and then {y!r:.40}"
                    raise BackendError(a.name, f"the same {name} in every run of a captured step", found, FROZEN)


def _is_number(x: Any) -> bool:
    return isinstance(x, bool | int | float | str) or (isinstance(x, tuple) and all(map(_is_number, x)))


def _same(x: Any, y: Any) -> bool:
    return bool(x == y or (x != x and y != y))
