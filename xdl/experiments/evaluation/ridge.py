"""A linear classifier by ridge regression on one-hot labels: trained in one step, without chance."""

from __future__ import annotations

from typing import Any

from xdl import functional, linalg
from xdl.creation import eye, ones, tensor
from xdl.tensor import Tensor
from xdl.train import accuracy


def rows_of(inputs: Any) -> Tensor:
    """Inputs (N, ...), an array, as rows (N, D + 1) in float64, with a 1 at the end of each."""
    rows = tensor(inputs).flatten(1).to("float64")
    return functional.cat([rows, ones(rows.shape[0], 1, dtype="float64")], 1)


def ridge_weights(a: Tensor, labels: Tensor, strength: float, classes: int) -> Tensor:
    """The weights W (D + 1, classes) that samples with the rows A (N, D + 1) and these labels (N,) give.

        W = argmin |A W - T|**2 + strength |W|**2 = A^T (A A^T + strength I)^-1 T

    T: 1 for the right class, -1 for the others
    """
    target = 2 * functional.one_hot(labels, classes).to("float64") - 1
    return a.T @ linalg.solve(a @ a.T + strength * eye(len(labels), dtype="float64"), target)


def ridge_accuracy(weights: Tensor, a: Tensor, labels: Tensor) -> float:
    """The share of the samples with the rows A that the weights classify right."""
    return float(accuracy(a @ weights, labels).item())
