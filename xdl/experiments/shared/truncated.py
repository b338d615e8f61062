"""Truncated back propagation through time: windows one after the other, and what becomes of the state between them.

The gradient ends where a window begins. The state may go on (R. Williams and J. Peng, "An efficient gradient-based
algorithm for on-line training of recurrent network trajectories", Neural Computation 2, 1990), or begin anew.
"""

from __future__ import annotations

from typing import Any

from xdl import nn
from xdl.functional import mse_loss
from xdl.optim import Optimizer
from xdl.train import Carried, Measures, Task


class Truncated(Task):
    """The mean squared error over all steps of a window (N, T, F), beside the same one step later.

    model: x and a state, or None for zeros, to forecasts (N, T, F) and the state after the window
    carry: the state goes on from batch to batch, which must then be consecutive; a pass begins with zeros
    """

    unit = "windows"

    def __init__(self, model: nn.Module, optimizer: Optimizer, carry: bool) -> None:
        self.model, self.optimizer, self.carry = model, optimizer, carry
        self.state = Carried()

    def parts(self) -> dict[str, Any]:
        """The model, its optimizer, and the state, so that a resumed training goes on with it."""
        return {"model": self.model, "optimizer": self.optimizer, "state": self.state}

    def start_epoch(self) -> None:
        """The series begins again."""
        self.state.value = None

    def train_step(self, batch: Any) -> Measures:
        """One step of the optimizer; no gradient goes back into the window before."""
        x, target = batch
        forecasts, state = self.model(x, self.state.value)
        if self.carry:
            self.state.value = state.detach()
        loss = mse_loss(forecasts, target)
        self.minimize(loss, self.optimizer, len(x))
        return Measures({"loss": loss}, len(x))

    def evaluate_step(self, batch: Any) -> Measures:
        """The loss of windows that begin with zeros."""
        x, target = batch
        return Measures({"loss": mse_loss(self.model(x, None)[0], target)}, len(x))
