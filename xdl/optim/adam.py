"""Adam (Kingma and Ba 2015, algorithm 1) and AdamW (Loshchilov and Hutter 2019, algorithm 2).

p parameters, g gradients, m and v moments, t step number; lr, beta1, beta2, eps, weight_decay

Adam: g = g + weight_decay p          AdamW: p = p - lr weight_decay p
m = beta1 m + (1 - beta1) g           v = beta2 v + (1 - beta2) g**2
p = p - lr / (1 - beta1**t) m / (sqrt(v / (1 - beta2**t)) + eps)
"""

from __future__ import annotations

from math import sqrt
from typing import Any

from xdl.backend import Array, namespaces
from xdl.kernel import Kernel
from xdl.optim.flat import Flat, Run
from xdl.optim.optimizer import Optimizer, Params, require


class AdamUpdateReference:
    """One step on flat p, m and v, in place; `decoupled` is AdamW's weight decay."""

    @staticmethod
    def forward(
        p: Array,
        g: Array,
        m: Array,
        v: Array,
        t: int,
        lr: float,
        beta1: float,
        beta2: float,
        eps: float,
        weight_decay: float,
        decoupled: bool,
    ) -> tuple[None, None]:
        xp = namespaces[type(p)]
        if weight_decay and decoupled:
            p[...] = p * (1 - lr * weight_decay)
        elif weight_decay:
            g = g + weight_decay * p
        m[...] = beta1 * m + (1 - beta1) * g
        v[...] = beta2 * v + (1 - beta2) * (g * g)
        deviation = xp.sqrt(v) / sqrt(1 - beta2**t) + eps
        p[...] = p - lr / (1 - beta1**t) * (m / deviation)
        return None, None


adam_update = Kernel("adam_update", AdamUpdateReference)


class Adam(Optimizer):
    """Adam; see the module docstring."""

    decoupled = False

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    def check(self, group: dict[str, Any]) -> None:
        """Raises SettingError for a setting out of range."""
        super().check(group)
        name, betas, eps = type(self).__name__, group["betas"], group["eps"]
        require(name, "betas", betas, len(betas) == 2 and all(0 <= b < 1 for b in betas), "two numbers in [0, 1)")
        require(name, "eps", eps, eps >= 0, "a number of at least 0")

    def update(self, flat: Flat, run: Run, group: dict[str, Any]) -> None:
        """One step on one run."""
        part = slice(run.low, run.high)
        m, v = flat.zeros("exp_avg")[part], flat.zeros("exp_avg_sq")[part]
        adam_update(
            flat.data[part],
            run.grad,
            m,
            v,
            run.step,
            group["lr"],
            *group["betas"],
            group["eps"],
            group["weight_decay"],
            self.decoupled,
        )


class AdamW(Adam):
    """Adam with decoupled weight decay; see the module docstring."""

    decoupled = True

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)
