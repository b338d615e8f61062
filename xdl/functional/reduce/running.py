"""Running extremes: where the largest or smallest element so far stands."""

from __future__ import annotations

from xdl.backend import Array, namespaces
from xdl.kernel import Kernel


class RunningBestReference:
    """The int64 index along d of the largest (or smallest) x so far, the last of equal ones, the last nan if any.

    By doubling: after each step an index is that of the best of the 2 step elements before (Hillis and Steele, Data
    Parallel Algorithms, 1986).
    """

    @staticmethod
    def forward(x: Array, d: int, largest: bool) -> tuple[Array, None]:
        xp, n = namespaces[type(x)], x.shape[d]
        at = xp.reshape(xp.arange(n, device=x.device), tuple([n if i == d else 1 for i in range(x.ndim)]))
        index, step = xp.asarray(xp.broadcast_to(at, x.shape), dtype=xp.int64, copy=True), 1
        while step < n:
            before, after = _cut(x, index, d, 0, n - step), _cut(x, index, d, step, n)
            later = (after[0] >= before[0] if largest else after[0] <= before[0]) | (after[0] != after[0])
            head = index[(*(slice(None),) * d, slice(0, step), ...)]
            index = xp.concat([head, xp.where(later, after[1], before[1])], axis=d)
            step *= 2
        return index, None


running_best = Kernel("running_best", RunningBestReference)


def _cut(x: Array, index: Array, d: int, start: int, stop: int) -> tuple[Array, Array]:
    """The values that index[start:stop] along d name, and these."""
    part = index[(*(slice(None),) * d, slice(start, stop), ...)]
    return namespaces[type(x)].take_along_axis(x, part, axis=d), part
