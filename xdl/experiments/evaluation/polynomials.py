"""Polynomials by least squares, many sets of points at once, in float64."""

from __future__ import annotations

from typing import Any

from xdl import functional, linalg
from xdl.creation import tensor
from xdl.tensor import Tensor


def stacked(sets: Any) -> tuple[Tensor, Tensor]:
    """x and y, each (sets, points), of several pairs of x (points, 1) and y (points,)."""
    xs, ys = zip(*sets, strict=True)
    return tensor([x[:, 0].tolist() for x in xs], dtype="float64"), tensor([y.tolist() for y in ys], dtype="float64")


def features(x: Tensor, degree: int, low: float, high: float) -> Tensor:
    """Chebyshev's polynomials T_0 to T_degree of x (..., points), as (..., points, degree + 1).

    low, high: the range of x, which becomes [-1, 1]. They span the same functions as 1, x, ..., x**degree, and their
    columns stay apart from each other where those of the powers do not
    """
    u = (2 * x - (low + high)) / (high - low)
    columns = [u * 0 + 1, u]
    while len(columns) <= degree:
        columns.append(2 * u * columns[-1] - columns[-2])
    return functional.stack(columns[: degree + 1], -1)


def least_squares(x: Tensor, y: Tensor, degree: int, low: float, high: float) -> Tensor:
    """The coefficients (sets, degree + 1) with the smallest squared error for x and y, each (sets, points).

    Where points are fewer than coefficients, the smallest of those that hit them all.
    """
    return linalg.lstsq(features(x, degree, low, high), y.unsqueeze(-1)).solution.squeeze(-1)


def values(coefficients: Tensor, x: Tensor, low: float, high: float) -> Tensor:
    """The polynomials of the coefficients (sets, degree + 1) at x (points,) or (sets, points), as (sets, points)."""
    basis = features(x, coefficients.shape[-1] - 1, low, high)
    return (basis @ coefficients.unsqueeze(-1)).squeeze(-1)
