"""Steps of Adamax, Adagrad, Adadelta, RMSprop, Rprop and ASGD, compiled: one pass over each part of the parameters."""

from __future__ import annotations

import numpy as np

from xdl.optim.adadelta import adadelta_update
from xdl.optim.adagrad import adagrad_update
from xdl.optim.adamax import adamax_update
from xdl.optim.asgd import asgd_update
from xdl.optim.rmsprop import rmsprop_update
from xdl.optim.rprop import rprop_update

from ..compiled import Compiled
from ..slots import register
from .steps import WHY, flat, steps


def _loop(name: str, arrays: int, numbers: int, more: str = "") -> Compiled:
    return Compiled(f"optim.update.{name}", f"{', '.join(['T[::1]'] * arrays)} | {', '.join(['T'] * numbers)}{more}")


adamax = _loop("adamax", 4, 6)
adagrad = _loop("adagrad", 3, 4)
adadelta = _loop("adadelta", 4, 5)
rmsprop = {  # by whether there is a and whether there is b
    (False, False): _loop("rmsprop", 3, 5),
    (False, True): _loop("rmsprop_momentum", 4, 6),
    (True, False): _loop("rmsprop_centered", 4, 5),
    (True, True): _loop("rmsprop_centered_momentum", 5, 6),
}
rprop = _loop("rprop", 4, 5)
asgd = _loop("asgd", 3, 5, ", boolean")


@register(adamax_update, adamax, when=lambda p, grads, m, u, *_: flat(p, grads, m, u), why=WHY)
class adamax_compiled:
    """One step of Adamax on flat p, m and u, in place."""

    @staticmethod
    def forward(
        p: np.ndarray,
        grads: list[np.ndarray],
        m: np.ndarray,
        u: np.ndarray,
        rate: float,
        beta1: float,
        beta2: float,
        eps: float,
        weight_decay: float,
        maximize: bool,
    ) -> tuple[None, None]:
        steps(adamax[p.dtype], grads, p, [m, u], rate, beta1, beta2, eps, weight_decay, -1.0 if maximize else 1.0)
        return None, None


@register(adagrad_update, adagrad, when=lambda p, grads, s, *_: flat(p, grads, s), why=WHY)
class adagrad_compiled:
    """One step of Adagrad on flat p and s, in place."""

    @staticmethod
    def forward(
        p: np.ndarray,
        grads: list[np.ndarray],
        s: np.ndarray,
        rate: float,
        eps: float,
        weight_decay: float,
        maximize: bool,
    ) -> tuple[None, None]:
        steps(adagrad[p.dtype], grads, p, [s], rate, eps, weight_decay, -1.0 if maximize else 1.0)
        return None, None


@register(adadelta_update, adadelta, when=lambda p, grads, s, a, *_: flat(p, grads, s, a), why=WHY)
class adadelta_compiled:
    """One step of Adadelta on flat p, s and a, in place."""

    @staticmethod
    def forward(
        p: np.ndarray,
        grads: list[np.ndarray],
        s: np.ndarray,
        a: np.ndarray,
        lr: float,
        rho: float,
        eps: float,
        weight_decay: float,
        maximize: bool,
    ) -> tuple[None, None]:
        steps(adadelta[p.dtype], grads, p, [s, a], lr, rho, eps, weight_decay, -1.0 if maximize else 1.0)
        return None, None


@register(rmsprop_update, *rmsprop.values(), when=lambda p, grads, s, a, b, *_: flat(p, grads, s, a, b), why=WHY)
class rmsprop_compiled:
    """One step of RMSprop on flat p, s, a and b, in place."""

    @staticmethod
    def forward(
        p: np.ndarray,
        grads: list[np.ndarray],
        s: np.ndarray,
        a: np.ndarray | None,
        b: np.ndarray | None,
        lr: float,
        alpha: float,
        eps: float,
        weight_decay: float,
        momentum: float,
        maximize: bool,
    ) -> tuple[None, None]:
        loop, sign = rmsprop[a is not None, b is not None], -1.0 if maximize else 1.0
        averages = [s, *(x for x in (a, b) if x is not None)]
        settings = (weight_decay,) if b is None else (weight_decay, momentum)
        steps(loop[p.dtype], grads, p, averages, lr, alpha, eps, *settings, sign)
        return None, None


@register(rprop_update, rprop, when=lambda p, grads, q, h, *_: flat(p, grads, q, h), why=WHY)
class rprop_compiled:
    """One step of Rprop on flat p, q and h, in place."""

    @staticmethod
    def forward(
        p: np.ndarray,
        grads: list[np.ndarray],
        q: np.ndarray,
        h: np.ndarray,
        etas: tuple[float, float],
        step_sizes: tuple[float, float],
        maximize: bool,
    ) -> tuple[None, None]:
        steps(rprop[p.dtype], grads, p, [q, h], *etas, *step_sizes, -1.0 if maximize else 1.0)
        return None, None


@register(asgd_update, asgd, when=lambda p, grads, a, *_: flat(p, grads, a), why=WHY)
class asgd_compiled:
    """One step of averaged SGD on flat p and a, in place."""

    @staticmethod
    def forward(
        p: np.ndarray,
        grads: list[np.ndarray],
        a: np.ndarray,
        shrink: float,
        eta: float,
        mu: float,
        weight_decay: float,
        maximize: bool,
    ) -> tuple[None, None]:
        sign = -1.0 if maximize else 1.0
        steps(asgd[p.dtype], grads, p, [a], shrink, eta, mu, weight_decay, sign, mu == 1)
        return None, None
