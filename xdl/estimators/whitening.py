"""Whitening: features turned and stretched until they are uncorrelated and of variance 1."""

from __future__ import annotations

from typing import Any

from xdl.errors import DataError, SettingError
from xdl.estimators.given import given_back, host_array, learned
from xdl.estimators.kinds import Transformer
from xdl.estimators.pca import axes, without_mean
from xdl.estimators.settings import check_number
from xdl.promotion import finfo
from xdl.tensor import Tensor

METHODS = ("pca", "zca")


class Whitening(Transformer):
    """z = (x - mean_) matrix_^T, whose covariance over the samples of `fit` is the unit matrix where eps is 0.

    method: "pca" gives z along the principal components, matrix_ = diag(d) V^T; "zca" turns it back, matrix_ =
            V diag(d) V^T, and of all whitened samples has those nearest to the unchanged ones
            (Kessy, Lewin, Strimmer, Optimal whitening and decorrelation, 2018)
    eps:    d = 1 / sqrt(variance + eps): above 0, noise in directions of little variance is not blown up

    Variances are those of N - 1, and signs PCA's. inverse_ (D, D) is the inverse of matrix_ (D, D).
    """

    mean_: Any
    matrix_: Any
    inverse_: Any
    explained_variance_: Any

    def __init__(self, method: str = "pca", *, eps: float = 0.0) -> None:
        self.method = method
        self.eps = eps

    def learn(self, x: Tensor) -> None:
        """Keeps mean_, explained_variance_ (D,), matrix_ and inverse_ of x (N, D).

        Raises SettingError, ShapeError for a single sample, and DataError where eps is 0 for features that depend on
        each other, as with fewer samples than features.
        """
        if self.method not in METHODS:
            raise SettingError("Whitening", f"method among {', '.join(METHODS)}", repr(self.method))
        check_number("Whitening", "eps", self.eps)
        moved, mean = without_mean("Whitening", x)
        variances, vh = axes(moved.T @ moved / (x.shape[0] - 1))
        least, largest = float(variances[-1].item()), float(variances[0].item())
        if not self.eps and least <= largest * len(variances) * float(finfo(x.dtype).eps):
            expected, hint = "variance in every direction, or eps above 0", "PCA leaves such directions out"
            raise DataError("Whitening", expected, f"variances from {least:.3g} to {largest:.3g}", hint)
        d = (variances + self.eps).rsqrt().unsqueeze(1)
        matrix, inverse = d * vh, (vh / d).T
        if self.method == "zca":
            matrix, inverse = vh.T @ matrix, inverse @ vh
        self.mean_, self.explained_variance_ = host_array(mean), host_array(variances)
        self.matrix_, self.inverse_ = host_array(matrix), host_array(inverse)

    def transform(self, X: Any) -> Any:
        """z (N, D) of X (N, D). Raises as `features`."""
        x = self.features(X)
        return given_back((x - learned(self.mean_, x)) @ learned(self.matrix_, x).T, X)

    def inverse_transform(self, X: Any) -> Any:
        """The x (N, D) whose z is X. Raises as `transform`."""
        z = self.features(X)
        return given_back(z @ learned(self.inverse_, z).T + learned(self.mean_, z), X)

    def output_names(self, names: list[str]) -> list[str]:
        """whitening0, whitening1, ...; of "zca" the names of the features, which stay near what they were."""
        return names if self.method == "zca" else [f"whitening{i}" for i in range(len(names))]
