"""A network that names the next value at every step, and its error at each place in a window."""

from __future__ import annotations

from typing import Any

from xdl import nn
from xdl.creation import tensor
from xdl.data import DataLoader
from xdl.data.series.windows import NextStep, consecutive_windows
from xdl.tensor import Tensor, no_grad


class Forecaster(nn.Module):
    """A GRU with a linear head: values (N, T, 1) and a state (1, N, H) or None to forecasts (N, T, 1) and a state."""

    def __init__(self, hidden: int) -> None:
        self.gru, self.head = nn.GRU(1, hidden, batch_first=True), nn.Linear(hidden, 1)

    def forward(self, input: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
        """The next value after each step, and the state after the last one."""
        outputs, state = self.gru(input, state)
        return self.head(outputs), state


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
