"""Steps of SGD and of Adam and its kin, compiled: one pass over each part of the parameters.

rate m / (sqrt(v) / root + eps) is (rate root) m / (sqrt(v) + eps root): one division a value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from xdl.optim.adam import adam_update
from xdl.optim.sgd import sgd_update

from ..compiled import Compiled
from ..sharing import REALS, over, plain
from ..slots import register

sgd = Compiled("optim.update.sgd", "T[::1], T[::1] | T, T, T")
momentum_step = Compiled("optim.update.momentum", "T[::1], T[::1], T[::1] | T, T, T, T, T, boolean, boolean")
adam = Compiled("optim.update.adam", "T[::1], T[::1], T[::1], T[::1] | T, T, T, T, T, T, T, T")
moments = Compiled("optim.update.moments", "T[::1], T[::1], T[::1], T[::1] | T, T, T, T, T, T")
amsgrad = Compiled("optim.update.amsgrad", "T[::1], T[::1], T[::1], T[::1], T[::1] | T, T, T, T, T, T, T, T")
COST = 0.4  # nanoseconds a value
WHY = "float32 or float64 without gaps in memory"


def steps(
    loop: Callable[..., None], grads: Sequence[np.ndarray], p: np.ndarray, more: Sequence[np.ndarray], *numbers: Any
) -> None:
    """loop(p, g, *more, *numbers) on the part of p and of the others that belongs to each gradient, end to end."""
    if len(grads) == 1:
        over(loop, COST, [p, plain(grads[0]), *more], *numbers)
        return
    start = 0
    for g in grads:
        part = slice(start, start + len(g))
        over(loop, COST, [p[part], plain(g), *[a[part] for a in more]], *numbers)
        start += len(g)


def flat(p: np.ndarray, grads: Any, *buffers: np.ndarray | None) -> bool:
    """Whether loops take these parameters and buffers."""
    for a in (p, *buffers):
        if a is not None and not a.flags.carray:
            return False
    return p.dtype in REALS


@register(sgd_update, sgd, momentum_step, when=lambda p, grads, b, *_: flat(p, grads, b), why=WHY)
class sgd_compiled:
    """One step of SGD on flat p and b, in place."""

    @staticmethod
    def forward(
        p: np.ndarray,
        grads: list[np.ndarray],
        b: np.ndarray | None,
        first: bool,
        lr: float,
        momentum: float,
        dampening: float,
        weight_decay: float,
        nesterov: bool,
        maximize: bool,
    ) -> tuple[None, None]:
        sign = -1.0 if maximize else 1.0
        if b is None:
            steps(sgd[p.dtype], grads, p, [], lr, weight_decay, sign)
        else:
            numbers = lr, momentum, 1 - dampening, weight_decay, sign, bool(first), bool(nesterov)
            steps(momentum_step[p.dtype], grads, p, [b], *numbers)
        return None, None


def _stepped(p: Any, grads: Any, m: Any, v: Any, largest: Any, rate: float, ahead: float, root: Any, *_: Any) -> bool:
    return (root is not None or largest is None) and flat(p, grads, m, v, largest)


@register(adam_update, adam, moments, amsgrad, when=_stepped, why=f"{WHY}, without AMSGrad where nothing is divided")
class adam_compiled:
    """One step of Adam and its kin on flat p, m, v and largest, in place."""

    @staticmethod
    def forward(
        p: np.ndarray,
        grads: list[np.ndarray],
        m: np.ndarray,
        v: np.ndarray,
        largest: np.ndarray | None,
        rate: float,
        ahead: float,
        root: float | None,
        beta1: float,
        beta2: float,
        eps: float,
        weight_decay: float,
        shrink: float,
        maximize: bool,
    ) -> tuple[None, None]:
        sign = -1.0 if maximize else 1.0
        if root is None:
            steps(moments[p.dtype], grads, p, [m, v], rate, beta1, beta2, weight_decay, shrink, sign)
            return None, None
        numbers = rate * root, ahead * root, eps * root, beta1, beta2, weight_decay, shrink, sign
        if largest is None:
            steps(adam[p.dtype], grads, p, [m, v], *numbers)
        else:
            steps(amsgrad[p.dtype], grads, p, [m, v, largest], *numbers)
        return None, None
