"""Skip-gram with negative sampling (Mikolov et al. 2013): batches of indices."""

import numpy as np

import xdl
from xdl import nn, optim
from xdl.data import DataLoader, TensorDataset
from xdl.functional import logsigmoid
from xdl.train import Measures, Task

WORDS, SIZE, NEGATIVES, EPOCHS = 12, 6, 3, 5


class SkipGram(Task):
    """Word vectors from pairs (centre, context), each (N,) integers: contexts score above words drawn at random."""

    unit = "pairs"

    def __init__(self):
        self.inner, self.outer = nn.Embedding(WORDS, SIZE), nn.Embedding(WORDS, SIZE)
        self.optimizer = optim.Adam([*self.inner.parameters(), *self.outer.parameters()], lr=0.05)

    def parts(self):
        return {"inner": self.inner, "outer": self.outer, "optimizer": self.optimizer}

    def train_step(self, batch):
        measures = self.evaluate_step(batch)
        self.minimize(measures["loss"], self.optimizer, len(batch[0]))
        return measures

    def evaluate_step(self, batch):
        centre, context = batch
        vectors = self.inner(centre)
        positive = (vectors * self.outer(context)).sum(1)
        others = self.outer(xdl.randint(0, WORDS, (len(centre), NEGATIVES)))
        negative = (vectors.reshape(-1, 1, SIZE) * others).sum(2)
        loss = -(logsigmoid(positive) + logsigmoid(-negative).sum(1)).mean()
        return Measures({"loss": loss}, len(centre))


def build():
    """The task and its loader, which knows where it stands; words go with their neighbours in a circle."""
    rng = np.random.default_rng(0)
    centre = rng.integers(0, WORDS, 90)
    context = (centre + rng.choice([-1, 1], 90)) % WORDS
    return SkipGram(), DataLoader(TensorDataset(centre, context), 16, shuffle=True)
