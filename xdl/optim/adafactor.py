"""Adafactor: Adam's second moments as products of rows and columns, which take little memory (Shazeer, Stern 2018).

p parameters (..., R, C), g gradients, t step number; lr, beta2_decay, eps1, eps2, d, weight_decay
rms(x) = |x| / sqrt n of all its n elements

b = t**beta2_decay          a = max(eps2, rms p) min(lr, 1 / sqrt t)          p = (1 - lr weight_decay) p
r = r + b (mean over C of g**2 - r)          c = c + b (mean over R of g**2 - c)
v = r c / max(mean of r, eps1)               or, of a p without columns, v = v + b (g**2 - v)
u = g / sqrt(max(v, eps1**2))                p = p - a u / max(1, rms(u) / d)

eps1 is by default the distance from 1 to the next number of p's dtype.
"""

from __future__ import annotations

from math import sqrt
from typing import Any, ClassVar

from xdl.backend import Array, namespaces
from xdl.observe import given
from xdl.optim.elsewhere import check_elsewhere
from xdl.optim.flat import Flat, Run
from xdl.optim.optimizer import NOT_NEGATIVE, Optimizer, Params, require
from xdl.optim.state_check import Buffers


class Adafactor(Optimizer):
    """Adafactor; see the module docstring. r and c stand in the state as "row_var" and "col_var", v as "variance"."""

    buffers: ClassVar[Buffers | None] = {"row_var": True, "col_var": True, "variance": True}
    not_negative: ClassVar[tuple[str, ...]] = tuple([name for name in NOT_NEGATIVE if name != "eps"])

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
    ) -> None:
        check_elsewhere("Adafactor", foreach=foreach)
        defaults = {
            "lr": lr,
            "beta2_decay": beta2_decay,
            "eps": eps,
            "d": d,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def check(self, group: dict[str, Any]) -> None:
        """Raises SettingError for a setting out of range."""
        super().check(group)
        eps, d, decay = group["eps"], group["d"], group["beta2_decay"]
        require("Adafactor", "beta2_decay", decay, decay <= 0, "a number of at most 0")
        require("Adafactor", "d", d, d >= 1, "a number of at least 1")
        fits = len(eps) == 2 and (eps[0] is None or eps[0] >= 0) and eps[1] >= 0
        require("Adafactor", "eps", eps, fits, "None or a number of at least 0, then a number of at least 0")

    def buffer_shape(self, name: str, shape: tuple[int, ...]) -> tuple[int, ...] | None:
        """Rows and columns for parameters of two dimensions and more, else all elements."""
        if len(shape) < 2:
            return shape if name == "variance" else None
        shapes = {"row_var": (*shape[:-1], 1), "col_var": (*shape[:-2], 1, shape[-1])}
        return shapes.get(name)

    def update(self, flat: Flat, run: Run, group: dict[str, Any]) -> None:
        """One step on one run: on each parameter by itself."""
        given("Adafactor", step=run.step)
        for i in run.members:
            p, g = flat.view(flat.array, i), flat.gradient(i)
            if not p.size:
                continue
            xp, eps1, lr = namespaces[type(p)], group["eps"][0], group["lr"]
            eps1 = float(xp.finfo(p.dtype).eps) if eps1 is None else eps1
            row, col, whole = (flat.kept(name, i) for name in ("row_var", "col_var", "variance"))
            size = xp.maximum(_rms(p), group["eps"][1]) * min(lr, 1 / sqrt(run.step))
            if group["weight_decay"]:
                p[...] = p * (1 - lr * group["weight_decay"])
            v = _second_moment(g, row, col, whole, run.step ** group["beta2_decay"], eps1)
            u = g / xp.sqrt(xp.maximum(v, eps1 * eps1))
            change = u * (size / xp.maximum(_rms(u) / group["d"], 1.0))
            p[...] = p + change if group["maximize"] else p - change


def _rms(x: Array) -> Array:
    """|x| / sqrt n, 0-d."""
    xp = namespaces[type(x)]
    return xp.sqrt(xp.mean(x * x))


def _second_moment(
    g: Array, row: Array | None, col: Array | None, whole: Array | None, share: float, eps1: float
) -> Array:
    """v, after row and col, or whole, have moved by that share towards g**2."""
    xp = namespaces[type(g)]
    if row is None or col is None:
        assert whole is not None
        whole[...] = whole + (g * g - whole) * share
        return whole
    row[...] = row + (xp.mean(g * g, axis=-1, keepdims=True) - row) * share
    col[...] = col + (xp.mean(g * g, axis=-2, keepdims=True) - col) * share
    return row * col / xp.maximum(xp.mean(row, axis=-2, keepdims=True), eps1)
