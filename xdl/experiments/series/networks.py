"""Networks that forecast a series: from a window (N, inputs, F) to the steps that follow (N, outputs, targets)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xdl import nn
from xdl.errors import SettingError, nearest
from xdl.functional import cat
from xdl.nn.rnn.variants import CoupledLSTM, GRUBefore, NoOutputLSTM, PeepholeLSTM
from xdl.tensor import Tensor

CELLS: dict[str, Callable[..., Any]] = {
    "rnn": nn.RNN,
    "relu": lambda features, hidden, layers, **more: nn.RNN(features, hidden, layers, "relu", **more),
    "lstm": nn.LSTM,
    "gru": nn.GRU,
    "peephole": PeepholeLSTM,
    "coupled": CoupledLSTM,
    "no-output": NoOutputLSTM,
    "gru-before": GRUBefore,
}


class WindowMLP(nn.Module):
    """The window as one long input of a network with a hidden layer: it knows no order of time (hwdong 7.1.6)."""

    def __init__(self, inputs: int, features: int, hidden: int, outputs: int, targets: int = 1) -> None:
        super().__init__()
        self.outputs, self.targets = outputs, targets
        self.hidden = nn.Linear(inputs * features, hidden)
        self.output = nn.Linear(hidden, outputs * targets)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, F) -> (N, outputs, targets)."""
        y: Tensor = self.output(self.hidden(x.flatten(1)).tanh())
        return y.reshape(len(x), self.outputs, self.targets)


class Recurrent(nn.Module):
    """Layers of a recurrent cell over the window, and a linear layer on the last state, N to 1 (徐彬 7.2.1).

    cell: a name in CELLS, or "bi-" and such a name: then a second direction reads from the end, and the linear layer
          sees the last state of each

    Raises SettingError for an unknown cell.
    """

    def __init__(
        self, cell: str, features: int, hidden: int, layers: int, outputs: int, targets: int = 1, dropout: float = 0.0
    ) -> None:
        super().__init__()
        both, name = cell.startswith("bi-"), cell.removeprefix("bi-")
        if name not in CELLS:
            raise SettingError("Recurrent", "a known cell", repr(cell), nearest(name, CELLS))
        self.outputs, self.targets, self.directions = outputs, targets, 2 if both else 1
        more = {"batch_first": True, "bidirectional": both, "dropout": dropout}
        self.recurrent = CELLS[name](features, hidden, layers, **more)
        self.output = nn.Linear(self.directions * hidden, outputs * targets)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, F) -> (N, outputs, targets)."""
        _, state = self.recurrent(x)
        h = state[0] if isinstance(state, tuple) else state  # (layers directions, N, hidden); LSTM: (h, c)
        last = cat([h[i - self.directions] for i in range(self.directions)], 1)
        y: Tensor = self.output(last)
        return y.reshape(len(x), self.outputs, self.targets)
