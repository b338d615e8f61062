"""Averaged stochastic gradient descent (Polyak and Juditsky 1992; the rates of Bottou's SGD, as in PyTorch).

p parameters, g gradients, a average of p, t step number; lr, lambd, alpha, t0, weight_decay

eta = lr / (1 + lambd lr (t - 1))**alpha            mu = 1 / max(1, t - 1 - t0)
g = g + weight_decay p                              (-g + weight_decay p with maximize)
p = (1 - lambd eta) p - eta g
a = a + mu (p - a)                                  (a = p while mu = 1)
"""

from __future__ import annotations

from typing import Any, ClassVar

from xdl.backend import Array
from xdl.kernel import Kernel
from xdl.observe import given
from xdl.optim.elsewhere import check_elsewhere
from xdl.optim.flat import Flat, Run
from xdl.optim.optimizer import Optimizer, Params, descent
from xdl.optim.state_check import Buffers


class AsgdUpdateReference:
    """One step on flat p and a, in place; shrink = 1 - lambd eta."""

    @staticmethod
    def forward(
        p: Array,
        grads: list[Array],
        a: Array,
        shrink: float,
        eta: float,
        mu: float,
        weight_decay: float,
        maximize: bool,
    ) -> tuple[None, None]:
        g = descent(p, grads, weight_decay, maximize)
        p[...] = p * shrink - eta * g
        a[...] = p if mu == 1 else a + (p - a) * mu
        return None, None


asgd_update = Kernel("asgd_update", AsgdUpdateReference)


class ASGD(Optimizer):
    """Averaged SGD; see the module docstring. a stands in the state as "ax"; eta and mu as the next step has them."""

    scalars: ClassVar[dict[str, Any]] = {"step": 0, "eta": 0.0, "mu": 1.0}
    buffers: ClassVar[Buffers | None] = {"ax": True}

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0.0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_elsewhere("ASGD", foreach=foreach, differentiable=differentiable, capturable=capturable)
        defaults = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def update(self, flat: Flat, run: Run, group: dict[str, Any]) -> None:
        """One step on one run."""
        given("ASGD", step=run.step)
        part, lr, lambd = slice(run.low, run.high), group["lr"], group["lambd"]
        p, a = flat.array[part], flat.zeros("ax")[part]
        eta, mu = (lr if run.step == 1 else run.scalars[0]["eta"]), run.scalars[0]["mu"]
        asgd_update(p, run.grads, a, 1 - lambd * eta, eta, mu, group["weight_decay"], group["maximize"])
        for own in run.scalars:
            own["eta"] = lr / (1 + lambd * lr * run.step) ** group["alpha"]
            own["mu"] = 1 / max(1, run.step - group["t0"])
