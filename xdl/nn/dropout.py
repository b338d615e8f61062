"""Dropout layers: in training each sets parts of its input to a resting value with probability p."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xdl import functional
from xdl.functional.elementwise.dropout import check_probability
from xdl.nn.base.flops import Negligible
from xdl.nn.base.function import FunctionModule
from xdl.tensor import Tensor


@dataclass(eq=False, repr=False)
class _Dropout(Negligible, FunctionModule):
    """What they share; raises SettingError unless 0 <= p <= 1.

    inplace: writes into the input, which is returned, as `xdl.functional.in_place` says
    """

    p: float = 0.5
    inplace: bool = False

    def __post_init__(self) -> None:
        check_probability(type(self).__name__, self.p)

    def forward(self, input: Tensor) -> Tensor:  # type: ignore[override]
        """The same shape; in evaluation the input itself."""
        return type(self).function(input, self.p, self.training, self.inplace)  # type: ignore[no-any-return]

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        return f"p={self.p}" + (", inplace=True" if self.inplace else "")


class Dropout(_Dropout):
    """Single elements become 0, the others are divided by 1 - p."""

    function: ClassVar = functional.dropout


class Dropout1d(_Dropout):
    """Whole channels of (N, C, L) or (C, L) become 0, the others are divided by 1 - p."""

    function: ClassVar = functional.dropout1d


class Dropout2d(_Dropout):
    """Whole channels of (N, C, H, W) become 0, the others are divided by 1 - p."""

    function: ClassVar = functional.dropout2d


class Dropout3d(_Dropout):
    """Whole channels of (N, C, D, H, W) or (C, D, H, W) become 0, the others are divided by 1 - p."""

    function: ClassVar = functional.dropout3d


class AlphaDropout(_Dropout):
    """Single elements become what a SELU gives at rest; mean 0 and variance 1 are kept."""

    function: ClassVar = functional.alpha_dropout


class FeatureAlphaDropout(_Dropout):
    """Whole channels of (N, C, ...) become what a SELU gives at rest; mean 0 and variance 1 are kept."""

    function: ClassVar = functional.feature_alpha_dropout
