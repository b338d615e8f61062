"""Rprop: resilient backpropagation (Riedmiller and Braun 1993), without the step back where the sign changed.

p parameters, g gradients, q gradients of the step before, h step sizes (lr at first); eta-, eta+, h_min, h_max

h = eta+ h where g q > 0, eta- h where g q < 0, else h;  h = min(max(h, h_min), h_max)
g = 0 where g q < 0
p = p - sign(g) h;  q = g
"""

from __future__ import annotations

from typing import Any, ClassVar

from xdl.backend import Array, namespaces
from xdl.kernel import Kernel
from xdl.optim.elsewhere import check_elsewhere
from xdl.optim.flat import Flat, Run
from xdl.optim.optimizer import Optimizer, Params, descent, require
from xdl.optim.state_check import Buffers


class RpropUpdateReference:
    """One step on flat p, q and h, in place; etas (eta-, eta+), step_sizes (h_min, h_max)."""

    @staticmethod
    def forward(
        p: Array,
        grads: list[Array],
        q: Array,
        h: Array,
        etas: tuple[float, float],
        step_sizes: tuple[float, float],
        maximize: bool,
    ) -> tuple[None, None]:
        xp = namespaces[type(p)]
        g = descent(p, grads, 0.0, maximize)
        turned = g * q < 0
        grown = xp.where(g * q > 0, h * etas[1], xp.where(turned, h * etas[0], h))
        h[...] = xp.clip(grown, *step_sizes)
        q[...] = xp.where(turned, xp.zeros_like(g), g)
        p[...] = p - xp.sign(q) * h
        return None, None


rprop_update = Kernel("rprop_update", RpropUpdateReference)


class Rprop(Optimizer):
    """Rprop; see the module docstring. For full batches: it reads signs only. etas (eta-, eta+)."""

    buffers: ClassVar[Buffers | None] = {"prev": True, "step_size": True}

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50.0),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_elsewhere("Rprop", capturable=capturable, foreach=foreach, differentiable=differentiable)
        super().__init__(params, {"lr": lr, "etas": etas, "step_sizes": step_sizes, "maximize": maximize})

    def check(self, group: dict[str, Any]) -> None:
        """Raises SettingError for a setting out of range."""
        super().check(group)
        etas, sizes = group["etas"], group["step_sizes"]
        require("Rprop", "etas", etas, len(etas) == 2 and 0 < etas[0] < 1 < etas[1], "0 < eta- < 1 < eta+")
        require("Rprop", "step_sizes", sizes, len(sizes) == 2 and 0 <= sizes[0] <= sizes[1], "0 <= h_min <= h_max")

    def update(self, flat: Flat, run: Run, group: dict[str, Any]) -> None:
        """One step on one run."""
        part = slice(run.low, run.high)
        q, h = flat.zeros("prev")[part], flat.zeros("step_size")[part]
        if run.step == 1:
            h[...] = group["lr"]
        rprop_update(flat.array[part], run.grads, q, h, group["etas"], group["step_sizes"], group["maximize"])
