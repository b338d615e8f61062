"""The columns of a linear model: the features, and a 1 behind them whose weight is the intercept."""

from __future__ import annotations

from typing import Any

from xdl.creation.filled import full, ones, zeros
from xdl.estimators.given import host_array
from xdl.functional.shape.shape import cat
from xdl.tensor import Tensor


def design(x: Tensor, intercept: bool) -> Tensor:
    """A (N, E): x (N, D), with a last column of 1 where there is an `intercept`."""
    return cat([x, ones(x.shape[0], 1, dtype=x.dtype, device=x.device)], 1) if intercept else x


def penalties(x: Tensor, factor: float, intercept: bool) -> Tensor:
    """What each weight's square is multiplied by (E,): `factor`, and 0 for the intercept, which is not penalized."""
    weights = full((x.shape[1],), factor, x.dtype, x.device)
    return cat([weights, weights[:1] * 0]) if intercept else weights


def origin(a: Tensor, *more: int) -> Tensor:
    """The weights 0 to begin with: (E,), or (E, ...), for A (N, E)."""
    return zeros(a.shape[1], *more, dtype=a.dtype, device=a.device)


def coefficients(w: Tensor, features: int) -> tuple[Any, Any]:
    """coef_ (K, D) and intercept_ (K,) of weights (K, E); 0 where there is no intercept among them."""
    b = w[:, features] if w.shape[1] > features else w[:, 0] * 0
    return host_array(w[:, :features].clone()), host_array(b.clone())


def signed_rows(x: Tensor, codes: Tensor, intercept: bool) -> Tensor:
    """s a for each row a of the design, s = -1 of class 0 and 1 of class 1: w is right where (s a) w > 0."""
    return design(x, intercept) * (2 * codes - 1).to(x.dtype).unsqueeze(1)
