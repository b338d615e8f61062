"""Adagrad (Duchi, Hazan and Singer 2011), in its diagonal form.

p parameters, g gradients, s sum of squares, t step number; lr, lr_decay, weight_decay, eps

g = g + weight_decay p                (-g + weight_decay p with maximize)
s = s + g**2                          (from initial_accumulator_value)
p = p - lr / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps)
"""

from __future__ import annotations

from typing import Any, ClassVar

from xdl.backend import Array, namespaces
from xdl.kernel import Kernel
from xdl.optim.elsewhere import check_elsewhere
from xdl.optim.flat import Flat, Run
from xdl.optim.optimizer import Optimizer, Params, descent
from xdl.optim.state_check import Buffers


class AdagradUpdateReference:
    """One step on flat p and s, in place; rate = lr / (1 + (t - 1) lr_decay)."""

    @staticmethod
    def forward(
        p: Array, grads: list[Array], s: Array, rate: float, eps: float, weight_decay: float, maximize: bool
    ) -> tuple[None, None]:
        xp = namespaces[type(p)]
        g = descent(p, grads, weight_decay, maximize)
        s[...] = s + g * g
        p[...] = p - rate * (g / (xp.sqrt(s) + eps))
        return None, None


adagrad_update = Kernel("adagrad_update", AdagradUpdateReference)


class Adagrad(Optimizer):
    """Adagrad; see the module docstring."""

    buffers: ClassVar[Buffers | None] = {"sum": True}

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_elsewhere("Adagrad", foreach=foreach, differentiable=differentiable, fused=fused)
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "eps": eps,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def update(self, flat: Flat, run: Run, group: dict[str, Any]) -> None:
        """One step on one run."""
        part = slice(run.low, run.high)
        s = flat.zeros("sum")[part]
        if run.step == 1:
            s[...] = group["initial_accumulator_value"]
        rate = group["lr"] / (1 + (run.step - 1) * group["lr_decay"])
        settings = (group[name] for name in ("eps", "weight_decay", "maximize"))
        adagrad_update(flat.array[part], run.grads, s, rate, *settings)
