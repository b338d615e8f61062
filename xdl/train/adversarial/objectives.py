"""What a critic and a generator minimize, as functions of the critic's scores of real samples and of made ones."""

from __future__ import annotations

from typing import Protocol

from xdl.errors import SettingError, expect
from xdl.functional import softplus
from xdl.tensor import Tensor


class Objective(Protocol):
    """The two losses. Scores are what the critic gives, of any shape; losses are 0-d Tensors, means over the scores."""

    def critic_loss(self, real: Tensor, made: Tensor) -> Tensor:
        """Of the scores of real samples and of made ones."""

    def generator_loss(self, made: Tensor) -> Tensor:
        """Of the scores of made samples."""


class LogOdds:
    """The critic is a classifier (Goodfellow et al. 2014): its score s is the log-odds of "real", D = sigmoid(s).

        critic       -mean ln D(x) - mean ln(1 - D(G(z)))
        generator    -mean ln D(G(z)); with minimax=True mean ln(1 - D(G(z))), what the critic maximizes

    A generator that the critic sees through gets hardly a gradient from the second, and a full one from the first,
    "non-saturating" form. At D = p / (p + q) minus the critic's loss is 2 JS(p, q) - ln 4.

    smoothing: how far the target of real samples is below 1 (Salimans et al. 2016): their part of the critic's loss
               becomes -mean((1 - smoothing) ln D(x) + smoothing ln(1 - D(x)))

    Raises SettingError for a smoothing outside [0, 0.5).
    """

    def __init__(self, *, minimax: bool = False, smoothing: float = 0.0) -> None:
        expect(0 <= smoothing < 0.5, SettingError, "LogOdds", "0 <= smoothing < 0.5", smoothing)
        self.minimax, self.smoothing = minimax, smoothing

    def critic_loss(self, real: Tensor, made: Tensor) -> Tensor:
        """See the class; -ln D = softplus(-s) and -ln(1 - D) = softplus(s) = softplus(-s) + s."""
        of_real = softplus(-real).mean()
        if self.smoothing:
            of_real = of_real + self.smoothing * real.mean()
        return of_real + softplus(made).mean()

    def generator_loss(self, made: Tensor) -> Tensor:
        """See the class."""
        return -softplus(made).mean() if self.minimax else softplus(-made).mean()


class Wasserstein:
    """The critic's scores f lie as far apart as they can (Arjovsky, Chintala, Bottou 2017).

        critic       mean f(G(z)) - mean f(x)
        generator    -mean f(G(z))

    Among all f of slope 1 at most, minus the least loss of the critic is the Wasserstein-1 distance of the two
    distributions. The task holds the slope down, by clipped weights or by a penalty.
    """

    def critic_loss(self, real: Tensor, made: Tensor) -> Tensor:
        """See the class."""
        return made.mean() - real.mean()

    def generator_loss(self, made: Tensor) -> Tensor:
        """See the class."""
        return -made.mean()
