"""Samples as Tensors of float64, checked; and the distances between two sets of them."""

from __future__ import annotations

from typing import Any

from xdl.creation import tensor
from xdl.errors import DataError, ShapeError, expect
from xdl.tensor import Tensor, no_grad


def samples_of(operation: str, name: str, given: Any, least: int = 1) -> Tensor:
    """Finite numbers (N, D) in float64 of (N, ...), N >= least; of (N,) a column. Raises ShapeError, DataError."""
    with no_grad():
        values = (given.detach() if isinstance(given, Tensor) else tensor(given)).to("float64")
        expect(values.ndim >= 1, ShapeError, operation, f"{name} (N, ...)", values.shape)
        expect(len(values) >= least, DataError, operation, f"at least {least} in {name}", len(values))
        expect(bool(values.isfinite().all().item()), DataError, operation, f"finite {name}", "nan or infinity")
        return values.reshape(len(values), -1)


def two_samples(operation: str, least: int = 1, **named: Any) -> tuple[Tensor, Tensor]:
    """Two sets of as many numbers a sample, given by their names, see `samples_of`."""
    a, b = (samples_of(operation, name, given, least) for name, given in named.items())
    name = list(named)[1]
    expect(a.shape[1] == b.shape[1], ShapeError, operation, f"{name} of {a.shape[1]} numbers each", b.shape[1])
    return a, b


def squared_distances(one: Tensor, other: Tensor) -> Tensor:
    """(N, M) of (N, D) and (M, D): |a|**2 + |b|**2 - 2 a.b, at least 0.

    Both are taken from the centre of the second, which changes no distance: far from 0 the difference would be lost.
    """
    centre = other.mean(0)
    one, other = one - centre, other - centre
    lengths = one.square().sum(1, keepdim=True) + other.square().sum(1)
    return (lengths - 2 * (one @ other.T)).clamp(0)
