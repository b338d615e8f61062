"""Linear forecasts by least squares: the baseline that a network of a series must beat (hwdong 7.1.3).

y = X w + c,   (w, c) = the least-squares solution,   std(w) = s sqrt(diag((X^T X)^-1)),   s**2 = RSS / (N - P)
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any, Self

from xdl import linalg
from xdl.creation import ones, tensor
from xdl.data import windows
from xdl.errors import ShapeError
from xdl.functional import cat
from xdl.tensor import Tensor


@dataclass(frozen=True)
class LinearForecast:
    """The next outputs of a series, as weighted sums of the last inputs and a constant.

    weights:  (P, M) float64, P = inputs F + 1 with the constant last, M = outputs targets
    variance: (P,) of the weights for a noise of std 1; residual: (M,) std of what is left on the training part
    outputs:  steps that are forecast
    """

    weights: Tensor
    variance: Tensor
    residual: Tensor
    outputs: int

    @classmethod
    def fit(cls, x: Any, y: Any) -> Self:
        """From windows x (N, inputs, F) and y (N, outputs, targets). Raises ShapeError for N <= P."""
        columns, targets = _columns(x), _flat(y)
        n, p = columns.shape
        if n <= p:
            raise ShapeError("LinearForecast.fit", f"more than {p} windows for {p} weights", n)
        weights = linalg.lstsq(columns, targets).solution
        residual = (((targets - columns @ weights) ** 2).sum(0) / (n - p)).sqrt()
        return cls(weights, linalg.pinv(columns.T @ columns).diagonal(), residual, y.shape[1])

    def __call__(self, x: Any) -> Tensor:
        """(N, outputs, targets) float64 after windows x (N, inputs, F)."""
        y = _columns(x) @ self.weights
        return y.reshape(len(x), self.outputs, -1)

    def coefficients(self) -> tuple[list[float], list[float]]:
        """Of a series of one column and one step ahead, fitted without noise in the windows: a_1 (of the last value),
        a_2, ... and their standard errors."""
        weights = self.weights[:-1, 0].flip(0).tolist()
        errors = (self.variance[:-1].clamp(min=0).sqrt() * self.residual[0]).flip(0).tolist()
        return weights, errors


def autoregressive(series: Any, order: int) -> LinearForecast:
    """AR(order) with a constant, fitted by least squares to a series (T,) or (T, 1)."""
    return LinearForecast.fit(*windows(series, order))


def rmse(forecast: Any, truth: Any) -> float:
    """The root of the mean squared error of arrays or Tensors of one shape."""
    one, other = tensor(forecast, dtype="float64"), tensor(truth, dtype="float64")
    if one.shape != other.shape:
        raise ShapeError("rmse", f"a forecast of shape {other.shape}", one.shape)
    return sqrt(((one - other) ** 2).mean().item())


def _columns(x: Any) -> Tensor:
    flat = _flat(x)
    return cat([flat, ones(len(flat), 1, dtype="float64")], 1)


def _flat(x: Any) -> Tensor:
    values = tensor(x, dtype="float64")
    return values.reshape(len(values), -1)
