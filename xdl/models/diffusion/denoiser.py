"""A denoiser for vectors: a residual network that is told the time by waves (Vaswani et al. 2017; Ho et al. 2020)."""

from __future__ import annotations

from math import log

from xdl import nn
from xdl.creation import arange
from xdl.errors import SettingError, expect
from xdl.functional import cat, silu
from xdl.nn.module import check_sizes
from xdl.tensor import Tensor

SLOWEST = 10_000  # steps of the longest wave, over 2 pi


def time_waves(t: Tensor, size: int, dtype: str = "float32") -> Tensor:
    """(N, size): sines and cosines of t (N,), size / 2 waves each, from one radian a step to 1/10000.

    Raises SettingError unless the size is even and at least 4.
    """
    expect(size % 2 == 0 and size >= 4, SettingError, "time_waves", "an even size of at least 4", size)
    half = size // 2
    slopes = (arange(half, dtype=dtype, device=t.device) * (-log(SLOWEST) / (half - 1))).exp()
    angles = t.to(dtype).unsqueeze(1) * slopes
    return cat([angles.sin(), angles.cos()], 1)


class TimeMLP(nn.Module):
    """x (N, D) and t (N,) to (N, D): h = W x; h = h + V silu(U h + T w) in each block, w the waves of t; then out.

    features: D;  hidden: units of h;  blocks: how many
    """

    def __init__(self, features: int, hidden: int = 128, blocks: int = 3, waves: int = 32) -> None:
        check_sizes("TimeMLP", features=features, hidden=hidden, blocks=blocks, waves=waves)
        self.waves = waves
        self.into = nn.Linear(features, hidden)
        self.first = nn.ModuleList([nn.Linear(hidden, hidden) for _ in range(blocks)])
        self.times = nn.ModuleList([nn.Linear(waves, hidden, bias=False) for _ in range(blocks)])
        self.second = nn.ModuleList([nn.Linear(hidden, hidden) for _ in range(blocks)])
        self.out = nn.Linear(hidden, features)

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        """See the class."""
        w = time_waves(t, self.waves, x.dtype)
        h = self.into(x)
        for first, time, second in zip(self.first, self.times, self.second, strict=True):
            h = h + second(silu(first(h) + time(w)))
        y: Tensor = self.out(silu(h))
        return y
