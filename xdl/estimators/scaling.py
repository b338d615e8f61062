"""Features on one scale: of mean 0 and deviation 1, or between two bounds."""

from __future__ import annotations

from numbers import Real
from typing import Any

from xdl.errors import SettingError
from xdl.estimators.given import given_back, host_array, learned
from xdl.estimators.kinds import Transformer
from xdl.estimators.settings import is_pair
from xdl.promotion import finfo
from xdl.tensor import Tensor

ROUNDING = 10  # a range or deviation up to so many roundings of its feature's size counts as none


class StandardScaler(Transformer):
    """z = (x - mean_) / scale_ with scale_ = sqrt(var_), the deviation of the N samples; 1 where all are equal.

    with_mean: whether means are taken out
    with_std:  whether deviations are divided by
    """

    mean_: Any
    var_: Any
    scale_: Any
    n_samples_seen_: int

    def __init__(self, *, with_mean: bool = True, with_std: bool = True) -> None:
        self.with_mean = with_mean
        self.with_std = with_std

    def learn(self, x: Tensor) -> None:
        """Keeps mean_, var_ and scale_ (D,) of x (N, D)."""
        rough = x.mean(0)
        mean = rough + (x - rough).mean(0)  # what the first sum lost beside large values
        var = ((x - mean) ** 2).mean(0)
        self.n_samples_seen_ = x.shape[0]
        self.mean_, self.var_ = host_array(mean), host_array(var)
        self.scale_ = host_array(usable(var.sqrt(), mean.abs()))

    def transform(self, X: Any) -> Any:
        """z (N, D) of X (N, D). Raises as `features`."""
        z = self.features(X)
        if self.with_mean:
            z = z - learned(self.mean_, z)
        return given_back(z / learned(self.scale_, z) if self.with_std else z + 0.0, X)

    def inverse_transform(self, X: Any) -> Any:
        """The x (N, D) whose z is X. Raises as `transform`."""
        x = self.features(X)
        if self.with_std:
            x = x * learned(self.scale_, x)
        return given_back(x + (learned(self.mean_, x) if self.with_mean else 0.0), X)


class MinMaxScaler(Transformer):
    """z = x scale_ + min_, which puts the least and the largest value of each feature on feature_range.

    feature_range: the two bounds
    clip:          whether later samples beyond the seen ones are put on the bounds
    """

    data_min_: Any
    data_max_: Any
    data_range_: Any
    scale_: Any
    min_: Any
    n_samples_seen_: int

    def __init__(self, feature_range: tuple[float, float] = (0, 1), *, clip: bool = False) -> None:
        self.feature_range = feature_range
        self.clip = clip

    def learn(self, x: Tensor) -> None:
        """Keeps the least and the largest value (D,) of x (N, D). Raises SettingError."""
        if not (is_pair(self.feature_range, Real) and self.feature_range[0] < self.feature_range[1]):
            raise SettingError("MinMaxScaler", "feature_range (low, high) with low < high", self.feature_range)
        low, high = self.feature_range
        least, largest = x.amin(0), x.amax(0)
        scale = (high - low) / usable(largest - least, largest.abs())
        self.n_samples_seen_ = x.shape[0]
        self.data_min_, self.data_max_ = host_array(least), host_array(largest)
        self.data_range_ = self.data_max_ - self.data_min_
        self.scale_, self.min_ = host_array(scale), host_array(low - least * scale)

    def transform(self, X: Any) -> Any:
        """z (N, D) of X (N, D). Raises as `features`."""
        x = self.features(X)
        z = x * learned(self.scale_, x) + learned(self.min_, x)
        return given_back(z.clamp(*self.feature_range) if self.clip else z, X)

    def inverse_transform(self, X: Any) -> Any:
        """The x (N, D) whose z is X. Raises as `transform`."""
        z = self.features(X)
        return given_back((z - learned(self.min_, z)) / learned(self.scale_, z), X)


def usable(width: Tensor, size: Tensor) -> Tensor:
    """Widths to divide by (D,): 1 where a feature is as good as constant for its size."""
    constant = width <= ROUNDING * float(finfo(width.dtype).eps) * size
    return width.where(~constant, 1.0)
