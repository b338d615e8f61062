"""The restricted Boltzmann machine with visible units that are real numbers (Welling, Rosen-Zvi, Hinton 2004).

E(v, h) = |v - b|² / 2 - c h - h W v
p(h_j = 1 | v) = sigmoid(W v + c)_j        p(v | h) = N(b + h W, 1)
F(v) = |v - b|² / 2 - sum_j softplus(W v + c)_j

Each visible unit has variance 1 given h, so data are standardized first.
"""

from __future__ import annotations

from math import log, pi

from xdl.models.energy.rbm import RBM
from xdl.random import randn_like
from xdl.tensor import Tensor, no_grad


class GaussianRBM(RBM):
    """See the module docstring, and `RBM`."""

    def visible_mean(self, h: Tensor) -> Tensor:
        """The mean of v given h, (N, V): b + h W."""
        return self.visible_input(h)

    def sample_visible(self, mean: Tensor) -> Tensor:
        """Normal numbers of these means and variance 1."""
        return mean + randn_like(mean)

    def visible_energy(self, v: Tensor) -> Tensor:
        """|v - b|² / 2, (N,)."""
        return ((v - self.visible_bias) ** 2).sum(1) / 2

    def log_sum_visible(self, a: Tensor) -> Tensor:
        """ln of the integral over v of exp(-E(v, h) - c h), (N,), for a = h W + b: (|a|² - |b|² + V ln 2 pi) / 2."""
        return (a**2 - self.visible_bias**2 + log(2 * pi)).sum(1) / 2

    def noise(self, n: int) -> Tensor:
        """n starts of a chain, (n, V): standard normal numbers."""
        with no_grad():
            return randn_like(self._many(n))

    def fit_biases(self, v: Tensor) -> None:
        """Sets the visible biases to the means of v (N, V)."""
        with no_grad():
            self.visible_bias.copy_(v.mean(0))

    def statistics(self, v: Tensor, p: Tensor) -> list[Tensor]:
        """As `RBM.statistics`; for b it is the mean of v - b."""
        weight, mean, hidden = super().statistics(v, p)
        return [weight, mean - self.visible_bias, hidden]
