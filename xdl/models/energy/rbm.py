"""The restricted Boltzmann machine with binary units (Smolensky 1986; Hinton 2002).

v (N, V) visible units, h (N, H) hidden units, both 0 or 1; W (H, V), b (V,), c (H,) parameters

E(v, h) = - b v - c h - h W v                        p(v, h) = exp(-E(v, h)) / Z
p(h_j = 1 | v) = sigmoid(W v + c)_j                  no hidden unit is connected to another: given v, they are
p(v_i = 1 | h) = sigmoid(h W + b)_i                  independent, and the visible ones given h
F(v) = -ln sum_h exp(-E(v, h)) = - b v - sum_j softplus(W v + c)_j        p(v) = exp(-F(v)) / Z

The gradient of the mean of ln p(v) over data is  mean over data of s(v) - mean over the model's own v of s(v), where
s = -dF/d(W, b, c) = (p vᵀ, v, p) with p = p(h = 1 | v).
"""

from __future__ import annotations

from xdl import nn
from xdl.creation import zeros
from xdl.errors import SettingError, ShapeError, expect
from xdl.functional import linear, softplus
from xdl.nn.init import normal_
from xdl.nn.module import are_sizes
from xdl.random import rand_like
from xdl.tensor import Tensor, no_grad

START = 0.01  # std of the first weights, as in Hinton's guide to training (2012)


class RBM(nn.Module):
    """See the module docstring. The weight is that of a linear layer from the visible to the hidden units.

    What it samples has no gradient and comes from `xdl.random.stream("random")`.

    Raises SettingError for fewer than one unit of a kind, and ShapeError for units that are not (N, V) or (N, H).
    """

    def __init__(self, visible: int, hidden: int) -> None:
        right = are_sizes([visible, hidden])
        expect(right, SettingError, type(self).__name__, "units of both kinds", (visible, hidden))
        self.weight = nn.Parameter(normal_(zeros(hidden, visible), std=START))
        self.visible_bias = nn.Parameter(zeros(visible))
        self.hidden_bias = nn.Parameter(zeros(hidden))

    def forward(self, v: Tensor) -> Tensor:
        """p(h = 1 | v), (N, H), for v (N, V): the features of v."""
        return self.hidden_input(v).sigmoid()

    def hidden_input(self, v: Tensor) -> Tensor:
        """W v + c, (N, H)."""
        self.check("visible", v, self.weight.shape[1])
        return linear(v, self.weight, self.hidden_bias)

    def visible_mean(self, h: Tensor) -> Tensor:
        """The mean of v given h, (N, V): p(v = 1 | h)."""
        return self.visible_input(h).sigmoid()

    def visible_input(self, h: Tensor) -> Tensor:
        """h W + b, (N, V)."""
        self.check("hidden", h, self.weight.shape[0])
        return linear(h, self.weight.T, self.visible_bias)

    def sample_hidden(self, p: Tensor) -> Tensor:
        """Hidden units, each 1 with its probability p, else 0."""
        return (rand_like(p) < p).to(p.dtype)

    def sample_visible(self, mean: Tensor) -> Tensor:
        """Visible units of these means."""
        return (rand_like(mean) < mean).to(mean.dtype)

    def energy(self, v: Tensor, h: Tensor) -> Tensor:
        """E(v, h), (N,)."""
        return self.visible_energy(v) - (self.hidden_input(v) * h).sum(1)

    def free_energy(self, v: Tensor) -> Tensor:
        """F(v), (N,)."""
        return self.visible_energy(v) - softplus(self.hidden_input(v)).sum(1)

    def visible_energy(self, v: Tensor) -> Tensor:
        """What the visible units alone cost, (N,)."""
        return -(v @ self.visible_bias)

    def log_sum_visible(self, a: Tensor) -> Tensor:
        """ln of the sum over all v of exp(-E(v, h) - c h), (N,), for the visible units' inputs a = h W + b."""
        return softplus(a).sum(1)

    def reconstruct(self, v: Tensor) -> Tensor:
        """The mean of v given the probabilities of the hidden units in place of samples, (N, V)."""
        return self.visible_mean(self(v))

    def gibbs(self, v: Tensor, steps: int) -> Tensor:
        """v after so many steps of its Markov chain: h is drawn given v, then v given h. Raises SettingError."""
        right = isinstance(steps, int) and steps >= 0
        expect(right, SettingError, f"{type(self).__name__}.gibbs", "steps of at least 0", repr(steps))
        with no_grad():
            for _ in range(steps):
                v = self.sample_visible(self.visible_mean(self.sample_hidden(self(v))))
        return v

    def noise(self, n: int) -> Tensor:
        """n starts of a chain, (n, V), that know nothing of any data: 0 or 1 with equal chances."""
        with no_grad():
            return self.sample_visible(self._many(n) * 0 + 0.5)

    def fit_biases(self, v: Tensor) -> None:
        """Sets the visible biases to what v (N, V) would teach a machine without hidden units: ln(p / (1 - p)).

        p is the share of 1 among v and one more of each kind, so that all biases are finite.
        """
        p = (v.sum(0) + 1) / (len(v) + 2)
        with no_grad():
            self.visible_bias.copy_((p / (1 - p)).log())

    def statistics(self, v: Tensor, p: Tensor) -> list[Tensor]:
        """The mean over v (N, V) of s = -dF/d(parameter), for each parameter in order; p = p(h = 1 | v), (N, H)."""
        share = p / len(v)
        return [share.T @ v, v.mean(0), share.sum(0)]

    def check(self, name: str, units: Tensor, count: int) -> None:
        """Raises ShapeError unless the units are (N, count)."""
        fits = units.ndim == 2 and units.shape[1] == count
        expect(fits, ShapeError, type(self).__name__, f"{name} units (N, {count})", units.shape)

    def _many(self, n: int) -> Tensor:
        """The visible biases n times, (n, V)."""
        expect(are_sizes([n]), SettingError, f"{type(self).__name__}.noise", "n of at least 1", repr(n))
        return self.visible_bias.detach().expand(n, -1)
