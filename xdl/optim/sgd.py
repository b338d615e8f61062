"""Stochastic gradient descent with momentum (Polyak 1964; Nesterov's form as in Sutskever et al. 2013).

p parameters, g gradients, b momentum buffer; lr, momentum, dampening, weight_decay

g = g + weight_decay p                    (-g + weight_decay p with maximize)
b = momentum b + (1 - dampening) g        (b = g in the first step)
d = g + momentum b  with nesterov, else b
p = p - lr d
"""

from __future__ import annotations

from typing import Any, ClassVar

from xdl.backend import Array
from xdl.kernel import Kernel
from xdl.optim.elsewhere import check_elsewhere
from xdl.optim.flat import Flat, Run
from xdl.optim.optimizer import Optimizer, Params, descent, require
from xdl.optim.state_check import Buffers


class SgdUpdateReference:
    """One step on flat p, in place; b is None without momentum, `first` says that b has no past."""

    @staticmethod
    def forward(
        p: Array,
        grads: list[Array],
        b: Array | None,
        first: bool,
        lr: float,
        momentum: float,
        dampening: float,
        weight_decay: float,
        nesterov: bool,
        maximize: bool,
    ) -> tuple[None, None]:
        g = descent(p, grads, weight_decay, maximize)
        if b is not None:
            b[...] = g if first else momentum * b + (1 - dampening) * g
            g = g + momentum * b if nesterov else b
        p[...] = p - lr * g
        return None, None


sgd_update = Kernel("sgd_update", SgdUpdateReference)


class SGD(Optimizer):
    """Stochastic gradient descent; see the module docstring. Nesterov needs momentum > 0 and dampening 0."""

    buffers: ClassVar[Buffers | None] = {"momentum_buffer": "momentum"}
    optional: ClassVar[tuple[str, ...]] = ("step",)  # PyTorch's counts none

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_elsewhere("SGD", foreach=foreach, differentiable=differentiable, fused=fused)
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def check(self, group: dict[str, Any]) -> None:
        """Raises SettingError for a setting out of range."""
        super().check(group)
        momentum, dampening = group["momentum"], group["dampening"]
        fits = not group["nesterov"] or (momentum > 0 and dampening == 0)
        require("SGD", "nesterov", (momentum, dampening), fits, "momentum > 0 and dampening 0")

    def update(self, flat: Flat, run: Run, group: dict[str, Any]) -> None:
        """One step on one run."""
        part = slice(run.low, run.high)
        b = None
        if group["momentum"]:
            b = flat.zeros("momentum_buffer")[part]
        else:
            for own in run.scalars:  # "step" counts the steps with momentum: the others leave no past
                own["step"] -= 1
        settings = (group[name] for name in ("lr", "momentum", "dampening", "weight_decay", "nesterov", "maximize"))
        sgd_update(flat.array[part], run.grads, b, run.step == 1, *settings)
