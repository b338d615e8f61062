"""Principal components of points X (N, D): the mathematics of `pca-whitening`, in one place."""

from __future__ import annotations

from typing import NamedTuple

import xdl
from xdl.tensor import Tensor


class Components(NamedTuple):
    """mean (D,), directions (K, D) of length 1 with the largest variance first, and these variances (K,)."""

    mean: Tensor
    directions: Tensor
    variances: Tensor


def principal(x: Tensor) -> Components:
    """The components of the points X (N, D), K = min(N, D) of them.

    U S V^T = X - mean has the covariance's eigenvectors in the rows of V^T, with eigenvalues S^2 / (N - 1). A direction
    may as well point the other way: its largest element is positive here.
    """
    mean = x.mean(0)
    _, s, directions = xdl.linalg.svd(x - mean, full_matrices=False)
    largest = directions.gather(1, directions.abs().argmax(1, keepdim=True))
    return Components(mean, directions * largest.sign(), s**2 / (len(x) - 1))


def reduced(x: Tensor, found: Components, k: int) -> Tensor:
    """The coordinates (N, k) along the first k directions."""
    return (x - found.mean) @ found.directions[:k].T


def restored(z: Tensor, found: Components) -> Tensor:
    """The points (N, D) that coordinates (N, k) stand for: what the other directions held is lost."""
    return z @ found.directions[: z.shape[1]] + found.mean


def whitened(x: Tensor, found: Components, zca: bool = False, eps: float = 0.0) -> Tensor:
    """The points with covariance I: coordinates divided by their deviations; by ZCA also turned back.

    eps: added to the variances, so that directions with hardly any do not become noise of full size
    """
    z = reduced(x, found, len(found.variances)) / (found.variances + eps).sqrt()
    return z @ found.directions if zca else z


def covariance(x: Tensor) -> Tensor:
    """(D, D), with N - 1 below."""
    centred = x - x.mean(0)
    return centred.T @ centred / (len(x) - 1)
