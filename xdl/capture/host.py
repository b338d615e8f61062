"""A step as a program for the host: its calls of kernels in order, as Python without modules, tensors and tape."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from traceback import walk_tb
from typing import Any

from xdl.backend import namespaces
from xdl.capture.captured import Captured, copies, detached, mapped
from xdl.capture.launches import refuse_differences
from xdl.capture.program import WHERE, refuse_unlike
from xdl.capture.recorded import plain
from xdl.capture.recorder import Recorder
from xdl.capture.standing import Living, changed
from xdl.errors import BackendError, DataError, XdlError
from xdl.guard import Guard
from xdl.tensor import Tensor, written

ANEW = "Capture the step anew"
_playing = Guard()  # memory that stays is one thread's at a time


class OnHost(Captured):
    """A program. `source` is its text: what the step is made of, one call a line; `played` is how it runs, see
    staying.py. Both are empty before the third call.
    """

    def __init__(self, owner: Any, step: Callable[..., Any], inputs: tuple[Tensor, ...]) -> None:
        super().__init__(owner, step, inputs)
        self.source, self.played, self._calls = "", "", 0
        self._before: Recorder | None = None
        self._plays = False
        self._program: Callable[..., tuple[Any, ...]] | None = None
        self._likes: list[Any] = []  # arrays that lie in memory as the program's inputs do
        self._written: list[int] = []  # the places of inputs that the step writes into
        self._living: list[Living] = []
        self._outputs: Any = None

    def changed(self) -> str:
        """As `Captured.changed`."""
        return changed(self._living if self._before is None else self._before.living)

    def run(self, inputs: tuple[Tensor, ...]) -> Any:
        """Runs the program on the inputs."""
        if self._program is None:
            return self._recorded(inputs)
        if found := self.changed():
            raise BackendError("captured step", "parameters and buffers as it was captured with", found, ANEW)
        arrays = [_laid_out(x.array, like) for x, like in zip(inputs, self._likes, strict=True)]
        try:
            with _playing.lock if self._plays else nullcontext():
                results = iter(self._program(*arrays))
        except ValueError as error:  # the array libraries' LinAlgError is one; xdl's own errors say more
            if isinstance(error, XdlError):
                raise
            raise DataError("captured step", "values that its calls take", self._called(error)) from error
        _write_back(self._written, arrays, inputs)
        return mapped(self._outputs, lambda _: Tensor(next(results)))

    def _called(self, error: ValueError) -> str:
        """The message of an error of the program, and the line that raised it."""
        lines = self.played.splitlines()
        places = [n for frame, n in walk_tb(error.__traceback__) if frame.f_code.co_filename == WHERE]
        return f"{error}, in {lines[places[0] - 1].strip()}"

    def _recorded(self, inputs: tuple[Tensor, ...]) -> Any:
        """The first three calls: the second and the third are recorded, and compared."""
        self._calls += 1
        if self._calls == 1:
            return detached(self.step(*inputs))
        own = copies(inputs) if len({id(x.array) for x in inputs}) < len(inputs) else inputs
        if self._before is None:
            self._likes = [x.array for x in own]
        elif any(_gaps(like) and x.array.strides != like.strides for x, like in zip(own, self._likes, strict=True)):
            self._before, self._likes = None, [namespaces[type(x.array)].empty_like(x.array) for x in own]  # once more
        own = tuple([_like(x, like) for x, like in zip(own, self._likes, strict=True)])
        known = self._before.standing.optimizers if self._before else ()
        recorder = Recorder(self.owner, own, known, stays=self._before is not None)
        with recorder.recording():
            outputs = self.step(*own)
            ended = recorder.ends(outputs)
        self._written = recorder.standing.written_inputs()
        _write_back(self._written, [x.array for x in own], inputs)
        outputs = mapped(outputs, lambda y: Tensor(recorder.staying.own(plain(y.array))))
        if self._before is None:
            self._before = recorder
            return outputs
        refuse_differences(self._before, recorder)
        refuse_unlike(self._before.program, recorder.program)
        self.source = recorder.program.source(recorder.inputs, [y.name for y in ended])
        program, names = recorder.staying.program(ended)
        self._outputs, self._living, self._before = outputs, recorder.living, None
        self.played, self._program = program.source(recorder.inputs, names), program.function(recorder.inputs, names)
        self._plays = self.played != self.source
        return outputs


def _write_back(places: list[int], arrays: list[Any], inputs: tuple[Tensor, ...]) -> None:
    """Gives the inputs at these places what the step wrote into arrays that stand for them."""
    for i in places:
        if arrays[i] is not inputs[i].array:
            inputs[i].array[...] = arrays[i]
        written([inputs[i]])


def _like(x: Tensor, like: Any) -> Tensor:
    """x, or a copy of it as `_laid_out`."""
    return x if x.array.strides == like.strides else Tensor(_laid_out(x.array, like), x.requires_grad)


def _gaps(x: Any) -> bool:
    """Whether no copy lies in memory as x does."""
    return bool(namespaces[type(x)].empty_like(x).strides != x.strides)


def _laid_out(x: Any, like: Any) -> Any:
    """x, or a copy of it with its elements where `like` has them."""
    if x.strides == like.strides:
        return x
    y = namespaces[type(like)].empty_like(like)
    y[...] = x
    return y
