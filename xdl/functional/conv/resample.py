"""Interpolation along each dimension after the channels: a linear map, and its adjoint.

A rule (mode, n, m, step, align_corners) makes m elements of n along one dimension, each of a few taps:

    y_i = sum over taps t of w_t(i) x[j_t(i)]
    adjoint: x_j = the sum of w_t(i) g_i over all t and i with j_t(i) = j

`resize.py` has the formulas for j and w, `antialias.py` those of averages.
"""

from __future__ import annotations

from functools import lru_cache, partial
from math import floor
from typing import Any

from xdl import backend
from xdl.backend import Array, namespaces
from xdl.functional import either
from xdl.functional.conv.antialias import SMOOTH, weights_of
from xdl.functional.index.select import sum_at, take
from xdl.kernel import Kernel
from xdl.node import edge
from xdl.tape import record
from xdl.tensor import Tensor

CUBIC = -0.75
Rule = tuple[str, int, int, float, bool]
Tap = tuple[list[int], list[float] | None]  # j and w for every i; no weights where all are 1


def resample(x: Tensor, rules: tuple[Rule, ...], adjoint: bool = False) -> Tensor:
    """x (N, C, n1, ...) with one rule for each dimension after the channels; in the adjoint from their m to their n."""
    version, y, saved = resample_pair(x.array, rules, adjoint)
    return record(y, (edge(x),), partial(_resample_rule, rules, adjoint), saved, version)


def _resample_rule(
    rules: tuple[Rule, ...], adjoint: bool, needs: Any, g: Any, y: Any, saved: Any, x: Any
) -> tuple[Any]:
    return (resample(g, rules, not adjoint),)


class ResamplePair:
    """y, one dimension after the other, the last first in the adjoint; saved: rules and adjoint."""

    @staticmethod
    def forward(x: Array, rules: tuple[Rule, ...], adjoint: bool) -> tuple[Array, Any]:
        for d in reversed(range(len(rules))) if adjoint else range(len(rules)):
            x = _along(x, d + 2, rules[d], adjoint)
        return x, (rules, adjoint)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array]:
        rules, adjoint = saved
        return (ResamplePair.forward(g, rules, not adjoint)[0],)


resample_pair = Kernel("resample", ResamplePair)


def _along(x: Array, d: int, rule: Rule, adjoint: bool) -> Array:
    if rule[0] in SMOOTH:
        return _averaged(x, d, rule, adjoint)
    total, xp, n = None, backend.of(x), rule[1]
    for places, weights in taps(rule):
        ids, w = xp.asarray(places, "int64"), None
        if weights is not None:
            w = namespaces[type(x)].reshape(xp.asarray(weights, x.dtype), (len(weights), *[1] * (x.ndim - d - 1)))
        if adjoint:
            term = sum_at(x if w is None else x * w, ids, d, n)
        else:
            term = take(x, ids, d) if w is None else take(x, ids, d) * w
        if total is None:
            total = term
        else:
            total += term
    assert total is not None
    return total


def _averaged(x: Array, d: int, rule: Rule, adjoint: bool) -> Array:
    """Each new element averages many: by one product with all weights."""
    mode, n, m, step, _ = rule
    xp, w = namespaces[type(x)], backend.of(x).asarray(weights_of(n, m, step, mode), x.dtype)
    return xp.moveaxis(either.matmul(xp.moveaxis(x, d, -1), w if adjoint else w.T), -1, d)


@lru_cache(maxsize=256)
def taps(rule: Rule) -> tuple[Tap, ...]:
    """The taps of a rule: one, two, four of "bicubic", or as many as an average takes, with weights of 0 beyond it."""
    mode, n, m, step, align_corners = rule
    if mode in SMOOTH:
        rows = [{j: w for j, w in enumerate(row) if w} for row in weights_of(n, m, step, mode)]
        count = max(max(row) - min(row) + 1 for row in rows)
        return tuple(
            ([min(min(row) + k, n - 1) for row in rows], [row.get(min(row) + k, 0.0) for row in rows])
            for k in range(count)
        )
    if mode.startswith("nearest"):
        shift = 0.5 if mode == "nearest-exact" else 0.0
        return (([min(floor((i + shift) * step), n - 1) for i in range(m)], None),)
    places = [i * (n - 1) / (m - 1) if m > 1 else 0.0 for i in range(m)]
    if not align_corners:
        places = [(i + 0.5) * step - 0.5 for i in range(m)]
    if mode == "bicubic":
        lower = [floor(s) for s in places]
        return tuple(
            (
                [min(max(j + k, 0), n - 1) for j in lower],
                [_keys(abs(s - j - k)) for s, j in zip(places, lower, strict=True)],
            )
            for k in (-1, 0, 1, 2)
        )
    places = [min(max(0.0, s), n - 1.0) for s in places]
    lower = [floor(s) for s in places]
    upper = [s - j for s, j in zip(places, lower, strict=True)]
    if not any(upper):
        return ((lower, None),)
    return (lower, [1 - w for w in upper]), ([min(j + 1, n - 1) for j in lower], upper)


def _keys(t: float) -> Any:
    """The weight of a sample at distance t < 2."""
    return near(t) if t <= 1 else far(t)


def near(t: Any) -> Any:
    """h(t) for numbers or Tensors of 0 to 1."""
    return ((CUBIC + 2) * t - (CUBIC + 3)) * t * t + 1


def far(t: Any) -> Any:
    """h(t) for numbers or Tensors of 1 to 2."""
    return CUBIC * (((t - 5) * t + 8) * t - 4)
