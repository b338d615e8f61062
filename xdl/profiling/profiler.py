"""Where the time and the memory of a training go, by layer and by operation.

    with xdl.profile() as p:
        for images, labels in loader:
            ...
    print(p)

The clock is read whenever a watcher hears something (see `watch.py`), and each stretch between two readings belongs to
one row: to the operation that ends it, to the layer in whose own Python it lies, to the backward pass between two rules
("sums and order"), to the optimizer, or to "outside of operations": data, measures, your own code. So rows and outside
add up to the wall time. Python between two operations that no module parts counts for the second one. On a device
every reading waits for all queued work.

The profiler counts its own time too; `xdl profile` measures how much longer a step takes with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import get_ident
from time import perf_counter
from typing import Any, Self

from xdl import backend
from xdl.nn.module import Module
from xdl.nn.parameter import Parameter
from xdl.node import Output
from xdl.profiling import watch
from xdl.profiling.meter import Meter, held_bytes
from xdl.profiling.table import as_dict, as_text
from xdl.tensor import Tensor

PYTHON = "(Python of the layer)"
SUMS = "(sums and order)"
BACKWARD, OPTIMIZER = "backward", "optimizer"


@dataclass
class Row:
    """What one operation in one layer took, over all steps.

    calls:             how often it ran in the forward pass
    forward, backward: seconds
    kept:              bytes that its results hold for the backward pass, parameters left out
    grown:             bytes of memory in use after it, less those before, in both passes together
    peak:              the most bytes in use while it ran, less those before
    """

    layer: str
    operation: str
    calls: int = 0
    forward: float = 0.0
    backward: float = 0.0
    kept: int = 0
    grown: int = 0
    peak: int = 0

    @property
    def seconds(self) -> float:
        """Forward and backward."""
        return self.forward + self.backward


@dataclass
class LayerFacts:
    """parameters: bytes of the layer's own; flops: floating-point operations in the forward pass, over all steps."""

    parameters: int = 0
    flops: int = 0


class Profile(watch.Watcher):
    """A context manager that measures what runs inside it, in the thread that opened it.

    memory: measures memory as well, which makes Python several times slower: take the times without it

    rows:   by (layer, operation)
    layers: by layer
    wall:   seconds inside; own: the profiler's own part of it
    steps:  of an optimizer
    peak:   the most bytes in use at once, less those at the start
    running: between entering and leaving
    """

    def __init__(self, memory: bool = False) -> None:
        self.memory = memory
        self.rows: dict[tuple[str, str], Row] = {}
        self.layers: dict[str, LayerFacts] = {}
        self.wall = self.own = 0.0
        self.steps = self.peak = 0
        self.running = False
        self._thread = 0
        self._seen: set[int] = set()  # ids of the arrays that the tape holds, from the forward to its backward
        self._last = 0.0  # the last reading of the clock
        self._meter = Meter()

    def __enter__(self) -> Self:
        self._thread = get_ident()
        if self.memory:
            self._meter.start()
        watch.start(self)
        self.running = True
        self._last = perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self._charge(None, "")
        watch.stop(self)
        self.running = False
        if self.memory:
            self.peak = self._meter.stop()

    @property
    def outside(self) -> float:
        """Seconds outside of operations: data, measures, your own code."""
        return self.wall - self.own - sum(row.seconds for row in self.rows.values())

    def __str__(self) -> str:
        return as_text(as_dict(self))

    def entered(self, layer: watch.Layer, caller: watch.Layer | None) -> None:  # noqa: ARG002
        """What came before belongs to the caller's Python."""
        self._charge(caller, PYTHON if caller else "")

    def left(self, layer: watch.Layer, module: Module, args: tuple[Any, ...], output: Any) -> None:
        """The rest of the layer's own Python, and what is known of the layer."""
        if not self._charge(layer, PYTHON):
            return
        name = str(layer)
        if name not in self.layers:
            self.layers[name] = LayerFacts(sum(p.array.nbytes for _, p in module._named(Parameter)))
        input_shape, output_shape = _first_shape(args), _first_shape(output)
        if input_shape is not None and output_shape is not None:
            self.layers[name].flops += module.flops(input_shape, output_shape) or 0
        self._close()

    def recorded(self, operation: watch.Seen, outputs: tuple[Tensor, ...], inputs: tuple[Any, ...]) -> None:
        """An operation in the forward pass, or one of second order in the backward pass."""
        if row := self._charge(operation.layer, operation.name):
            row.calls += 1
            node = next((out.node for out in outputs if out.node is not None), None)
            if self.memory and node is not None:
                node = node.source if isinstance(node, Output) else node
                held = (node.y, node.saved, [t.array for t in inputs if _is_activation(t)])
                row.kept += sum(held_bytes(held, self._seen))
            self._close()

    def going_back(self, operation: watch.Seen, g: Any) -> None:  # noqa: ARG002
        """What came before is the engine's: the order of the nodes, and sums of gradients."""
        self._charge(BACKWARD, SUMS, back=True)

    def gone_back(self, operation: watch.Seen, g: Any, gradients: tuple[Any, ...]) -> None:  # noqa: ARG002
        """The operation's rule."""
        self._charge(operation.layer, operation.name, back=True)

    def began(self, work: str) -> None:  # noqa: ARG002
        """What came before is outside."""
        if get_ident() == self._thread:
            self._charge(None, "")
            self._seen.clear()

    def ended(self, work: str) -> None:
        """The rest of the backward pass, or a step."""
        if work == "backward":
            self._charge(BACKWARD, SUMS, back=True)
        elif row := self._charge(OPTIMIZER, work):
            row.calls += 1
            self.steps += 1

    def _charge(self, layer: watch.Layer | str | None, operation: str, back: bool = False) -> Row | None:
        """Gives the time since the last reading to a row, and returns it; without an operation it is outside.

        What other threads do is not charged.
        """
        if get_ident() != self._thread:
            return None
        used = backend.current()
        if used.accelerated:
            used.synchronize()
        now = perf_counter()
        seconds = now - self._last
        self.wall += seconds
        grown, peak = self._meter.read() if self.memory else (0, 0)
        row = self._row(layer, operation) if operation else None
        if row is not None:
            if back:
                row.backward += seconds
            else:
                row.forward += seconds
            row.grown, row.peak = row.grown + grown, max(row.peak, peak)
        self._last = now
        self._close()
        return row

    def _row(self, layer: watch.Layer | str | None, operation: str) -> Row:
        """The row of a layer ("no module" for None) and an operation, new at first."""
        key = (str(layer or "no module"), operation)
        row = self.rows.get(key)
        if row is None:
            row = self.rows[key] = Row(*key)
        return row

    def _close(self) -> None:
        """The time since the last reading was the profiler's own."""
        now = perf_counter()
        self.wall, self.own, self._last = self.wall + now - self._last, self.own + now - self._last, now


def _is_activation(t: Any) -> bool:
    """Whether it is a Tensor that a forward made, or data, and no parameter."""
    return isinstance(t, Tensor) and not (t.is_leaf and t.requires_grad)


def _first_shape(values: Any) -> tuple[int, ...] | None:
    """The shape of the first Tensor among some values."""
    several = values if isinstance(values, tuple | list) else (values,)
    return next((t.shape for t in several if isinstance(t, Tensor)), None)
