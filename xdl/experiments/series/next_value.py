"""A recurrent network that names the next value at every step, N to N, and its training with or without a state that
is carried from window to window (hwdong 7.4.7, 7.4.8).
"""

from __future__ import annotations

from typing import Any

from xdl import nn
from xdl.functional import cat, mse_loss
from xdl.optim import Optimizer
from xdl.random import randn
from xdl.tape import grad
from xdl.tensor import Tensor, no_grad
from xdl.train import Carried, Measures, Task


class NextValue(nn.Module):
    """h_t = tanh(W x_t + U h_(t-1) + b), y_t = V h_t + c: one recurrent layer, and a linear one on every state."""

    def __init__(self, features: int, hidden: int) -> None:
        super().__init__()
        self.recurrent = nn.RNN(features, hidden, batch_first=True)
        self.output = nn.Linear(hidden, features)

    def forward(self, x: Tensor, h: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """x (N, T, F) and the state (1, N, hidden) before it, zero without one -> y (N, T, F), and the state after."""
        states, h = self.recurrent(x, h)
        return self.output(states), h

    def go_on(self, x: Tensor, steps: int) -> Tensor:
        """The steps (N, steps, F) that follow x (N, T, F): each value that it gives is the next that it sees."""
        given: list[Tensor] = []
        with no_grad():
            y, h = self(x)
            for _ in range(steps):
                given.append(y[:, -1:])
                y, h = self(given[-1], h)
        return cat(given, 1)


class SequenceTask(Task):
    """The mean squared error over all steps of a window. carry: a window begins with the state that the one before it
    ended with (truncated back propagation through time); else, and at the start of each pass, with zeros.
    """

    unit = "windows"

    def __init__(self, model: NextValue, optimizer: Optimizer, carry: bool) -> None:
        self.model, self.optimizer, self.carry = model, optimizer, carry
        self.state = Carried()

    def parts(self) -> dict[str, Any]:
        """The model, its optimizer and the state."""
        return {"model": self.model, "optimizer": self.optimizer, "state": self.state}

    def start_epoch(self) -> None:
        """Forgets the state."""
        self.state.value = None

    def train_step(self, batch: Any) -> Measures:
        """One step of the optimizer; no gradient goes back into the window before."""
        x, target = batch
        y, h = self.model(x, self.state.value)
        if self.carry:
            self.state.value = h.detach()
        loss = mse_loss(y, target)
        self.minimize(loss, self.optimizer, len(x))
        return Measures({"loss": loss}, len(x))

    def evaluate_step(self, batch: Any) -> Measures:
        """The loss of windows that begin with zeros."""
        x, target = batch
        return Measures({"loss": mse_loss(self.model(x)[0], target)}, len(x))


def gradient_rows(
    model: NextValue, x: Tensor, target: Tensor, eps: float = 1e-6
) -> list[tuple[str, str, float, float]]:
    """For each parameter p: its name, its shape, the norm of its gradient, and how far (L(p + eps v) - L(p - eps v)) /
    (2 eps), along a random direction v, is from gradient . v, relative to the larger of 1 and the latter; in float64.
    """
    model, x, target = model.to("float64"), x.to("float64"), target.to("float64")
    parameters = dict(model.named_parameters())

    def loss() -> Tensor:
        return mse_loss(model(x)[0], target)

    gradients = grad(loss(), list(parameters.values()))
    rows = []
    for (name, p), g in zip(parameters.items(), gradients, strict=True):
        if g is None:
            continue
        v, origin, values = randn(*p.shape, dtype="float64"), p.detach().clone(), []
        with no_grad():
            for side in (1, -1):
                p.copy_(origin + side * eps * v)
                values.append(loss().item())
            p.copy_(origin)
        slope = (g * v).sum().item()
        error = abs((values[0] - values[1]) / (2 * eps) - slope) / max(1.0, abs(slope))
        rows.append((name, str(tuple(p.shape)), g.norm().item(), error))
    model.to("float32")
    return rows
