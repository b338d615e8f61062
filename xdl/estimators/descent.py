"""Gradient descent on the squared error of a linear model, every step kept (hwdong 3.1.5)."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from warnings import warn

from xdl.errors import NonFiniteError
from xdl.estimators.design import origin
from xdl.estimators.settings import check_count, check_number
from xdl.functional.shape.rearrange import stack
from xdl.linalg import svdvals
from xdl.tensor import Tensor


@dataclass
class Descent:
    """path: the weights at the start and after each step (steps + 1, ...); losses: J there."""

    path: Tensor
    losses: list[float]


def squared_error(a: Tensor, y: Tensor, w: Tensor) -> tuple[Tensor, Tensor]:
    """J = |A w - y|^2 / (2 N), a 0-d Tensor, and dJ/dw = A^T (A w - y) / N, for A (N, D), y (N,) or (N, T)."""
    residual = a @ w - y
    return (residual**2).sum() / (2 * a.shape[0]), a.T @ residual / a.shape[0]


def descend(a: Tensor, y: Tensor, lr: float | None, max_iter: int, tol: float | None) -> Descent:
    """w -= lr dJ/dw from w = 0, for A (N, E) and y (N,) or (N, T).

    lr: None takes 1 / l for the largest eigenvalue l of A^T A / N; from 2 / l on the steps grow without end

    Ends where no element of the gradient is larger than tol, or, with a warning, after max_iter steps. With tol None it
    takes all of them. Raises SettingError, and NonFiniteError where J becomes infinite.
    """
    if lr is not None:
        check_number("descent", "lr, where it is not None", lr, positive=True)
    if tol is not None:
        check_number("descent", "tol, where it is not None", tol)
    check_count("descent", "max_iter", max_iter)
    rate = a.shape[0] / float(svdvals(a)[0].item()) ** 2 if lr is None else lr
    w = origin(a, *y.shape[1:])
    path, losses = [w], []
    while True:
        loss, gradient = squared_error(a, y, w)
        losses.append(float(loss.item()))
        if not isfinite(losses[-1]):
            hint = "Take a smaller rate, lr=None for one that is small enough, or scale X"
            raise NonFiniteError("descent", "a finite loss", f"{losses[-1]} after {len(path) - 1} steps", hint)
        if tol is not None and float(gradient.abs().max().item()) <= tol:
            break
        if len(path) > max_iter:
            if tol is not None:
                warn(f"descent ends after max_iter={max_iter} steps with a gradient above tol={tol}", stacklevel=4)
            break
        w = w - rate * gradient
        path.append(w)
    return Descent(stack(path), losses)
