"""A step as a CUDA graph: all its launches, in order, given to the card at once.

After Harris, "Getting Started with CUDA Graphs", NVIDIA 2019, and PyTorch's `torch.cuda.graph`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from xdl.capture.captured import Captured, mapped
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
    """A graph of the device, which reads its own inputs."""

    def __init__(self, step: Callable[..., Any], graph: Graph, inputs: tuple[Tensor, ...], outputs: Any) -> None:
        super().__init__(step, inputs)
        self._graph, self._kept, self._outputs = graph, outputs, mapped(outputs, Tensor.detach)

    def run(self, inputs: tuple[Tensor, ...]) -> Any:
        """Copies the inputs to where the graph reads them, and launches it."""
        for own, new in zip(self._inputs, inputs, strict=True):
            own.array[...] = new.array
        self._graph.launch()
        return self._outputs


def capture_on_card(owner: Any, step: Callable[..., Any], inputs: tuple[Tensor, ...]) -> OnCard:
    """The step, which has run once on the inputs, as a graph of the owner, a backend. It runs twice more."""
    with recorded(Recording(owner.array_types, refuse=False)) as before:
        outputs = step(*inputs)
    if before.refusal is not None:
        raise before.refusal
    mapped(outputs, Tensor.detach)
    graph = owner.graph()
    with recorded(Recording(owner.array_types, refuse=True)) as after, graph.capture():
        outputs = step(*inputs)
    graph.launch()  # the third run: what Python counted in it has then happened
    refuse_differences(before, after)
    return OnCard(step, graph, inputs, outputs)
