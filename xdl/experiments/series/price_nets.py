"""Nets that forecast prices, and their training: by the epoch that is best on later days than those trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xdl import nn, optim
from xdl.data import DataLoader, TensorDataset
from xdl.experiments.shared.fit import fit, watchers
from xdl.functional import cat
from xdl.runs.run import Run
from xdl.tensor import Tensor, no_grad
from xdl.train import EarlyStopping, Events, Record, Trainer

BATCH = 1024  # windows at once where nothing is trained
Windows = tuple[Tensor, Tensor]


class WindowMLP(nn.Module):
    """One hidden layer over all numbers of a window: (N, inputs, F) -> (N, outputs, targets).

    The output layer begins at 0: before it has learned anything, the net says that tomorrow is as the mean, or, of
    returns, that it equals today.
    """

    def __init__(self, inputs: int, features: int, hidden: int, outputs: int, targets: int) -> None:
        super().__init__()
        self.shape = outputs, targets
        self.hidden = nn.Linear(inputs * features, hidden)
        self.output = _from_zero(hidden, outputs * targets)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.output(self.hidden(x.flatten(1)).tanh())
        return y.reshape(len(x), *self.shape)


class WindowRNN(nn.Module):
    """A recurrent layer along the window, whose last state a linear layer reads: (N, inputs, F) -> (N, outputs,
    targets). The output layer begins at 0, as of `WindowMLP`."""

    def __init__(self, recurrent: nn.Module, hidden: int, outputs: int, targets: int) -> None:
        super().__init__()
        self.shape = outputs, targets
        self.recurrent = recurrent
        self.output = _from_zero(hidden, outputs * targets)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.output(self.recurrent(x)[0][:, -1])
        return y.reshape(len(x), *self.shape)


def _from_zero(inputs: int, outputs: int) -> nn.Linear:
    layer = nn.Linear(inputs, outputs)
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    return layer


@dataclass(frozen=True)
class Training:
    """How a net is trained."""

    epochs: int
    batch_size: int
    lr: float
    weight_decay: float


def train_net(
    run: Run, name: str, model: nn.Module, train: Windows, validation: Windows, how: Training, keep: bool = False
) -> list[Record]:
    """Trains by the MSE of normalized values; ends with the weights of the epoch that is best on validation.

    keep: whether it is the training that the run can be resumed in
    """
    optimizer = optim.Adam(model.parameters(), lr=how.lr, weight_decay=how.weight_decay)
    best = EarlyStopping(patience=how.epochs)
    watching = [*watchers(run), best] if keep else [Events(run.events, name), best]
    trainer = Trainer(model, nn.MSELoss(), optimizer, callbacks=watching, clip_norm=1.0)
    batches = DataLoader(TensorDataset(*train), how.batch_size, shuffle=True)
    later = DataLoader(TensorDataset(*validation), BATCH)
    if keep:
        return fit(run, trainer, batches, later, how.epochs)
    return trainer.fit(batches, later, how.epochs)


def output_of(model: nn.Module, x: Tensor) -> Tensor:
    """What it gives in evaluation mode, unrecorded."""
    model.eval()
    with no_grad():
        parts: Sequence[Any] = [model(x[i : i + BATCH]) for i in range(0, len(x), BATCH)]
    return cat(parts)
