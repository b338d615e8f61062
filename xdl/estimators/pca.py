"""Principal components: the directions in which samples vary most."""

from __future__ import annotations

from numbers import Integral
from typing import Any

from xdl.errors import SettingError, ShapeError
from xdl.estimators.given import given_back, host_array, learned, matrix
from xdl.estimators.kinds import Transformer
from xdl.linalg import svd
from xdl.promotion import finfo
from xdl.tensor import Tensor


class PCA(Transformer):
    """z = (x - mean_) components_^T: the rows of components_ (K, D) are orthonormal, the one of most variance first.

    n_components: how many; a number below 1.0 takes as many as explain more than that share of the variance; None all
    whiten:       whether z is divided by its deviations, so that each element of it has variance 1

    By the singular values S of X without its means, X = U diag(S) V^T: components_ are the rows of V^T, variances
    S^2 / (N - 1). As in scikit-learn, the element of a component with the largest absolute value is positive.
    """

    components_: Any
    explained_variance_: Any
    explained_variance_ratio_: Any
    singular_values_: Any
    mean_: Any
    n_components_: int
    n_samples_: int
    noise_variance_: float

    def __init__(self, n_components: float | None = None, *, whiten: bool = False) -> None:
        self.n_components = n_components
        self.whiten = whiten

    def learn(self, x: Tensor) -> None:
        """Keeps components_ (K, D) and mean_ (D,) of x (N, D), explained_variance_, explained_variance_ratio_ and
        singular_values_ (K,), and noise_variance_, the mean of the variances left out.

        Raises SettingError, and ShapeError for a single sample.
        """
        moved, mean = without_mean("PCA", x)
        s, vh = axes(moved)
        variances = s**2 / (x.shape[0] - 1)
        total = variances.sum()
        kept = self._number(variances, total)
        self.n_components_, self.n_samples_ = kept, x.shape[0]
        self.components_, self.mean_ = host_array(vh[:kept]), host_array(mean)
        self.singular_values_, self.explained_variance_ = host_array(s[:kept]), host_array(variances[:kept])
        self.explained_variance_ratio_ = host_array(variances[:kept] / total)
        self.noise_variance_ = float(variances[kept:].mean().item()) if kept < len(s) else 0.0

    def transform(self, X: Any) -> Any:
        """z (N, K) of X (N, D). Raises as `features`."""
        x = self.features(X)
        z = (x - learned(self.mean_, x)) @ learned(self.components_, x).T
        return given_back(z / self._deviations(x) if self.whiten else z, X)

    def inverse_transform(self, X: Any) -> Any:
        """The x (N, D) nearest to the samples whose z is X (N, K). Raises as `transform`."""
        self.check_fitted()
        z = matrix("PCA.inverse_transform", X)
        if z.shape[1] != self.n_components_:
            raise ShapeError("PCA.inverse_transform", f"X (N, {self.n_components_})", f"shape {z.shape}")
        z = z * self._deviations(z) if self.whiten else z
        return given_back(z @ learned(self.components_, z) + learned(self.mean_, z), X)

    def output_names(self, names: list[str]) -> list[str]:
        """pca0, pca1, ..."""
        del names
        return [f"pca{i}" for i in range(self.n_components_)]

    def _deviations(self, like: Tensor) -> Tensor:
        """The deviations (K,) to divide by: not quite 0 where there is none, as in scikit-learn."""
        return learned(self.explained_variance_, like).sqrt().clamp(min=float(finfo(like.dtype).eps))

    def _number(self, variances: Tensor, total: Tensor) -> int:
        """How many components to keep."""
        n, most = self.n_components, len(variances)
        if n is None:
            return most
        if isinstance(n, Integral) and 1 <= n <= most:
            return int(n)
        if isinstance(n, float) and 0 < n < 1:
            return min(most, 1 + int((variances.cumsum(0) / total <= n).sum().item()))
        raise SettingError("PCA", f"n_components from 1 to {most}, a share in (0, 1), or None", repr(n))


def without_mean(operation: str, x: Tensor) -> tuple[Tensor, Tensor]:
    """x (N, D) without its means, and these (D,). Raises ShapeError for a single sample, which varies in nothing."""
    if x.shape[0] < 2:
        raise ShapeError(operation, "at least 2 samples", f"n_samples = 1, shape {x.shape}")
    mean = x.mean(0)
    return x - mean, mean


def axes(a: Tensor) -> tuple[Tensor, Tensor]:
    """Singular values S (K,) of a matrix, and V^T (K, D): in each row the largest absolute value is positive."""
    _, s, vh = svd(a, full_matrices=False)
    largest = vh.gather(1, vh.abs().argmax(1).unsqueeze(1))
    return s, vh * (2 * (largest >= 0).to(vh.dtype) - 1)
