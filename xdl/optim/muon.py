"""Muon: momentum whose matrices are made nearly orthogonal before each step (Jordan et al. 2024).

p parameters (R, C), g gradients, b momentum buffer; lr, weight_decay, momentum, ns_coefficients (x, y, z), eps

b = b + (1 - momentum) (g - b)               u = g + momentum (b - g)  with nesterov, else b
X = u / max(|u|, eps), as wide as high       ns_steps times: A = X X^T;  X = x X + (y A + z A A) X
p = (1 - lr weight_decay) p - lr s X         s = sqrt(max(1, R / C)), or 0.2 sqrt(max(R, C)) for "match_rms_adamw"

The iteration is Newton's and Schulz's with coefficients that raise small singular values fast: all come near 1.
"""

from __future__ import annotations

from math import sqrt
from typing import Any, ClassVar

from xdl.backend import Array, namespaces
from xdl.errors import ShapeError
from xdl.functional.either import matmul
from xdl.optim.flat import Flat, Run
from xdl.optim.optimizer import Optimizer, Params, require
from xdl.optim.state_check import Buffers

ADJUSTMENTS = (None, "original", "match_rms_adamw")


class Muon(Optimizer):
    """Muon; see the module docstring. For matrices: others have an optimizer of their own. Raises ShapeError.

    adjust_lr_fn: how s follows from the matrix's shape, "original" without one. The iteration has p's dtype; PyTorch's
    has bfloat16, and so differs from the third digit on.
    """

    buffers: ClassVar[Buffers | None] = {"momentum_buffer": True}
    optional: ClassVar[tuple[str, ...]] = ("step",)  # PyTorch's counts none

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.775, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:
        defaults = {
            "lr": lr,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "nesterov": nesterov,
            "ns_coefficients": ns_coefficients,
            "eps": eps,
            "ns_steps": ns_steps,
            "adjust_lr_fn": adjust_lr_fn,
        }
        super().__init__(params, defaults)

    def add_param_group(self, group: dict[str, Any]) -> None:
        """As `Optimizer.add_param_group`. Raises ShapeError for parameters that are no matrices, before it is added."""
        super().add_param_group(group)
        for p in self.param_groups[-1]["params"]:
            if p.ndim != 2:
                self.param_groups.pop()
                self._flats.pop()
                raise ShapeError("Muon", "parameters of two dimensions", p.shape, "Give the others to AdamW")

    def check(self, group: dict[str, Any]) -> None:
        """Raises SettingError for a setting out of range."""
        super().check(group)
        steps, rule, coefficients = group["ns_steps"], group["adjust_lr_fn"], group["ns_coefficients"]
        require("Muon", "ns_steps", steps, 0 <= steps < 100, "a number of 0 to 99")
        require("Muon", "adjust_lr_fn", rule, rule in ADJUSTMENTS, 'None, "original" or "match_rms_adamw"')
        require("Muon", "ns_coefficients", coefficients, len(coefficients) == 3, "three numbers")

    def update(self, flat: Flat, run: Run, group: dict[str, Any]) -> None:
        """One step on one run: on each matrix by itself."""
        momentum, lr = group["momentum"], group["lr"]
        part = slice(run.low, run.high)
        b = flat.zeros("momentum_buffer")
        flat.array[part] = flat.array[part] * (1 - lr * group["weight_decay"])
        for i in run.members:
            p, own, g = flat.view(flat.array, i), flat.view(b, i), flat.gradient(i)
            own[...] = own + (g - own) * (1 - momentum)
            u = g + (own - g) * momentum if group["nesterov"] else own
            x = orthogonal(u, group["ns_coefficients"], group["ns_steps"], group["eps"])
            p[...] = p - (lr * _scale(group["adjust_lr_fn"], *p.shape)) * x


def orthogonal(u: Array, coefficients: tuple[float, float, float], steps: int, eps: float) -> Array:
    """X of the module docstring for u (R, C), after that many steps."""
    xp, (a, b, c) = namespaces[type(u)], coefficients
    high = u.shape[0] > u.shape[1]
    x = u.T if high else u
    x = x / xp.maximum(xp.sqrt(xp.sum(x * x)), eps)
    for _ in range(steps):
        gram = matmul(x, x.T)
        x = a * x + matmul(b * gram + c * matmul(gram, gram), x)
    return x.T if high else x


def _scale(rule: str | None, rows: int, columns: int) -> float:
    if rule == "match_rms_adamw":
        return 0.2 * sqrt(max(rows, columns))
    return sqrt(max(1.0, rows / max(columns, 1)))
