"""Running results along one dimension: where the extreme so far stands, products, and a recurrence.

All but the products go by doubling: after each step a result is that of the 2 step elements before (Hillis and Steele,
Data Parallel Algorithms, 1986).
"""

from __future__ import annotations

from functools import partial
from typing import Any

from xdl.backend import Array, namespaces
from xdl.functional import either
from xdl.kernel import Kernel
from xdl.tape import record
from xdl.tensor import Tensor


class RunningBestReference:
    """The int64 index along d of the largest (or smallest) x so far, the last of equal ones, the last nan if any."""

    @staticmethod
    def forward(x: Array, d: int, largest: bool) -> tuple[Array, None]:
        xp, n = namespaces[type(x)], x.shape[d]
        at = xp.reshape(xp.arange(n, device=x.device), tuple([n if i == d else 1 for i in range(x.ndim)]))
        index, step = xp.asarray(xp.broadcast_to(at, x.shape), dtype=xp.int64, copy=True), 1
        while step < n:
            before, after = _cut(x, index, d, 0, n - step), _cut(x, index, d, step, n)
            later = (after[0] >= before[0] if largest else after[0] <= before[0]) | (after[0] != after[0])
            head = part(index, d, 0, step)
            index = xp.concat([head, xp.where(later, after[1], before[1])], axis=d)
            step *= 2
        return index, None


running_best = Kernel("running_best", RunningBestReference)


def _cut(x: Array, index: Array, d: int, start: int, stop: int) -> tuple[Array, Array]:
    """The values that index[start:stop] along d name, and these."""
    chosen = part(index, d, start, stop)
    return namespaces[type(x)].take_along_axis(x, chosen, axis=d), chosen


class RunningReference:
    """y_i along d: for "prod" x_1 ... x_i, for "logsumexp" ln(e**x_1 + ... + e**x_i) without overflow."""

    @staticmethod
    def forward(x: Array, d: int, operation: str) -> tuple[Array, None]:
        xp, n, step = namespaces[type(x)], x.shape[d], 1
        if operation == "prod":
            return xp.cumulative_prod(x, axis=d), None
        while step < n:
            joined = xp.logaddexp(part(x, d, 0, n - step), part(x, d, step, n))
            x = xp.concat([part(x, d, 0, step), joined], axis=d)
            step *= 2
        return x, None


class LinearScanReference:
    """y_i = b_i + a_(i-1) y_(i-1) along d, in reverse y_i = b_i + a_i y_(i+1); a has one element less than b there."""

    @staticmethod
    def forward(b: Array, a: Array, d: int, reverse: bool) -> tuple[Array, None]:
        xp, n, step, y = namespaces[type(b)], b.shape[d], 1, b
        while step < n:  # a_i joins what lies step apart
            low, high = part(y, d, 0, n - step), part(y, d, step, n)
            if reverse:
                y = xp.concat([low + a * high, part(y, d, n - step, n)], axis=d)
            else:
                y = xp.concat([part(y, d, 0, step), high + a * low], axis=d)
            if 2 * step < n:
                a = part(a, d, 0, n - 2 * step) * part(a, d, step, n - step)
            step *= 2
        return y, None


running = Kernel("running", RunningReference)
linear_scan_slot = Kernel("linear_scan", LinearScanReference)


def linear_scan(a: either.Either, b: either.Either, d: int, reverse: bool) -> either.Either:
    """The y of LinearScanReference, for arrays or Tensors. db is such a scan of g the other way, da = db y shifted."""
    if not isinstance(b, Tensor):
        return linear_scan_slot(b, a, d, reverse)[1]
    y = linear_scan_slot(b.array, either.raw(a), d, reverse)[1]
    return record(y, (a, b), partial(_linear_scan_rule, d, reverse), keep_y=True)


def _linear_scan_rule(d: int, reverse: bool, needs: Any, g: Any, y: Any, saved: Any, a: Any, b: Any) -> tuple[Any, Any]:
    n, db = b.shape[d], linear_scan(a, g, d, not reverse)
    before, after = (y, db) if not reverse else (db, y)
    return part(before, d, 0, n - 1) * part(after, d, 1, n), db


def part(x: either.Either, d: int, start: int, stop: int) -> either.Either:
    """The elements from start to stop along d."""
    return x[(*(slice(None),) * d, slice(start, stop), ...)]
