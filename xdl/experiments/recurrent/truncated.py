"""Truncated back propagation through time: windows one after the other, and what becomes of the state between them.

The gradient ends where a window begins. The state may go on (R. Williams and J. Peng, "An efficient gradient-based
algorithm for on-line training of recurrent network trajectories", Neural Computation 2, 1990), or begin anew.
"""

from __future__ import annotations

from typing import Any

from xdl import nn, optim
from xdl.creation import tensor
from xdl.data import DataLoader
from xdl.data.series.windows import NextStep, consecutive_windows
from xdl.functional import mse_loss
from xdl.tensor import Tensor, no_grad
from xdl.train import Carried, Measures, Task


class Forecaster(nn.Module):
    """A GRU with a linear head: values (N, T, 1) and a state (1, N, H) or None to forecasts (N, T, 1) and a state."""

    def __init__(self, hidden: int) -> None:
        self.gru, self.head = nn.GRU(1, hidden, batch_first=True), nn.Linear(hidden, 1)

    def forward(self, input: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
        """The next value after each step, and the state after the last one."""
        outputs, state = self.gru(input, state)
        return self.head(outputs), state


class Truncated(Task):
    """Forecasts of windows (N, T, 1), each beside the same one step later.

    carry: the state goes on from batch to batch, which must then be consecutive; a pass begins with zeros
    """

    def __init__(self, model: Forecaster, lr: float, carry: bool) -> None:
        self.model, self.carry = model, carry
        self.optimizer = optim.Adam(model.parameters(), lr=lr)
        self.state = Carried()

    def parts(self) -> dict[str, Any]:
        """What is saved: the state, too, so that a resumed training goes on with it."""
        return {"model": self.model, "optimizer": self.optimizer, "state": self.state}

    def start_epoch(self) -> None:
        """The series begins again."""
        self.state.value = None

    def train_step(self, batch: Any) -> Measures:
        """One window of each strand; only the state goes on, without its gradient."""
        x, y = batch
        forecasts, state = self.model(x, self.state.value)
        loss = mse_loss(forecasts, y)
        self.minimize(loss, self.optimizer, len(x))
        self.state.value = state.detach() if self.carry else None
        return Measures({"loss": loss}, len(x))


def tested(model: Forecaster, series: Any, steps: int, batch: int, carry: bool) -> list[float]:
    """The mean squared error at each of the T places in a window, over a series (N, 1) in so many strands."""
    windows = NextStep(series, steps)
    loader = DataLoader(windows, batch_sampler=consecutive_windows(windows, batch))
    errors, state, seen = tensor([0.0] * steps), None, 0
    with no_grad():
        for x, y in loader:
            forecasts, after = model(x, state)
            state = after if carry else None
            errors, seen = errors + (forecasts - y)[:, :, 0].square().mean(0), seen + 1
    found: list[float] = (errors / seen).tolist()
    return found
