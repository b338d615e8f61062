"""Truncated back propagation through time (Williams and Peng 1990): the hidden state goes on from batch to batch."""

import numpy as np

import xdl
from xdl import nn, optim
from xdl.functional import cross_entropy
from xdl.train import Carried, Measures, Task

SYMBOLS, STREAMS, STEPS, EPOCHS = 3, 4, 5, 6


class Recurrent(nn.Module):
    """symbols (T, N), state (1, N, 8) or None -> logits (T, N, SYMBOLS), state."""

    def __init__(self):
        self.embedding, self.gru, self.out = nn.Embedding(SYMBOLS, 4), nn.GRU(4, 8), nn.Linear(8, SYMBOLS)

    def forward(self, symbols, state):
        hidden, state = self.gru(self.embedding(symbols), state)
        return self.out(hidden), state


class Truncated(Task):
    """Predicts a stream of symbols. Batches are pairs (T, N) of symbols and of those that they are to give.

    The gradient ends where the batch begins; the state does not. An epoch begins with an empty state.
    """

    unit = "tokens"

    def __init__(self):
        self.model = Recurrent()
        self.optimizer = optim.Adam(self.model.parameters(), lr=0.02)
        self.state = Carried()
        self.evaluated = None

    def parts(self):
        return {"model": self.model, "optimizer": self.optimizer, "state": self.state}

    def start_epoch(self):
        self.state.value = None

    def eval(self):
        super().eval()
        self.evaluated = None

    def train_step(self, batch):
        loss, state = self.loss(batch, self.state.value)
        self.minimize(loss, self.optimizer, len(batch[0]) * STREAMS)
        self.state.value = state.detach()
        return Measures({"loss": loss}, len(batch[0]) * STREAMS)

    def evaluate_step(self, batch):
        loss, self.evaluated = self.loss(batch, self.evaluated)
        return Measures({"loss": loss}, len(batch[0]) * STREAMS)

    def loss(self, batch, state):
        """The loss, and the state after the batch."""
        symbols, targets = batch
        logits, state = self.model(symbols, state)
        return cross_entropy(logits.reshape(-1, SYMBOLS), targets.reshape(-1)), state


def build():
    """The task and its loader: a list of pieces of streams; each target is the symbol two steps before."""
    stream = np.random.default_rng(0).integers(0, SYMBOLS, (6 * STEPS + 2, STREAMS))
    x, y = stream[2:], stream[:-2]
    pieces = [slice(i, i + STEPS) for i in range(0, len(x), STEPS)]
    return Truncated(), [(xdl.tensor(x[piece]), xdl.tensor(y[piece])) for piece in pieces]
