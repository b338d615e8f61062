"""Fused steps of SGD and of Adam's kin for NumPy: every pass in place, block by block."""

from __future__ import annotations

import numpy as np

from xdl.optim.adam import adam_update
from xdl.optim.adamax import adamax_update
from xdl.optim.sgd import sgd_update

from .blocks import average, blocks, descent
from .slots import register


@register(sgd_update)
class sgd_blocks:
    """One step of SGD on flat p, in place."""

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
        def part(block: slice, g: np.ndarray, w: np.ndarray, u: np.ndarray) -> None:
            d = descent(p[block], g, weight_decay, maximize, w)
            if b is not None:
                past = b[block]
                if first:
                    past[...] = d
                else:
                    np.multiply(past, momentum, out=past)
                    np.add(past, np.multiply(d, 1 - dampening, out=u) if dampening else d, out=past)
                d = np.add(np.multiply(past, momentum, out=u), d, out=u) if nesterov else past
            np.subtract(p[block], np.multiply(d, lr, out=u), out=p[block])

        blocks(part, p, grads)
        return None, None


@register(adam_update)
class adam_blocks:
    """One step of Adam and its kin on flat p, m, v and largest, in place.

    rate m / (sqrt(v) / root + eps) is (rate root) m / (sqrt(v) + eps root): one division a value.
    """

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
        def part(block: slice, g: np.ndarray, w: np.ndarray, u: np.ndarray) -> None:
            q, first, second = p[block], m[block], v[block]
            if shrink != 1:
                np.multiply(q, shrink, out=q)
            d = descent(q, g, weight_decay, maximize, u)
            np.multiply(first, beta1, out=first)
            np.add(first, np.multiply(d, 1 - beta1, out=w), out=first)
            np.multiply(w, d, out=w)
            np.multiply(w, (1 - beta2) / (1 - beta1), out=w)
            np.multiply(second, beta2, out=second)
            np.add(second, w, out=second)
            if largest is not None:
                second = np.maximum(largest[block], second, out=largest[block])
            if root is None:
                np.subtract(q, np.multiply(first, rate, out=w), out=q)
                return
            np.sqrt(second, out=w)
            np.add(w, eps * root, out=w)
            if ahead:
                np.divide(np.multiply(d, ahead * root, out=u), w, out=u)
                np.subtract(q, u, out=q)
            np.divide(first, w, out=w)
            np.multiply(w, rate * root, out=w)
            np.subtract(q, w, out=q)

        blocks(part, p, grads)
        return None, None


@register(adamax_update)
class adamax_blocks:
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
        def part(block: slice, g: np.ndarray, w: np.ndarray, x: np.ndarray) -> None:
            q, first, norm = p[block], m[block], u[block]
            d = descent(q, g, weight_decay, maximize, w)
            average(first, d, beta1, x)
            np.add(np.abs(d, out=w), eps, out=w)
            np.maximum(np.multiply(norm, beta2, out=norm), w, out=norm)
            np.multiply(np.divide(first, norm, out=x), rate, out=x)
            np.subtract(q, x, out=q)

        blocks(part, p, grads)
        return None, None
