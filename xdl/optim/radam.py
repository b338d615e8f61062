"""RAdam: Adam with a rectified step while the second moment is uncertain (Liu et al. 2020, algorithm 2).

p parameters, g gradients, m and v moments, t step number; lr, beta1, beta2, eps, weight_decay

g = g + weight_decay p  (p = p - lr weight_decay p with decoupled_weight_decay)
m = beta1 m + (1 - beta1) g           v = beta2 v + (1 - beta2) g**2
rho_max = 2 / (1 - beta2) - 1         rho = rho_max - 2 t beta2**t / (1 - beta2**t)
rho > 5: r = sqrt((rho - 4) (rho - 2) rho_max / ((rho_max - 4) (rho_max - 2) rho))
         p = p - lr r m / (1 - beta1**t) sqrt(1 - beta2**t) / (sqrt(v) + eps)
else:    p = p - lr m / (1 - beta1**t)
"""

from __future__ import annotations

from math import sqrt
from typing import Any

from xdl.optim.adam import Moments
from xdl.optim.elsewhere import check_elsewhere
from xdl.optim.flat import Flat, Run
from xdl.optim.optimizer import Params


class RAdam(Moments):
    """RAdam; see the module docstring."""

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_elsewhere("RAdam", foreach=foreach, capturable=capturable, differentiable=differentiable)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def update(self, flat: Flat, run: Run, group: dict[str, Any]) -> None:
        """One step on one run."""
        (beta1, beta2), t = group["betas"], run.step
        rate, root = group["lr"] / (1 - beta1**t), sqrt(1 - beta2**t)
        rho_max = 2 / (1 - beta2) - 1
        rho = rho_max - 2 * t * beta2**t / (1 - beta2**t)
        if rho > 5:
            r = sqrt((rho - 4) * (rho - 2) * rho_max / ((rho_max - 4) * (rho_max - 2) * rho))
            self.advance(flat, run, group, rate * r, 0.0, root, group["eps"] / root)
        else:
            self.advance(flat, run, group, rate, 0.0, None, 0.0)
