"""torchvision.ops.misc: a batch norm that is fixed, as detectors have it, and residual branches left out by chance."""

from __future__ import annotations

from typing import Any

import xdl
from xdl.as_torch.vision.boxes import *  # noqa: F403
from xdl.as_torch.vision.boxes import __all__ as _boxes
from xdl.nn import Module
from xdl.tensor import Tensor


class FrozenBatchNorm2d(Module):
    """y = (x - running_mean) / sqrt(running_var + eps) weight + bias, all four of them buffers."""

    def __init__(self, num_features: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps
        for name, value in (("weight", 1), ("bias", 0), ("running_mean", 0), ("running_var", 1)):
            self.register_buffer(name, xdl.full((num_features,), float(value)))

    def forward(self, x: Tensor) -> Tensor:
        """x (N, C, H, W)."""
        held: Any = self
        scale = held.weight * (held.running_var + self.eps).rsqrt()
        shift = held.bias - held.running_mean * scale
        y: Tensor = x * scale[:, None, None] + shift[:, None, None]
        return y


def stochastic_depth(input: Tensor, p: float, mode: str, training: bool = True) -> Tensor:
    """input with its samples (mode "row"), or all of it ("batch"), set to 0 with probability p, else over 1 - p."""
    if not training or p == 0:
        return input
    rows = input.shape[0] if mode == "row" else 1
    kept = xdl.functional.dropout(xdl.ones(rows, *[1] * (input.ndim - 1)), p)
    return input * kept


class StochasticDepth(Module):
    """`stochastic_depth` as a module."""

    def __init__(self, p: float, mode: str) -> None:
        super().__init__()
        self.p, self.mode = p, mode

    def forward(self, input: Tensor) -> Tensor:
        """input (N, ...)."""
        return stochastic_depth(input, self.p, self.mode, self.training)


__all__ = [*_boxes, "FrozenBatchNorm2d", "StochasticDepth", "stochastic_depth"]
