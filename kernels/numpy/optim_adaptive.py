"""Fused steps of Adagrad, Adadelta, RMSprop and Rprop for NumPy: every pass in place, block by block."""

from __future__ import annotations

import numpy as np

from xdl.optim.adadelta import adadelta_update
from xdl.optim.adagrad import adagrad_update
from xdl.optim.rmsprop import rmsprop_update
from xdl.optim.rprop import rprop_update

from .blocks import average, blocks, descent
from .slots import register


@register(adagrad_update)
class adagrad_blocks:
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
        def part(block: slice, g: np.ndarray, w: np.ndarray, u: np.ndarray) -> None:
            q, squares = p[block], s[block]
            d = descent(q, g, weight_decay, maximize, w)
            np.add(squares, np.multiply(d, d, out=u), out=squares)
            np.add(np.sqrt(squares, out=u), eps, out=u)
            np.multiply(np.divide(d, u, out=u), rate, out=u)
            np.subtract(q, u, out=q)

        blocks(part, p, grads)
        return None, None


@register(adadelta_update)
class adadelta_blocks:
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
        def part(block: slice, g: np.ndarray, w: np.ndarray, u: np.ndarray) -> None:
            q, squares, moves = p[block], s[block], a[block]
            d = descent(q, g, weight_decay, maximize, w)
            average(squares, np.multiply(d, d, out=u), rho, u)
            np.sqrt(np.add(squares, eps, out=u), out=u)
            np.divide(d, u, out=w)
            np.sqrt(np.add(moves, eps, out=u), out=u)
            np.multiply(w, u, out=w)
            average(moves, np.multiply(w, w, out=u), rho, u)
            np.subtract(q, np.multiply(w, lr, out=w), out=q)

        blocks(part, p, grads)
        return None, None


@register(rmsprop_update)
class rmsprop_blocks:
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
        def part(block: slice, g: np.ndarray, w: np.ndarray, u: np.ndarray) -> None:
            q, variance = p[block], s[block]
            d = descent(q, g, weight_decay, maximize, w)
            average(variance, np.multiply(d, d, out=u), alpha, u)
            if a is not None:
                average(a[block], d, alpha, u)
                variance = np.subtract(variance, np.multiply(a[block], a[block], out=u), out=u)
            np.add(np.sqrt(variance, out=u), eps, out=u)
            np.divide(d, u, out=u)
            if b is not None:
                past = np.multiply(b[block], momentum, out=b[block])
                np.multiply(np.add(past, u, out=past), lr, out=u)
            else:
                np.multiply(u, lr, out=u)
            np.subtract(q, u, out=q)

        blocks(part, p, grads)
        return None, None


@register(rprop_update)
class rprop_blocks:
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
        def part(block: slice, g: np.ndarray, w: np.ndarray, u: np.ndarray) -> None:
            past, size = q[block], h[block]
            d = descent(p[block], g, 0.0, maximize, w)
            np.multiply(d, past, out=u)
            turned = u < 0
            np.multiply(size, etas[1], out=size, where=u > 0)
            np.multiply(size, etas[0], out=size, where=turned)
            np.clip(size, *step_sizes, out=size)
            past[...] = d
            np.copyto(past, 0, where=turned)
            np.subtract(p[block], np.multiply(np.sign(past, out=u), size, out=u), out=p[block])

        blocks(part, p, grads)
        return None, None
