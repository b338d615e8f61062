"""NAdam: Adam with Nesterov momentum (Dozat 2016, algorithm 2, with its schedule of the momentum).

p parameters, g gradients, m and v moments, t step number; lr, beta1, beta2, eps, weight_decay, momentum_decay

mu_t = beta1 (1 - 0.96**(t momentum_decay) / 2)         mu_product = mu_1 mu_2 ... mu_t
g = g + weight_decay p  (p = p - lr weight_decay p with decoupled_weight_decay)
m = beta1 m + (1 - beta1) g                             v = beta2 v + (1 - beta2) g**2
d = (1 - mu_t) / (1 - mu_product) g + mu_{t+1} / (1 - mu_product mu_{t+1}) m
p = p - lr d / (sqrt(v / (1 - beta2**t)) + eps)
"""

from __future__ import annotations

from math import sqrt
from typing import Any, ClassVar

from xdl.optim.adam import Moments
from xdl.optim.elsewhere import check_elsewhere
from xdl.optim.flat import Flat, Run
from xdl.optim.optimizer import Params


class NAdam(Moments):
    """NAdam; see the module docstring. Each parameter keeps the number mu_product in the state."""

    scalars: ClassVar[dict[str, Any]] = {"step": 0, "mu_product": 1.0}

    def __init__(
        self,
        params: Params,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_elsewhere("NAdam", foreach=foreach, capturable=capturable, differentiable=differentiable)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def update(self, flat: Flat, run: Run, group: dict[str, Any]) -> None:
        """One step on one run."""
        lr, (beta1, beta2), t = group["lr"], group["betas"], run.step
        mu, mu_next = (beta1 * (1 - 0.5 * 0.96 ** (s * group["momentum_decay"])) for s in (t, t + 1))
        product = run.scalars[0]["mu_product"] * mu
        for own in run.scalars:
            own["mu_product"] = product
        rate, ahead = lr * mu_next / (1 - product * mu_next), lr * (1 - mu) / (1 - product)
        self.advance(flat, run, group, rate, ahead, sqrt(1 - beta2**t), group["eps"])
