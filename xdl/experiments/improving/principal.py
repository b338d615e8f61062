"""Principal components of points X (N, D): what `pca-whitening` asks of xdl's estimators."""

from __future__ import annotations

from typing import NamedTuple

import xdl
from xdl.estimators import PCA, Whitening
from xdl.tensor import Tensor


class Components(NamedTuple):
    """mean (D,), directions (K, D) of length 1 with the largest variance first, and these variances (K,)."""

    mean: Tensor
    directions: Tensor
    variances: Tensor


def principal(x: Tensor) -> Components:
    """The components of the points X (N, D), K = min(N, D) of them.

    Signs are those of `xdl.estimators.PCA`: a direction's largest element is positive.
    """
    pca = PCA().fit(x)
    return Components(*(xdl.tensor(v, dtype=x.dtype) for v in (pca.mean_, pca.components_, pca.explained_variance_)))


def reduced(x: Tensor, found: Components, k: int) -> Tensor:
    """The coordinates (N, k) along the first k directions."""
    return (x - found.mean) @ found.directions[:k].T


def restored(z: Tensor, found: Components) -> Tensor:
    """The points (N, D) that coordinates (N, k) stand for: what the other directions held is lost."""
    return z @ found.directions[: z.shape[1]] + found.mean


def whitened(x: Tensor, zca: bool = False, eps: float = 0.0) -> Tensor:
    """The points with covariance I: coordinates divided by their deviations; by ZCA also turned back.

    eps: added to the variances, so that directions with hardly any do not become noise of full size
    """
    white: Tensor = Whitening("zca" if zca else "pca", eps=eps).fit(x).transform(x)
    return white


def covariance(x: Tensor) -> Tensor:
    """(D, D), with N - 1 below."""
    centred = x - x.mean(0)
    return centred.T @ centred / (len(x) - 1)
