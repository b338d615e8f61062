"""Networks for the adding problem, one recurrent layer each, and their training until it is solved or time is up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from math import inf, isfinite
from typing import Any

from xdl import nn, optim
from xdl.creation import eye, tensor
from xdl.data.series.adding import adding_problem
from xdl.functional import cat, mse_loss
from xdl.nn.rnn.base import RNNBase
from xdl.random import rand
from xdl.runs.run import Run
from xdl.tensor import Tensor, no_grad

SOLVED = 0.01  # mean squared error
TESTED = 500  # sequences that no training sees
NEAR, EVERY, SMOOTH = 0.03, 10, 0.93  # the running mean from which the test is asked, every so many steps
OTHER_SEED = 1 << 32  # from the seed of the sequences trained on to that of those tested on


class Adder(nn.Module):
    """(N, T, 2) to (N, 1): a linear function of the last output of a recurrent layer."""

    def __init__(self, layer: RNNBase) -> None:
        self.layer, self.head = layer, nn.Linear(layer.hidden_size, 1)

    def forward(self, input: Tensor) -> Tensor:
        """The sum that the network makes of each sequence."""
        sums: Tensor = self.head(self.layer(input)[0][:, -1])
        return sums


def _plain(layer: Any, lag: int) -> None:
    """As PyTorch starts it."""


def _forget_1(layer: Any, lag: int) -> None:
    h = layer.hidden_size
    for k in range(layer.num_layers):
        getattr(layer, f"bias_ih_l{k}")[h : 2 * h] = 1.0
        getattr(layer, f"bias_hh_l{k}")[h : 2 * h] = 0.0


def _by_lag(layer: Any, lag: int) -> None:
    """Time constants from 1 to the lag: b_f = log of a uniform number from 1 to lag - 1, b_i = -b_f."""
    h = layer.hidden_size
    for k in range(layer.num_layers):
        b = (1 + rand(h) * (lag - 2)).log()
        getattr(layer, f"bias_ih_l{k}")[: 2 * h] = cat([-b, b])
        getattr(layer, f"bias_hh_l{k}")[: 2 * h] = 0.0


def _identity(layer: Any, lag: int) -> None:
    for k in range(layer.num_layers):
        getattr(layer, f"weight_hh_l{k}")[...] = eye(layer.hidden_size)
        getattr(layer, f"bias_ih_l{k}")[...] = 0.0
        getattr(layer, f"bias_hh_l{k}")[...] = 0.0


KINDS: dict[str, tuple[Callable[..., RNNBase], Callable[[Any, int], None]]] = {  # name -> the layer, its first weights
    "rnn": (nn.RNN, _plain),
    "rnn-identity": (partial(nn.RNN, nonlinearity="relu"), _identity),
    "lstm": (nn.LSTM, _plain),
    "lstm-forget-1": (nn.LSTM, _forget_1),
    "lstm-by-lag": (nn.LSTM, _by_lag),
    "gru": (nn.GRU, _plain),
}


def adder(kind: str, lag: int, hidden: int, layers: int = 1) -> Adder:
    """A network of one of the KINDS, with its first weights; `lstm-by-lag` starts from what the lag asks for.

    rnn-identity: ReLU units that copy themselves (Q. Le, N. Jaitly and G. Hinton 2015)
    lstm-by-lag:  C. Tallec and Y. Ollivier, "Can recurrent neural networks warp time?" (2018)
    """
    build, start = KINDS[kind]
    layer = build(2, hidden, num_layers=layers, batch_first=True)
    with no_grad():
        start(layer, lag)
    return Adder(layer)


@dataclass
class Course:
    """One training. losses, norms: of each step's batch, and of its gradient before it is clipped

    error: mean squared, on the test sequences at the end; None where the loss was no longer finite
    """

    model: Adder
    losses: list[float] = field(default_factory=list)
    norms: list[float] = field(default_factory=list)
    error: float | None = None

    @property
    def solved(self) -> bool:
        """Whether it ended below SOLVED."""
        return self.error is not None and self.error < SOLVED


def learn(
    run: Run,
    model: Adder,
    lag: int,
    lr: float,
    steps: int,
    batch: int,
    repeat: int,
    clip: Callable[[list[Any]], Any],
    stop: bool = True,
) -> Course:
    """Trains by Adam, on new sequences in every step, until the problem is solved (with stop) or for `steps` steps.

    clip: clips the gradients of a list of parameters in place, and returns their norm before
    """
    seed = run.about["seed"] + repeat
    xs, ys = (tensor(array) for array in adding_problem(steps * batch, lag, seed))
    tests = [tensor(array) for array in adding_problem(TESTED, lag, seed + OTHER_SEED)]
    optimizer, course, mean = optim.Adam(model.parameters(), lr=lr), Course(model), inf
    parameters = list(model.parameters())
    for step in range(steps):
        part = slice(step * batch, (step + 1) * batch)
        loss = mse_loss(model(xs[part]), ys[part])
        value = loss.item()
        if not isfinite(value):
            return course
        optimizer.zero_grad()
        loss.backward()
        course.losses.append(value)
        course.norms.append(float(clip(parameters)))
        optimizer.step()
        mean = value if step == 0 else SMOOTH * mean + (1 - SMOOTH) * value
        if stop and mean < NEAR and step % EVERY == 0 and tested(model, *tests) < SOLVED:
            break
    error = tested(model, *tests)
    course.error = error if isfinite(error) else None
    return course


def tested(model: Adder, x: Tensor, y: Tensor) -> float:
    """The mean squared error on sequences x (N, T, 2) with sums y (N, 1)."""
    with no_grad():
        return float(mse_loss(model(x), y).item())


def smoothed(values: list[float]) -> list[float]:
    """The running mean of each value and those before it."""
    means: list[float] = []
    for value in values:
        means.append(SMOOTH * means[-1] + (1 - SMOOTH) * value if means else value)
    return means
