"""Reconstruction: the task of an autoencoder, which learns to give back what it was given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xdl.errors import SettingError, expect
from xdl.functional.loss.element_loss import mse_loss
from xdl.nn import Module
from xdl.optim import Optimizer
from xdl.tensor import Tensor
from xdl.train.supervised import Supervised
from xdl.train.task import Weight


class Reconstruction(Supervised):
    """Learns x̂ = decode(encode(x)): of batches of inputs, alone or first in a tuple, whose other parts are not read.

    measures: "error", mean (x̂ - x)^2 over all numbers of x; "sparsity", where there is a penalty; "loss", their sum
    corrupt:  makes of x what the encoder gets, also where it is measured; x̂ is compared with x itself (a denoising
              autoencoder: Vincent, Larochelle, Bengio and Manzagol 2008, "Extracting and composing robust features")
    sparsity: a penalty of the codes (N, K), as `models.generative.kl_sparsity` with its target; 0-d
    weight_of_sparsity: the factor of the penalty in the loss

    Raises SettingError for a negative factor.
    """

    def __init__(
        self,
        model: Module,
        optimizer: Optimizer,
        corrupt: Callable[[Tensor], Tensor] | None = None,
        sparsity: Callable[[Tensor], Tensor] | None = None,
        weight_of_sparsity: float = 1.0,
    ) -> None:
        expect(weight_of_sparsity >= 0, SettingError, "Reconstruction", "weight_of_sparsity >= 0", weight_of_sparsity)
        super().__init__(model, mse_loss, optimizer)
        self.corrupt, self.sparsity, self.weight_of_sparsity = corrupt, sparsity, weight_of_sparsity

    def weight(self, batch: Any) -> Weight:
        """The samples."""
        return len(inputs_of(batch))

    def measure(self, batch: Any) -> dict[str, Any]:
        """The measures of the class."""
        model: Any = self.model
        x = inputs_of(batch)
        code = model.encode(x if self.corrupt is None else self.corrupt(x))
        error = mse_loss(model.decode(code), x)
        if self.sparsity is None:
            return {"loss": error, "error": error.detach()}
        penalty = self.sparsity(code)
        return {
            "loss": error + self.weight_of_sparsity * penalty,
            "error": error.detach(),
            "sparsity": penalty.detach(),
        }


def inputs_of(batch: Any) -> Tensor:
    """The inputs of a batch: itself, or its first part."""
    x: Tensor = batch if isinstance(batch, Tensor) else batch[0]
    return x
