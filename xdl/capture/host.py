"""A step as a program for the host: its calls of kernels in order, as Python without modules, tensors and tape."""

from __future__ import annotations

from collections.abc import Callable
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
from xdl.tensor import Tensor, written

ANEW = "Capture the step anew"


class OnHost(Captured):
    """A program. `source` is its text: what the step is made of, one call a line; empty before the third call."""

    def __init__(self, owner: Any, step: Callable[..., Any], inputs: tuple[Tensor, ...]) -> None:
        super().__init__(owner, step, inputs)
        self.source, self._calls = "", 0
        self._before: Recorder | None = None
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
            results = iter(self._program(*arrays))
        except ValueError as error:  # the array libraries' LinAlgError is one; xdl's own errors say more
            if isinstance(error, XdlError):
                raise
            raise DataError("captured step", "values that its calls take", self._called(error)) from error
        for i in self._written:
            if arrays[i] is not inputs[i].array:
                inputs[i].array[...] = arrays[i]
            written([inputs[i]])
        return mapped(self._outputs, lambda _: Tensor(next(results)))

    def _called(self, error: ValueError) -> str:
        """The message of an error of the program, and the line that raised it."""
        lines = self.source.splitlines()
        places = [n for frame, n in walk_tb(error.__traceback__) if frame.f_code.co_filename == WHERE]
        return f"{error}, in {lines[places[0] - 1].strip()}"

    def _recorded(self, inputs: tuple[Tensor, ...]) -> Any:
        """The first three calls: the second and the third are recorded, and compared."""
        self._calls += 1
        if self._calls == 1:
            return detached(self.step(*inputs))
        if len({id(x.array) for x in inputs}) < len(inputs):
            inputs = copies(inputs)
        recorder = Recorder(self.owner, inputs, self._before.standing.optimizers if self._before else ())
        with recorder.recording():
            outputs = self.step(*inputs)
            names = recorder.ends(outputs)
        outputs = mapped(outputs, lambda y: Tensor(plain(y.array)))
        if self._before is None:
            self._before = recorder
            return outputs
        refuse_differences(self._before, recorder)
        refuse_unlike(self._before.program, recorder.program)
        self.source = recorder.program.source(recorder.inputs, names)
        self._likes, self._outputs, self._before = [x.array for x in inputs], outputs, None
        self._written, self._living = recorder.standing.written_inputs(), recorder.living
        self._program = recorder.program.function(recorder.inputs, names)
        return outputs


def _laid_out(x: Any, like: Any) -> Any:
    """x, or a copy of it with its elements where `like` has them."""
    if x.strides == like.strides:
        return x
    y = namespaces[type(like)].empty_like(like)
    y[...] = x
    return y
