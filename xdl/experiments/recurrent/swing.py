"""A swing that is pushed by chance: an autoregression of order 2, and what can be known of its next value.

    x_t = a1 x_(t-1) + a2 x_(t-2) + e_t,   a1 = 2 r cos(w), a2 = -r**2,   e_t normal with variance s2

Its place does not tell which way it goes. With variance 1 and correlation p = a1 / (1 - a2) of neighbours,

    E[x_t | x_(t-1)] = p x_(t-1)                    error 1 - p**2: the floor of whatever has no memory
    E[x_t | x_(t-1), x_(t-2), ...]                  error s2 = (1 - p**2) (1 - a2**2): the floor with memory

Both are exact, since all is normal: G. Box and G. Jenkins, "Time series analysis" (1970), chapter 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi
from typing import Any

from xdl.data.generated import autoregression


@dataclass(frozen=True)
class Swing:
    """r: how much of it a step leaves, below 1; period: steps of one swing, 2 pi / w."""

    r: float
    period: float

    @property
    def coefficients(self) -> tuple[float, float]:
        """(a1, a2)"""
        return 2 * self.r * cos(2 * pi / self.period), -self.r * self.r

    @property
    def p(self) -> float:
        """The correlation of neighbours."""
        a1, a2 = self.coefficients
        return a1 / (1 - a2)

    @property
    def without_memory(self) -> float:
        """The least mean squared error for who sees x_(t-1) alone."""
        return 1 - self.p**2

    @property
    def with_memory(self) -> float:
        """The least mean squared error for who sees all before: the variance of the pushes."""
        return self.without_memory * (1 - self.coefficients[1] ** 2)

    def series(self, samples: int, seed: int) -> Any:
        """(N,) values of variance 1, float32."""
        return autoregression(samples, self.coefficients, self.with_memory**0.5, seed)
