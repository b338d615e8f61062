"""Sequences of several lengths: batches are dicts, and the tokens count, not the sequences."""

import numpy as np

import xdl
from xdl import nn, optim
from xdl.functional import cross_entropy
from xdl.train import Supervised

TOKENS, CLASSES, EPOCHS = 6, 2, 4
PAD = -100  # the target of what lies beyond a sequence's end, which the loss leaves out


class Tagger(nn.Module):
    """tokens (N, T) -> logits (N, T, CLASSES)."""

    def __init__(self):
        self.embedding, self.gru = nn.Embedding(TOKENS, 4), nn.GRU(4, 6, batch_first=True)
        self.dropout, self.out = nn.Dropout(0.1), nn.Linear(6, CLASSES)

    def forward(self, tokens):
        return self.out(self.dropout(self.gru(self.embedding(tokens))[0]))


class Tagging(Supervised):
    """Batches are {"tokens": (N, T), "tags": (N, T), "lengths": list of N}."""

    unit = "tokens"

    def weight(self, batch):
        return sum(batch["lengths"])

    def measure(self, batch):
        logits = self.model(batch["tokens"]).reshape(-1, CLASSES)
        return {"loss": self.loss(logits, batch["tags"].reshape(-1))}


def build():
    """The task and its loader: a list of dicts. A token's tag tells whether an odd one came before it."""
    rng, batches = np.random.default_rng(0), []
    for _ in range(5):
        lengths = rng.integers(1, 8, 6).tolist()
        tokens = rng.integers(0, TOKENS, (6, max(lengths)))
        tags = np.maximum.accumulate(tokens % 2, axis=1)
        tags[np.arange(max(lengths)) >= np.array(lengths)[:, None]] = PAD
        batches.append({"tokens": xdl.tensor(tokens), "tags": xdl.tensor(tags), "lengths": lengths})
    model = Tagger()
    return Tagging(model, cross_entropy, optim.Adam(model.parameters(), lr=0.05), clip_norm=1.0), batches
