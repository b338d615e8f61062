"""A language model of characters: an embedding, a recurrent layer, and the scores of the next character."""

from __future__ import annotations

from collections.abc import Callable
from math import prod, sqrt
from typing import Any

from xdl import functional, nn
from xdl.nn.rnn.variants import CoupledLSTM, GRUBefore, NoOutputLSTM, PeepholeLSTM
from xdl.tensor import Tensor

CELLS: dict[str, Callable[..., nn.Module]] = {
    "RNN": nn.RNN,
    "GRU": nn.GRU,
    "GRU, reset before": GRUBefore,
    "LSTM": nn.LSTM,
    "LSTM, peephole": PeepholeLSTM,
    "LSTM, coupled gates": CoupledLSTM,
    "LSTM, no output gate": NoOutputLSTM,
}


class CharModel(nn.Module):
    """x (B, T) int64 and a state to logits (B, T, V) and the next state: embedding, cell over time, linear layer.

    embedding: numbers that stand for a character, learned; 0: one-hot vectors of V numbers, as the books have it
    """

    def __init__(
        self, cell: str, characters: int, embedding: int, hidden: int, layers: int = 1, dropout: float = 0.0
    ) -> None:
        self.characters = characters
        self.embedding = nn.Embedding(characters, embedding) if embedding else None
        inputs = embedding or characters
        self.recurrent = CELLS[cell](inputs, hidden, layers, batch_first=True, dropout=dropout)
        self.head = nn.Linear(hidden, characters)

    def forward(self, x: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """The logits of the next character at every step, and the state after the last one; None: a zero state."""
        outputs, state = self.outputs(x, state)
        logits: Tensor = self.head(outputs)
        return logits, state

    def outputs(self, x: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """What the units say at every step, (B, T, H), and the state after the last one."""
        if self.embedding is None:
            vectors = functional.one_hot(x, self.characters).to(dtype="float32")
        else:
            vectors = self.embedding(x)
        outputs, after = self.recurrent(vectors, state)
        return outputs, after

    def matrices(self) -> list[Tensor]:
        """The weights of the recurrent layers' products."""
        return [p for p in self.recurrent.parameters() if p.ndim == 2]


def parameters(model: nn.Module) -> int:
    """How many numbers it learns."""
    return sum(prod(p.shape) for p in model.parameters())


def hidden_for(cell: str, characters: int, embedding: int, budget: int) -> int:
    """The number of hidden units with which the model comes nearest to a budget of parameters."""
    counts = {h: parameters(CharModel(cell, characters, embedding, h)) for h in (8, 16, 32)}
    # the count is a h**2 + b h + c, which three sizes determine
    a = ((counts[32] - counts[16]) / 16 - (counts[16] - counts[8]) / 8) / 24
    b = (counts[16] - counts[8]) / 8 - 24 * a
    c = counts[8] - 64 * a - 8 * b
    return max(1, round((-b + sqrt(b * b - 4 * a * (c - budget))) / (2 * a)))


def detached(state: Any) -> Any:
    """The state without its history: where back propagation through time is cut off."""
    if state is None:
        return None
    return tuple(part.detach() for part in state) if isinstance(state, tuple | list) else state.detach()
