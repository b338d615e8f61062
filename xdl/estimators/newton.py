"""Newton's method for smooth convex losses, damped so that no step makes the loss larger."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Protocol
from warnings import warn

from xdl.creation.filled import eye
from xdl.linalg import solve
from xdl.promotion import finfo
from xdl.tensor import Tensor

ENOUGH = 1e-4  # the share of the fall that the slope promises which a step must bring (Armijo)
SHORTEST = 1e-10  # the shortest step that is tried


class Loss(Protocol):
    """A convex function of the unknowns w (M,)."""

    def value(self, w: Tensor) -> Tensor:
        """The loss, 0-d."""

    def derivatives(self, w: Tensor) -> tuple[Tensor, Tensor]:
        """Gradient (M,) and Hessian (M, M)."""


@dataclass
class Minimum:
    """The unknowns w (M,) and the number of steps."""

    w: Tensor
    steps: int


def newton(loss: Loss, w: Tensor, tol: float, max_iter: int) -> Minimum:
    """Steps w -= t H^-1 g, where t = 1, 1/2, 1/4, ... until the loss falls enough.

    Ends where no element of the gradient is larger than tol, where rounding lets no step make the loss smaller, or,
    with a warning, after max_iter steps. A share of H's diagonal as small as its rounding is added, so that a
    direction without curvature is no obstacle; the minimum is not moved by it.
    """
    rounding = float(finfo(w.dtype).eps)
    value = float(loss.value(w).item())
    for step in range(max_iter):
        g, h = loss.derivatives(w)
        if float(g.abs().max().item()) <= tol:
            return Minimum(w, step)
        ridge = rounding * max(float(h.diagonal().mean().item()), rounding)
        direction = solve(h + ridge * eye(len(w), dtype=w.dtype, device=w.device), g)
        slope, t = float((g * direction).sum().item()), 1.0
        if not isfinite(slope):
            warn("Newton's method stands still: its numbers overflow. Scale the features", stacklevel=3)
            return Minimum(w, step)
        while not (found := float(loss.value(w - t * direction).item())) < value - ENOUGH * t * slope:
            t /= 2
            if t < SHORTEST:
                return Minimum(w, step)
        w, value = w - t * direction, found
    warn(f"Newton's method ends after max_iter={max_iter} steps with a gradient above tol={tol}", stacklevel=3)
    return Minimum(w, max_iter)
