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

from math import prod, sqrt
from typing import Any, ClassVar, NamedTuple

from xdl.backend import Array, namespaces
from xdl.kernel import Kernel
from xdl.observe import given
from xdl.optim.elsewhere import check_elsewhere
from xdl.optim.flat import Flat, Run, gradient_at
from xdl.optim.optimizer import NOT_NEGATIVE, Optimizer, Params, require
from xdl.optim.state_check import Buffers


class Place(NamedTuple):
    """Where a parameter of `batch` matrices lies: in the flat p, and its r and c, or v where col_at < 0, in theirs."""

    start: int
    batch: int
    rows: int
    columns: int
    row_at: int
    col_at: int


class AdafactorUpdateReference:
    """One step on each of the places of flat p, in place; share = t**beta2_decay, rate = min(lr, 1 / sqrt t),
    shrink = 1 - lr weight_decay. row, col and whole hold r, c and v.
    """

    @staticmethod
    def forward(
        p: Array,
        grads: list[Array],
        row: Array,
        col: Array,
        whole: Array,
        places: tuple[Place, ...],
        share: float,
        rate: float,
        shrink: float,
        eps1: float,
        eps2: float,
        d: float,
        maximize: bool,
    ) -> tuple[None, None]:
        xp = namespaces[type(p)]
        for place in places:
            n = place.batch * place.rows * place.columns
            part, g = p[place.start : place.start + n], gradient_at(grads, place.start, n)
            size = xp.maximum(_rms(part), eps2) * rate
            if shrink != 1:
                part[...] = part * shrink
            u = g / xp.sqrt(xp.maximum(_second_moment(g, row, col, whole, place, share, eps1), eps1 * eps1))
            change = u * (size / xp.maximum(_rms(u) / d, 1.0))
            part[...] = part + change if maximize else part - change
        return None, None


def _rms(x: Array) -> Array:
    """|x| / sqrt n, 0-d."""
    xp = namespaces[type(x)]
    return xp.sqrt(xp.mean(x * x))


def _second_moment(g: Array, row: Array, col: Array, whole: Array, place: Place, share: float, eps1: float) -> Array:
    """v, flat, after r and c, or v itself, have moved by that share towards g**2."""
    xp, (_, batch, rows, columns, row_at, col_at) = namespaces[type(g)], place
    if col_at < 0:
        v = whole[row_at : row_at + rows]
        v[...] = v + (g * g - v) * share
        return v
    g = xp.reshape(g, (batch, rows, columns))
    r = xp.reshape(row[row_at : row_at + batch * rows], (batch, rows, 1), copy=False)
    c = xp.reshape(col[col_at : col_at + batch * columns], (batch, 1, columns), copy=False)
    r[...] = r + (xp.mean(g * g, axis=-1, keepdims=True) - r) * share
    c[...] = c + (xp.mean(g * g, axis=-2, keepdims=True) - c) * share
    return xp.reshape(r * c / xp.maximum(xp.mean(r, axis=-2, keepdims=True), eps1), (-1,))


adafactor_update = Kernel("adafactor_update", AdafactorUpdateReference)


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
        """One step on one run."""
        given("Adafactor", step=run.step)
        p, eps1, lr = flat.array[run.low : run.high], group["eps"][0], group["lr"]
        eps1 = float(namespaces[type(p)].finfo(p.dtype).eps) if eps1 is None else eps1
        buffers = (flat.zeros(name) for name in ("row_var", "col_var", "variance"))
        places = tuple(_place(flat, i, run.low) for i in run.members if flat.starts[i] < flat.ends[i])
        share, rate, shrink = (
            run.step ** group["beta2_decay"],
            min(lr, 1 / sqrt(run.step)),
            1 - lr * group["weight_decay"],
        )
        settings = share, rate, shrink, eps1, group["eps"][1], group["d"], group["maximize"]
        adafactor_update(p, run.grads, *buffers, places, *settings)


def _place(flat: Flat, i: int, low: int) -> Place:
    shape, start = flat.parameters[i].shape, flat.starts[i] - low
    if len(shape) < 2:
        return Place(start, 1, prod(shape), 1, flat.begin("variance", i), -1)
    *batch, rows, columns = shape
    return Place(start, prod(batch), rows, columns, flat.begin("row_var", i), flat.begin("col_var", i))
