"""Parameters of one backend and dtype, laid end to end in one buffer, so that an update is one pass.

`adopt` moves the values into the buffer and lets each parameter's array be a view of it. From then on the arrays
keep their identity. If something else gives a parameter another array (a second optimizer, `Module.to`), the
next step adopts it again, with its values.
"""

from __future__ import annotations

from itertools import accumulate
from math import prod
from typing import Any, NamedTuple

from xdl.backend import Array, namespaces
from xdl.functional import either
from xdl.tensor import Tensor, written


class Run(NamedTuple):
    """Consecutive parameters that are updated together.

    low, high: their range in the buffers
    grad:      their gradients (high - low,)
    step:      their step number, from 1
    scalars:   the numbers that each of them keeps, equal for all
    """

    low: int
    high: int
    grad: Array
    step: int
    scalars: list[dict[str, Any]]


LARGE = 1 << 15  # elements from which a gradient is not copied


class Flat:
    """The buffer of some parameters, and an optimizer's state: buffers of the same layout, and numbers.

    start: the numbers that every parameter begins with, {"step": 0} and what else an optimizer keeps
    """

    def __init__(self, parameters: list[Tensor], start: dict[str, Any]) -> None:
        self.parameters = parameters
        self.ends = list(accumulate(prod(p.shape) for p in parameters))
        self.starts = [0, *self.ends[:-1]]
        self.scalars = [dict(start) for _ in parameters]
        first = parameters[0].data
        xp = namespaces[type(first)]
        self.data = xp.empty(self.ends[-1], dtype=first.dtype, device=first.device)
        self.grad = xp.empty(self.ends[-1], dtype=first.dtype, device=first.device)
        self.state: dict[str, Array] = {}
        self._grads = [self.view(self.grad, i) for i in range(len(parameters))]
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
        """Counts a step for every parameter with a gradient, and joins small neighbours whose numbers are equal.

        A parameter without a gradient is left as it is, and so is its state. The gradients of small parameters are
        gathered in one buffer; one of a large parameter is read where it is.
        """
        self.adopt()
        written(p for p in self.parameters if p._grad is not None)
        runs: list[list[int]] = []
        joined = False
        for i, p in enumerate(self.parameters):
            if p._grad is None:
                continue
            self.scalars[i]["step"] += 1
            small = self.ends[i] - self.starts[i] < LARGE
            if small and joined and runs[-1][-1] == i - 1 and self.scalars[i - 1] == self.scalars[i]:
                runs[-1].append(i)
            else:
                runs.append([i])
            joined = small
        return [self._run(members) for members in runs]

    def _run(self, members: list[int]) -> Run:
        low, high = self.starts[members[0]], self.ends[members[-1]]
        scalars = self.scalars[members[0] : members[-1] + 1]
        step = scalars[0]["step"]
        if high - low >= LARGE and len(members) == 1:
            g = either.raw(self.parameters[members[0]]._grad)
            return Run(low, high, namespaces[type(g)].reshape(g, (-1,)), step, scalars)
        for i in members:
            self._grads[i][...] = either.raw(self.parameters[i]._grad)
        return Run(low, high, self.grad[low:high], step, scalars)
