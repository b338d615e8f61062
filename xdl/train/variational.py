"""Variational: the task of a variational autoencoder, which learns by the ELBO."""

from __future__ import annotations

from typing import Any

from xdl.errors import SettingError, expect
from xdl.nn import Module
from xdl.optim import Optimizer
from xdl.train.bounds import elbo_parts, negative_elbo
from xdl.train.reconstruction import inputs_of
from xdl.train.supervised import Supervised
from xdl.train.task import Weight


class Variational(Supervised):
    """Learns by reconstruction + beta KL, the negative ELBO with beta = 1 (beta-VAE: Higgins et al. 2017).

    Of batches of images with values between 0 and 1, alone or first in a tuple; second are the labels, which a
    `models.ConditionalVAE` is told.

    measures: "reconstruction", -ln p(x|z), and "kl", KL(q(z|x) || p(z)), in nats an image; "loss", what is minimized;
              "negative_elbo", the sum of both parts whatever beta is

    Raises SettingError for a negative beta.
    """

    unit = "images"

    def __init__(self, model: Module, optimizer: Optimizer, beta: float = 1.0) -> None:
        expect(beta >= 0, SettingError, "Variational", "beta >= 0", beta)
        super().__init__(model, negative_elbo, optimizer)
        self.beta = beta

    def weight(self, batch: Any) -> Weight:
        """The images."""
        return len(inputs_of(batch))

    def measure(self, batch: Any) -> dict[str, Any]:
        """The measures of the class."""
        model: Any = self.model
        x = inputs_of(batch)
        parts = elbo_parts(model(x, batch[1]) if model.told else model(x), x)
        reconstruction, kl = parts.reconstruction.mean(), parts.kl.sum(1).mean()
        return {
            "loss": reconstruction + self.beta * kl,
            "reconstruction": reconstruction.detach(),
            "kl": kl.detach(),
            "negative_elbo": (reconstruction + kl).detach(),
        }
