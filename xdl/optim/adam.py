"""Adam (Kingma and Ba 2015, algorithm 1), AMSGrad (Reddi et al. 2018) and AdamW (Loshchilov and Hutter 2019).

p parameters, g gradients, m and v moments, t step number; lr, beta1, beta2, eps, weight_decay

Adam: g = g + weight_decay p          AdamW: p = p - lr weight_decay p
m = beta1 m + (1 - beta1) g           v = beta2 v + (1 - beta2) g**2
p = p - lr / (1 - beta1**t) m / (sqrt(v) / sqrt(1 - beta2**t) + eps)

With amsgrad the largest v so far stands in the place of v in the last line.
"""

from __future__ import annotations

from math import sqrt
from typing import Any, ClassVar

from xdl.backend import Array, namespaces
from xdl.kernel import Kernel
from xdl.optim.elsewhere import check_elsewhere
from xdl.optim.flat import Flat, Run
from xdl.optim.optimizer import Optimizer, Params, descent, require
from xdl.optim.state_check import Buffers


class AdamUpdateReference:
    """One step of Adam and its kin on flat p, m, v and largest (None without amsgrad), in place.

    p = shrink p                          g = g + weight_decay p
    m = beta1 m + (1 - beta1) g           v = beta2 v + (1 - beta2) g**2
    p = p - (rate m + ahead g) / (sqrt(v) / root + eps), or p - rate m where root is None
    """

    @staticmethod
    def forward(
        p: Array,
        grads: list[Array],
        m: Array,
        v: Array,
        largest: Array | None,
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
        xp = namespaces[type(p)]
        if shrink != 1:
            p[...] = p * shrink
        g = descent(p, grads, weight_decay, maximize)
        m[...] = beta1 * m + (1 - beta1) * g
        v[...] = beta2 * v + (1 - beta2) * (g * g)
        if largest is not None:
            largest[...] = xp.maximum(largest, v)
            v = largest
        if root is None:
            p[...] = p - rate * m
            return None, None
        denominator = xp.sqrt(v) / root + eps
        p[...] = p - ((rate * m + ahead * g) / denominator if ahead else rate * (m / denominator))
        return None, None


adam_update = Kernel("adam_update", AdamUpdateReference)


class Moments(Optimizer):
    """What optimizers with two moments share: the settings betas and eps, and the fused step."""

    buffers: ClassVar[Buffers | None] = {"exp_avg": True, "exp_avg_sq": True, "max_exp_avg_sq": "amsgrad"}

    def check(self, group: dict[str, Any]) -> None:
        """Raises SettingError for a setting out of range."""
        super().check(group)
        betas = group["betas"]
        fits = len(betas) == 2 and all(0 <= b < 1 for b in betas)
        require(type(self).__name__, "betas", betas, fits, "two numbers in [0, 1)")

    def advance(
        self, flat: Flat, run: Run, group: dict[str, Any], rate: float, ahead: float, root: float | None, eps: float
    ) -> None:
        """One step on one run, with the numbers of AdamUpdateReference."""
        part = slice(run.low, run.high)
        m, v = flat.zeros("exp_avg")[part], flat.zeros("exp_avg_sq")[part]
        largest = flat.zeros("max_exp_avg_sq")[part] if group.get("amsgrad") else None
        weight_decay, shrink = group["weight_decay"], 1.0
        if group["decoupled_weight_decay"]:
            weight_decay, shrink = 0.0, 1 - group["lr"] * weight_decay
        adam_update(
            flat.array[part],
            run.grads,
            m,
            v,
            largest,
            rate,
            ahead,
            root,
            *group["betas"],
            eps,
            weight_decay,
            shrink,
            group["maximize"],
        )


class Adam(Moments):
    """Adam; see the module docstring. decoupled_weight_decay makes it AdamW."""

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        check_elsewhere("Adam", foreach=foreach, capturable=capturable, differentiable=differentiable, fused=fused)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults)

    def update(self, flat: Flat, run: Run, group: dict[str, Any]) -> None:
        """One step on one run."""
        beta1, beta2 = group["betas"]
        rate, root = group["lr"] / (1 - beta1**run.step), sqrt(1 - beta2**run.step)
        self.advance(flat, run, group, rate, 0.0, root, group["eps"])


class AdamW(Adam):
    """Adam with decoupled weight decay; see the module docstring."""

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_elsewhere("AdamW", foreach=foreach, capturable=capturable, differentiable=differentiable, fused=fused)
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize, decoupled_weight_decay=True)
