"""Muon: momentum whose matrices are made nearly orthogonal before each step (Jordan et al. 2024).

p parameters (R, C), g gradients, b momentum buffer; lr, weight_decay, momentum, ns_coefficients (x, y, z), eps

b = b + (1 - momentum) (g - b)               u = g + momentum (b - g)  with nesterov, else b
X = u / max(|u|, eps), as wide as high       ns_steps times: A = X X^T;  X = x X + (y A + z A A) X
p = (1 - lr weight_decay) p - lr s X         s = sqrt(max(1, R / C)), or 0.2 sqrt(max(R, C)) for "match_rms_adamw"

The iteration is Newton's and Schulz's with coefficients that raise small singular values fast: all come near 1.
"""

from __future__ import annotations

from math import sqrt
from typing import Any, ClassVar, NamedTuple

from xdl.backend import Array, namespaces
from xdl.errors import ShapeError
from xdl.functional.either import matmul
from xdl.kernel import Kernel
from xdl.optim.flat import Flat, Run, gradient_at
from xdl.optim.optimizer import Optimizer, Params, require
from xdl.optim.state_check import Buffers

ADJUSTMENTS = (None, "original", "match_rms_adamw")


class MuonPlace(NamedTuple):
    """Where a matrix lies in the flat p, and its size."""

    start: int
    rows: int
    columns: int


class MuonUpdateReference:
    """One step on each of the places of flat p and b, in place; shrink = 1 - lr weight_decay."""

    @staticmethod
    def forward(
        p: Array,
        grads: list[Array],
        b: Array,
        places: tuple[MuonPlace, ...],
        momentum: float,
        nesterov: bool,
        shrink: float,
        lr: float,
        match_rms: bool,
        coefficients: tuple[float, float, float],
        steps: int,
        eps: float,
    ) -> tuple[None, None]:
        xp = namespaces[type(p)]
        for start, rows, columns in places:
            part = slice(start, start + rows * columns)
            own, moments = (xp.reshape(x[part], (rows, columns), copy=False) for x in (p, b))
            g = xp.reshape(gradient_at(grads, start, rows * columns), (rows, columns))
            moments[...] = moments + (g - moments) * (1 - momentum)
            u = g + (moments - g) * momentum if nesterov else moments
            x = orthogonal(u, coefficients, steps, eps)
            own[...] = own * shrink - (lr * _scale(match_rms, rows, columns)) * x
        return None, None


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


def _scale(match_rms: bool, rows: int, columns: int) -> float:
    return 0.2 * sqrt(max(rows, columns)) if match_rms else sqrt(max(1.0, rows / columns))


muon_update = Kernel("muon_update", MuonUpdateReference)


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
        """One step on one run."""
        part = slice(run.low, run.high)
        places = tuple(
            MuonPlace(flat.starts[i] - run.low, *flat.parameters[i].shape)
            for i in run.members
            if flat.starts[i] < flat.ends[i]
        )
        shrink, match_rms = 1 - group["lr"] * group["weight_decay"], group["adjust_lr_fn"] == "match_rms_adamw"
        settings = (group[name] for name in ("ns_coefficients", "ns_steps", "eps"))
        muon_update(
            flat.array[part], run.grads, flat.zeros("momentum_buffer")[part], places, group["momentum"],
            group["nesterov"], shrink, group["lr"], match_rms, *settings,
        )  # fmt: skip
