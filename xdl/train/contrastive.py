"""Contrastive divergence: restricted Boltzmann machines learn without the gradient of a loss (Hinton 2002)."""

from __future__ import annotations

from typing import Any

from xdl.errors import SettingError, expect
from xdl.models.energy import RBM
from xdl.optim import Optimizer
from xdl.tensor import Tensor, no_grad
from xdl.train.state import Carried, Stateful
from xdl.train.task import Measures, Task


class ContrastiveDivergence(Task):
    """The task of an RBM. The gradient of the likelihood needs means over the model's own v: a short chain gives them.

        g = mean of s over the chain's v - mean of s over data        s: `RBM.statistics`

    is set as the gradient of each parameter, and the optimizer makes a step by it: momentum and weight decay are its.

    k:      steps of the Markov chain before each update
    chains: 0: CD-k, each chain starts at the data; else so many chains go on from update to update (persistent
            contrastive divergence, Tieleman 2008), and begin as noise

    Batches are Tensors (N, ...) that flatten to (N, V), or tuples with one first. Measured are "reconstruction_error",
    the mean of (v - model.reconstruct(v))², and in evaluation "free_energy".

    Raises SettingError for k below 1 and chains below 0.
    """

    def __init__(self, model: RBM, optimizer: Optimizer, k: int = 1, chains: int = 0) -> None:
        expect(k >= 1, SettingError, "ContrastiveDivergence", "k of at least 1", k)
        expect(chains >= 0, SettingError, "ContrastiveDivergence", "chains of at least 0", chains)
        self.model, self.optimizer, self.k = model, optimizer, k
        self.chains = Carried(model.noise(chains) if chains else None)

    def parts(self) -> dict[str, Stateful]:
        """model, optimizer, and chains, the visible units of the persistent ones."""
        return {"model": self.model, "optimizer": self.optimizer, "chains": self.chains}

    def train_step(self, batch: Any) -> Measures:
        """One update."""
        v, model = _visible(batch), self.model
        self.optimizer.zero_grad()
        with no_grad():
            p = model(v)
            own, q = self._chain(v, p)
            if self.chains.value is not None:
                self.chains.value = own
            pairs = zip(model.statistics(v, p), model.statistics(own, q), strict=True)
            for parameter, (of_data, of_model) in zip(model.parameters(), pairs, strict=True):
                parameter.grad = of_model - of_data
            error = ((v - model.visible_mean(p)) ** 2).mean()
        self.gradients_ready(self.optimizer, len(v))
        self.optimizer.step()
        return Measures({"reconstruction_error": error}, len(v))

    def _chain(self, v: Tensor, p: Tensor) -> tuple[Tensor, Tensor]:
        """v after k steps, and p(h = 1 | v) there; p: of the batch v, from where CD starts."""
        model, chains = self.model, self.chains.value
        own, q = (v, p) if chains is None else (chains, model(chains))
        for _ in range(self.k):
            own = model.sample_visible(model.visible_mean(model.sample_hidden(q)))
            q = model(own)
        return own, q

    def evaluate_step(self, batch: Any) -> Measures:
        """The measures of a batch."""
        v = _visible(batch)
        error = ((v - self.model.reconstruct(v)) ** 2).mean()
        return Measures({"reconstruction_error": error, "free_energy": self.model.free_energy(v).mean()}, len(v))


def _visible(batch: Any) -> Tensor:
    """The visible units of a batch, (N, V)."""
    v: Tensor = batch if isinstance(batch, Tensor) else batch[0]
    return v.flatten(1)
