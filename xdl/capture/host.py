"""A step as a program for the host: its calls of kernels in order, as Python without modules, tensors and tape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xdl.backend import namespaces
from xdl.capture.captured import Captured, mapped
from xdl.capture.launches import refuse_differences
from xdl.capture.program import refuse_unlike
from xdl.capture.recorder import Recorder
from xdl.tensor import Tensor


class OnHost(Captured):
    """A program. `source` is its text: what a step is made of, one call a line."""

    def __init__(
        self, step: Callable[..., Any], inputs: tuple[Tensor, ...], recorder: Recorder, outputs: Any, names: list[str]
    ) -> None:
        """outputs: the step's; names: theirs in the program, in order."""
        super().__init__(step, inputs)
        self._outputs = outputs
        self.source = recorder.program.source(recorder.inputs, names)
        self._program = recorder.program.function(recorder.inputs, names)

    def run(self, inputs: tuple[Tensor, ...]) -> Any:
        """Runs the program on the inputs, which lie in memory as those that it was captured with."""
        arrays = [_laid_out(new.array, own.array) for own, new in zip(self._inputs, inputs, strict=True)]
        found = iter(self._program(*arrays))
        return mapped(self._outputs, lambda _: Tensor(next(found)))


def _laid_out(x: Any, like: Any) -> Any:
    """x, or a copy of it with its elements where `like` has them."""
    if x.strides == like.strides:
        return x
    y = namespaces[type(like)].empty_like(like)
    y[...] = x
    return y


def capture_on_host(owner: Any, step: Callable[..., Any], inputs: tuple[Tensor, ...]) -> OnHost:
    """The step, which has run once on the inputs, as a program for arrays of the owner. It runs twice more."""
    before, after = (Recorder(owner, inputs) for _ in range(2))
    with before.recording():
        before.ends(step(*inputs))
    with after.recording():
        outputs = step(*inputs)
        names = after.ends(outputs)
    refuse_differences(before, after)
    refuse_unlike(before.program, after.program)
    return OnHost(step, inputs, after, outputs, names)
