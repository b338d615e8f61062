"""RMSprop (Hinton 2012, lecture 6e of "Neural Networks for Machine Learning"; centered as in Graves 2013, eq. 38-45).

p parameters, g gradients, s average of squares, a average, b momentum buffer; lr, alpha, eps, weight_decay, momentum

g = g + weight_decay p                (-g + weight_decay p with maximize)
s = alpha s + (1 - alpha) g**2
centered: a = alpha a + (1 - alpha) g, and s - a**2 in the place of s below
d = g / (sqrt(s) + eps)
momentum > 0: b = momentum b + d, and b in the place of d below
p = p - lr d
"""

from __future__ import annotations

from typing import Any, ClassVar

from xdl.backend import Array, namespaces
from xdl.kernel import Kernel
from xdl.optim.elsewhere import check_elsewhere
from xdl.optim.flat import Flat, Run
from xdl.optim.optimizer import Optimizer, Params, descent
from xdl.optim.state_check import Buffers


class RmspropUpdateReference:
    """One step on flat p and s, a (None unless centered) and b (None without momentum), in place."""

    @staticmethod
    def forward(
        p: Array,
        grads: list[Array],
        s: Array,
        a: Array | None,
        b: Array | None,
        lr: float,
        alpha: float,
        eps: float,
        weight_decay: float,
        momentum: float,
        maximize: bool,
    ) -> tuple[None, None]:
        xp = namespaces[type(p)]
        g = descent(p, grads, weight_decay, maximize)
        s[...] = alpha * s + (1 - alpha) * (g * g)
        if a is not None:
            a[...] = alpha * a + (1 - alpha) * g
            s = s - a * a
        d = g / (xp.sqrt(s) + eps)
        if b is not None:
            b[...] = momentum * b + d
            d = b
        p[...] = p - lr * d
        return None, None


rmsprop_update = Kernel("rmsprop_update", RmspropUpdateReference)


class RMSprop(Optimizer):
    """RMSprop; see the module docstring."""

    buffers: ClassVar[Buffers | None] = {
        "square_avg": True,
        "grad_avg": "centered",
        "momentum_buffer": "momentum",
    }

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_elsewhere("RMSprop", capturable=capturable, foreach=foreach, differentiable=differentiable)
        defaults = {
            "lr": lr,
            "alpha": alpha,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "centered": centered,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def update(self, flat: Flat, run: Run, group: dict[str, Any]) -> None:
        """One step on one run."""
        part = slice(run.low, run.high)
        s = flat.zeros("square_avg")[part]
        a = flat.zeros("grad_avg")[part] if group["centered"] else None
        b = flat.zeros("momentum_buffer")[part] if group["momentum"] else None
        settings = (group[name] for name in ("lr", "alpha", "eps", "weight_decay", "momentum", "maximize"))
        rmsprop_update(flat.array[part], run.grads, s, a, b, *settings)
