"""Parameters of one backend and dtype, laid end to end in one buffer, so that an update is one pass.

`adopt` moves the values into the buffer and lets each parameter's array be a view of it. From then on the arrays
keep their identity. If something else gives a parameter another array (a second optimizer, `Module.to`), the
next step adopts it again, with its values.
"""

from __future__ import annotations

from itertools import accumulate
from math import prod
from typing import NamedTuple

from xdl.backend import Array, namespaces
from xdl.tensor import Tensor, ticks, write_clock


class Run(NamedTuple):
    """Consecutive parameters that are updated together: their range in the buffers and their gradients' values."""

    low: int
    high: int
    grad: Array
    members: range


class Flat:
    """The buffer of some parameters, and buffers of the same layout for an optimizer's state."""

    def __init__(self, parameters: list[Tensor]) -> None:
        self.parameters = parameters
        self.ends = list(accumulate(prod(p.shape) for p in parameters))
        self.starts = [0, *self.ends[:-1]]
        self.steps = [0] * len(parameters)
        first = parameters[0].data
        xp = namespaces[type(first)]
        self.data = xp.empty(self.ends[-1], dtype=first.dtype, device=first.device)
        self.grad = xp.empty(self.ends[-1], dtype=first.dtype, device=first.device)
        self.state: dict[str, Array] = {}
        self._views: list[Array] = [None] * len(parameters)
        self.adopt()

    def adopt(self) -> None:
        """Makes the buffer the home of every parameter's values."""
        for i, p in enumerate(self.parameters):
            if p.data is not self._views[i]:
                view = self.view(self.data, i)
                view[...] = p.data
                p.data = self._views[i] = view

    def view(self, buffer: Array, i: int) -> Array:
        """The part of a buffer that belongs to parameter i, in its shape."""
        part = buffer[self.starts[i] : self.ends[i]]
        return namespaces[type(buffer)].reshape(part, self.parameters[i].data.shape, copy=False)

    def zeros(self, name: str) -> Array:
        """The state buffer of that name, zero at first."""
        if name not in self.state:
            self.state[name] = namespaces[type(self.data)].zeros_like(self.data)
        return self.state[name]

    def runs(self) -> list[Run]:
        """Counts a step for every parameter with a gradient, and joins neighbours that have made as many steps.

        A parameter without a gradient is left as it is, and so is its state.
        """
        self.adopt()
        tick = next(ticks)
        groups: list[list[int]] = []
        for i, p in enumerate(self.parameters):
            if p._grad is None:
                continue
            self.steps[i] += 1
            write_clock(p)[0] = tick
            if groups and groups[-1][-1] == i - 1 and self.steps[i - 1] == self.steps[i]:
                groups[-1].append(i)
            else:
                groups.append([i])
        return [self._run(range(group[0], group[-1] + 1)) for group in groups]

    def _run(self, members: range) -> Run:
        low, high = self.starts[members[0]], self.ends[members[-1]]
        xp = namespaces[type(self.data)]
        parts = [xp.reshape(_raw(self.parameters[i]), (-1,)) for i in members]
        return Run(low, high, parts[0] if len(parts) == 1 else gather(parts, self.grad[low:high]), members)


def gather(parts: list[Array], out: Array) -> Array:
    """The parts end to end in `out`."""
    start = 0
    for part in parts:
        out[start : start + part.shape[0]] = part
        start += part.shape[0]
    return out


def _raw(p: Tensor) -> Array:
    return p._grad.data if isinstance(p._grad, Tensor) else p._grad
