"""Parameters of one backend and dtype, laid into one buffer, so that an update is one pass.

Each begins at a multiple of 64 bytes, as memory of its own would: kernels read 16 bytes at once. What lies in the gaps
between them is updated too, by gradients of 1, which divide nothing by zero, and never read. The rest of `grad` is
written where a gradient is copied; on the host the system gives no memory for the parts of large ones, which are not.

`adopt` moves the values into the buffer and lets each parameter's array be a view of it. From then on the arrays
keep their identity. If something else gives a parameter another array (a second optimizer), the next step adopts
it again, with its values; an array of another dtype or backend is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from math import prod
from typing import Any, NamedTuple

from xdl import backend
from xdl.backend import Array, namespaces
from xdl.errors import BackendError, DtypeError
from xdl.functional import either
from xdl.kernel import Kernel
from xdl.tensor import Tensor, written


class Run(NamedTuple):
    """Consecutive parameters that are updated together.

    low, high: their range in the buffers
    grads:     their gradients: flat arrays that lie end to end
    step:      their step number, from 1
    scalars:   the numbers that each of them keeps, equal for all
    members:   their places among the parameters of the Flat
    """

    low: int
    high: int
    grads: list[Array]
    step: int
    scalars: list[dict[str, Any]]
    members: list[int]


class CopyPartsReference:
    """Copies arrays into views of one buffer, each of the shape of its view."""

    @staticmethod
    def forward(buffer: Array, views: list[Array], parts: list[Array]) -> tuple[None, None]:
        for view, part in zip(views, parts, strict=True):
            view[...] = part
        return None, None


copy_parts = Kernel("copy_parts", CopyPartsReference)

Shape = tuple[int, ...]
LARGE = (
    1 << 15
)  # elements from which a gradient is not copied on the host; a device copies all of them in a few launches
ALIGNED = 64  # bytes


def aligned(sizes: list[int], itemsize: int) -> tuple[list[int], int]:
    """Where parts of so many elements begin if each begins at a multiple of ALIGNED bytes, and the size of all."""
    step = ALIGNED // itemsize
    ends = list(accumulate(-(-size // step) * step for size in sizes))
    return [0, *ends[:-1]], ends[-1]


class Flat:
    """The buffer of some parameters, and an optimizer's state: buffers by name, and numbers.

    start:    the numbers that every parameter begins with, {"step": 0} and what else an optimizer keeps
    shape_of: shape_of(name, shape) is the shape that a parameter of that shape has in the state buffer of that name,
              or None where it has no part of it
    """

    def __init__(
        self, parameters: list[Tensor], start: dict[str, Any], shape_of: Callable[[str, Shape], Shape | None]
    ) -> None:
        self.parameters = parameters
        self._shape_of = shape_of
        self._layouts: dict[str, tuple[list[Shape | None], list[int], int]] = {}
        first = parameters[0].array
        self.starts, self.size = aligned([prod(p.shape) for p in parameters], backend.dtype_name(first).itemsize)
        self.ends = [start + prod(p.shape) for start, p in zip(self.starts, parameters, strict=True)]
        self.scalars = [dict(start) for _ in parameters]
        self.array, self.grad = (backend.of(first).zeros(first, self.size, place) for place in range(2))
        for end, following in zip(self.ends, [*self.starts[1:], self.size], strict=True):
            if end < following:
                self.grad[end:following] = 1
        self.state: dict[str, Array] = {}
        self._grads = [self.view(self.grad, i) for i in range(len(parameters))]
        copies_all = backend.of(first).accelerated
        self._copied = [copies_all or end - start < LARGE for start, end in zip(self.starts, self.ends, strict=True)]
        self._views: list[Array] = [None] * len(parameters)
        self.adopt()

    def adopt(self) -> None:
        """Makes the buffer the home of every parameter's values."""
        for i, p in enumerate(self.parameters):
            if p.array is not self._views[i]:
                self._check(p)
                view = self.view(self.array, i)
                view[...] = p.array
                p.array = self._views[i] = view

    def _check(self, p: Tensor) -> None:
        """Raises where a parameter became another kind of array than its state."""
        hint = "Make the optimizer after the parameters' last change of dtype or backend"
        if type(p.array) is not type(self.array):
            found, made = backend.of(p.array).name, backend.of(self.array).name
            raise BackendError("Optimizer.step", f"parameters on {made}, as when it was made", found, hint)
        if p.array.dtype != self.array.dtype:
            expected = f"parameters of {backend.dtype_name(self.array)}, as when it was made"
            raise DtypeError("Optimizer.step", expected, p.dtype, hint)

    def view(self, buffer: Array, i: int) -> Array:
        """The part of a buffer that belongs to parameter i, in its shape."""
        part = buffer[self.starts[i] : self.ends[i]]
        return namespaces[type(buffer)].reshape(part, self.parameters[i].array.shape, copy=False)

    def zeros(self, name: str) -> Array:
        """The state buffer of that name, zero at first."""
        if name not in self.state:
            size, place = self._layout(name)[2], 2 + len(self.state)
            self.state[name] = backend.of(self.array).zeros(self.array, size, place)
        return self.state[name]

    def kept(self, name: str, i: int) -> Array | None:
        """The part of the state buffer of that name that belongs to parameter i, None where it has none."""
        shapes, starts, _ = self._layout(name)
        buffer, shape = self.zeros(name), shapes[i]
        if shape is None:
            return None
        return namespaces[type(buffer)].reshape(buffer[starts[i] : starts[i] + prod(shape)], shape, copy=False)

    def begin(self, name: str, i: int) -> int:
        """Where the part of parameter i begins in the state buffer of that name."""
        return self._layout(name)[1][i]

    def _layout(self, name: str) -> tuple[list[Shape | None], list[int], int]:
        """The shapes of the parameters' parts of a state buffer, where each begins, and the size of the whole."""
        if name not in self._layouts:
            shapes = [self._shape_of(name, p.shape) for p in self.parameters]
            sizes = [0 if s is None else prod(s) for s in shapes]
            self._layouts[name] = shapes, *aligned(sizes, backend.dtype_name(self.array).itemsize)
        return self._layouts[name]

    def gradient(self, i: int) -> Array:
        """The gradient of parameter i, in its shape."""
        return either.raw(self.parameters[i]._grad)

    def gathered(self, p: Tensor) -> Array | None:
        """Where the gradient of a parameter is gathered for an update: nothing is copied that lies there."""
        for i, own in enumerate(self.parameters):
            if own is p:
                return self._grads[i] if self._copied[i] else None
        return None

    def runs(self) -> list[Run]:
        """Counts a step for every parameter with a gradient, and joins neighbours whose numbers are equal.

        A parameter without a gradient is left as it is, and so is its state.
        """
        self.adopt()
        having = [i for i, p in enumerate(self.parameters) if p._grad is not None]
        written([self.parameters[i] for i in having])
        runs: list[list[int]] = []
        for i in having:
            scalars = self.scalars[i]
            scalars["step"] += 1
            if runs and runs[-1][-1] == i - 1 and self.scalars[i - 1] == scalars:
                runs[-1].append(i)
            else:
                runs.append([i])
        return [self._run(members) for members in runs]

    def _run(self, members: list[int]) -> Run:
        """Gathers the gradients of small neighbours in the buffer; those of large parameters stay where they are."""
        grads, views, parts = [], [], []
        low = self.starts[members[0]]
        for i in members:
            g = either.raw(self.parameters[i]._grad)
            if self._copied[i]:
                if g is not self._grads[i]:
                    views.append(self._grads[i])
                    parts.append(g)
                continue
            if low < self.starts[i]:
                grads.append(self.grad[low : self.starts[i]])
            grads.append(namespaces[type(g)].reshape(g, (-1,)))
            low = self.ends[i]
        if views:
            copy_parts(self.grad, views, parts)
        high = self.ends[members[-1]]
        if low < high:
            grads.append(self.grad[low:high])
        scalars = self.scalars[members[0] : members[-1] + 1]
        return Run(self.starts[members[0]], high, grads, scalars[0]["step"], scalars, members)


def gradient_at(grads: list[Array], start: int, size: int) -> Array:
    """`size` elements from `start` on of flat gradients that lie end to end; all of them lie in one of these."""
    for g in grads:
        if start < g.shape[0]:
            break
        start -= g.shape[0]
    return g[start : start + size]
