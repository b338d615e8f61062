"""Adamax: Adam with the infinity norm (Kingma and Ba 2015, algorithm 2).

p parameters, g gradients, m moment, u norm, t step number; lr, beta1, beta2, eps, weight_decay

g = g + weight_decay p                (-g + weight_decay p with maximize)
m = beta1 m + (1 - beta1) g           u = max(beta2 u, |g| + eps)
p = p - lr / (1 - beta1**t) m / u
"""

from __future__ import annotations

from typing import Any, ClassVar

from xdl.backend import Array, namespaces
from xdl.kernel import Kernel
from xdl.optim.adam import Moments
from xdl.optim.elsewhere import check_elsewhere
from xdl.optim.flat import Flat, Run
from xdl.optim.optimizer import Params, descent
from xdl.optim.state_check import Buffers


class AdamaxUpdateReference:
    """One step on flat p, m and u, in place; rate = lr / (1 - beta1**t)."""

    @staticmethod
    def forward(
        p: Array,
        grads: list[Array],
        m: Array,
        u: Array,
        rate: float,
        beta1: float,
        beta2: float,
        eps: float,
        weight_decay: float,
        maximize: bool,
    ) -> tuple[None, None]:
        xp = namespaces[type(p)]
        g = descent(p, grads, weight_decay, maximize)
        m[...] = beta1 * m + (1 - beta1) * g
        u[...] = xp.maximum(beta2 * u, xp.abs(g) + eps)
        p[...] = p - rate * (m / u)
        return None, None


adamax_update = Kernel("adamax_update", AdamaxUpdateReference)


class Adamax(Moments):
    """Adamax; see the module docstring."""

    buffers: ClassVar[Buffers | None] = {"exp_avg": True, "exp_inf": True}

    def __init__(
        self,
        params: Params,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_elsewhere("Adamax", foreach=foreach, differentiable=differentiable, capturable=capturable)
        defaults = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "maximize": maximize}
        super().__init__(params, defaults)

    def update(self, flat: Flat, run: Run, group: dict[str, Any]) -> None:
        """One step on one run."""
        part = slice(run.low, run.high)
        m, u = flat.zeros("exp_avg")[part], flat.zeros("exp_inf")[part]
        beta1, beta2 = group["betas"]
        rate = group["lr"] / (1 - beta1**run.step)
        settings = (group[name] for name in ("eps", "weight_decay", "maximize"))
        adamax_update(flat.array[part], run.grads, m, u, rate, beta1, beta2, *settings)
