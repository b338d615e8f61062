"""The Frechet distance of two sets of features, as two normal distributions are apart."""

from __future__ import annotations

from typing import Any

from xdl import linalg
from xdl.tensor import Tensor, no_grad
from xdl.train.metrics.samples.points import two_samples


def frechet_distance(one: Any, other: Any) -> float:
    """|m - n|**2 + tr(S + T - 2 (S T)**(1/2)), m, n the means and S, T the covariances (Dowson and Landau 1982).

    one, other: (N, D) and (M, D) features, N, M >= 2. Of Inception's features it is the FID (Heusel et al. 2017); of
    others it is on a scale of its own, to be read beside that of real against real samples, of as many: it falls with
    their number. tr (S T)**(1/2) is the sum of the roots of the eigenvalues of S**(1/2) T S**(1/2).

    Raises ShapeError, DataError.
    """
    x, y = two_samples("frechet_distance", 2, one=one, other=other)
    with no_grad():
        apart = (x.mean(0) - y.mean(0)).square().sum()
        s, t = _covariance(x), _covariance(y)
        values, vectors = linalg.eigh(s)
        root = vectors * values.clamp(0).sqrt() @ vectors.T
        mixed = linalg.eigvalsh(root @ t @ root).clamp(0).sqrt().sum()
        return float((apart + s.trace() + t.trace() - 2 * mixed).clamp(0).item())


def _covariance(x: Tensor) -> Tensor:
    centred = x - x.mean(0)
    return centred.T @ centred / (len(x) - 1)
