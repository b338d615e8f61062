"""Adadelta (Zeiler 2012, algorithm 1).

p parameters, g gradients, s and a averages of squares; lr, rho, eps, weight_decay

g = g + weight_decay p                (-g + weight_decay p with maximize)
s = rho s + (1 - rho) g**2
d = sqrt(a + eps) / sqrt(s + eps) g
a = rho a + (1 - rho) d**2
p = p - lr d
"""

from __future__ import annotations

from typing import Any, ClassVar

from xdl.backend import Array, namespaces
from xdl.kernel import Kernel
from xdl.optim.elsewhere import check_elsewhere
from xdl.optim.flat import Flat, Run
from xdl.optim.optimizer import Optimizer, Params, descent, require
from xdl.optim.state_check import Buffers


class AdadeltaUpdateReference:
    """One step on flat p, s and a, in place."""

    @staticmethod
    def forward(
        p: Array,
        grads: list[Array],
        s: Array,
        a: Array,
        lr: float,
        rho: float,
        eps: float,
        weight_decay: float,
        maximize: bool,
    ) -> tuple[None, None]:
        xp = namespaces[type(p)]
        g = descent(p, grads, weight_decay, maximize)
        s[...] = rho * s + (1 - rho) * (g * g)
        d = xp.sqrt(a + eps) / xp.sqrt(s + eps) * g
        a[...] = rho * a + (1 - rho) * (d * d)
        p[...] = p - lr * d
        return None, None


adadelta_update = Kernel("adadelta_update", AdadeltaUpdateReference)


class Adadelta(Optimizer):
    """Adadelta; see the module docstring."""

    buffers: ClassVar[Buffers | None] = {"square_avg": True, "acc_delta": True}

    def __init__(
        self,
        params: Params,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_elsewhere("Adadelta", foreach=foreach, capturable=capturable, differentiable=differentiable)
        defaults = {"lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "maximize": maximize}
        super().__init__(params, defaults)

    def check(self, group: dict[str, Any]) -> None:
        """Raises SettingError for a setting out of range."""
        super().check(group)
        require("Adadelta", "rho", group["rho"], 0 <= group["rho"] <= 1, "a number in [0, 1]")

    def update(self, flat: Flat, run: Run, group: dict[str, Any]) -> None:
        """One step on one run."""
        part = slice(run.low, run.high)
        s, a = flat.zeros("square_avg")[part], flat.zeros("acc_delta")[part]
        settings = (group[name] for name in ("lr", "rho", "eps", "weight_decay", "maximize"))
        adadelta_update(flat.array[part], run.grads, s, a, *settings)
