"""A recurrent network that names the next value at every step, N to N, and a check of its gradients (hwdong 7.4.8)."""

from __future__ import annotations

from xdl import nn
from xdl.functional import cat, mse_loss
from xdl.random import randn
from xdl.tape import grad
from xdl.tensor import Tensor, no_grad


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
