"""Variational autoencoders (Kingma and Welling 2014; Rezende, Mohamed, Wierstra 2014; hwdong, section 8.3).

    q(z|x) = N(m(x), diag v(x)),   z = m + sqrt(v) e,  e ~ N(0, I),   p(x|z) = product of Bernoulli(sigmoid(logits(z)))

The encoder gives m and ln v, the decoder the logits of the pixels. They learn by `train.Variational`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import ClassVar, NamedTuple

from xdl import nn
from xdl.distributions import Normal
from xdl.errors import SettingError, ShapeError, expect
from xdl.functional import cat, one_hot, relu
from xdl.nn.module import are_sizes
from xdl.nn.together import activated
from xdl.tensor import Tensor


class VAEOutput(NamedTuple):
    """logits (N, D) of the pixels, mean and log_variance (N, K) of q(z|x)."""

    logits: Tensor
    mean: Tensor
    log_variance: Tensor


class VAE(nn.Module):
    """One hidden layer on each side, as in the paper, with ReLU in place of tanh.

        (N, C, H, W)  linear (N, hidden)  ReLU  two linear layers: m (N, latent), ln v (N, latent)
        (N, latent)   linear (N, hidden)  ReLU  linear (N, C H W): logits

    shape: (C, H, W) of an image, with values between 0 and 1. Raises SettingError for a number below 1.
    """

    told: ClassVar[bool] = False  # whether encoder and decoder are told the label, see `ConditionalVAE`

    def __init__(self, shape: Sequence[int], hidden: int = 400, latent: int = 20) -> None:
        self._build(shape, hidden, latent, 0)

    def _build(self, shape: Sequence[int], hidden: int, latent: int, beside: int) -> None:
        """The layers. beside: numbers that encoder and decoder get in addition."""
        kind, right = type(self).__name__, are_sizes(shape, [hidden, latent])
        expect(right, SettingError, kind, "shape, hidden and latent of at least 1", (shape, hidden, latent))
        self.shape, self.latent, pixels = tuple(shape), latent, prod(shape)
        self.hidden = nn.Linear(pixels + beside, hidden)
        self.mean, self.log_variance = nn.Linear(hidden, latent), nn.Linear(hidden, latent)
        self.decoder = nn.Sequential(nn.Linear(latent + beside, hidden), nn.ReLU(), nn.Linear(hidden, pixels))

    def encode(self, input: Tensor) -> tuple[Tensor, Tensor]:
        """m and ln v (N, latent) of images (N, ...) that flatten to (N, D)."""
        h = activated(self.hidden, relu, input.flatten(1))
        return self.mean(h), self.log_variance(h)

    def decode(self, z: Tensor) -> Tensor:
        """Logits (..., D) of the pixels for codes (..., latent)."""
        logits: Tensor = self.decoder(z)
        return logits

    def sample(self, mean: Tensor, log_variance: Tensor) -> Tensor:
        """z (N, latent) of q(z|x), with gradients for both: m + sqrt(v) e."""
        return Normal(mean, (log_variance * 0.5).exp(), validate_args=False).rsample()

    def forward(self, input: Tensor, *label: Tensor) -> VAEOutput:
        """Logits for one z of q(z|x) each, drawn anew; and q. label: what a `ConditionalVAE` is told."""
        mean, log_variance = self.encode(input, *label)
        return VAEOutput(self.decode(self.sample(mean, log_variance), *label), mean, log_variance)

    def images(self, z: Tensor, *label: Tensor) -> Tensor:
        """The probabilities of the pixels as images (N, C, H, W) for codes (N, latent)."""
        return self.decode(z, *label).sigmoid().reshape(-1, *self.shape)


class ConditionalVAE(VAE):
    """A VAE whose encoder and decoder are told the label, one-hot (Sohn, Lee, Yan 2015; Kingma et al. 2014).

    So the code need not say which class an image is of, and images of a class can be asked for.
    """

    told = True

    def __init__(self, shape: Sequence[int], num_classes: int, hidden: int = 400, latent: int = 20) -> None:
        expect(are_sizes([num_classes]), SettingError, "ConditionalVAE", "num_classes >= 1", repr(num_classes))
        self.num_classes = num_classes
        self._build(shape, hidden, latent, num_classes)

    def encode(self, input: Tensor, label: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        """m and ln v (N, latent) of images (N, ...) and their labels (N,)."""
        return super().encode(self._with(input.flatten(1), label))

    def decode(self, z: Tensor, label: Tensor) -> Tensor:  # type: ignore[override]
        """Logits (..., D) of the pixels for codes (..., N, latent) and labels (N,)."""
        return super().decode(self._with(z, label))

    def _with(self, x: Tensor, label: Tensor) -> Tensor:
        expect(label.shape == x.shape[-2:-1], ShapeError, "ConditionalVAE", f"labels {x.shape[-2:-1]}", label.shape)
        told = one_hot(label, self.num_classes).to(x.dtype)
        return cat([x, told.expand(*x.shape[:-1], self.num_classes)], -1)
