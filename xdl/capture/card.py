"""A step as a CUDA graph: all its launches, in order, given to the card at once.

After Harris, "Getting Started with CUDA Graphs", NVIDIA 2019, and PyTorch's `torch.cuda.graph`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from xdl.capture.captured import Captured, copies, detached
from xdl.capture.launches import Recording, recorded, refuse_differences
from xdl.tensor import Tensor


class Graph(Protocol):
    """What `graph()` of a backend gives that can capture."""

    def capture(self) -> AbstractContextManager[None]:
        """Inside, what this thread launches is kept and does not run. Raises BackendError for what no graph can hold;
        then the graph is of no use, and all else is as before.
        """

    def launch(self) -> None:
        """Queues all of it."""


class OnCard(Captured):
    """A graph of the device, which reads inputs and writes outputs where they lay when it was captured."""

    def __init__(self, owner: Any, step: Callable[..., Any], inputs: tuple[Tensor, ...]) -> None:
        super().__init__(owner, step, inputs)
        self._inputs, self._calls = copies(inputs), 0
        self._before: Recording | None = None
        self._graph: Graph | None = None
        self._kept: Any = None  # with what the graph writes into
        self._outputs: Any = None

    def run(self, inputs: tuple[Tensor, ...]) -> Any:
        """Copies the inputs to where the graph reads them, and launches it."""
        for own, new in zip(self._inputs, inputs, strict=True):
            own.array[...] = new.array
        if self._graph is not None:
            self._graph.launch()
            return self._outputs
        return self._recorded() if self._before is None else self._captured(self._before)

    def _recorded(self) -> Any:
        """The first two calls: the second is recorded."""
        self._calls += 1
        if self._calls == 1:
            return detached(self.step(*self._inputs))
        with recorded(Recording(self.owner.array_types, refuse=False)) as recording:
            outputs = self.step(*self._inputs)
        if recording.refusal is not None:
            raise recording.refusal
        self._before = recording
        return detached(outputs)

    def _captured(self, before: Recording) -> Any:
        """The third: captured, compared with the second, and done by a launch, as Python has counted it."""
        graph = self.owner.graph()
        with recorded(Recording(self.owner.array_types, refuse=True)) as recording, graph.capture():
            self._kept = self.step(*self._inputs)
        graph.launch()
        refuse_differences(before, recording)
        self._graph, self._outputs = graph, detached(self._kept)
        return self._outputs
