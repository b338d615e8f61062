"""Contrastive divergence, CD-1 (Hinton 2002): a restricted Boltzmann machine learns without gradient and optimizer."""

import numpy as np

import xdl
from xdl import nn
from xdl.train import Measures, Task

VISIBLE, HIDDEN, RATE, EPOCHS = 8, 4, 0.5, 20


class Machine(nn.Module):
    """p(h | v) = sigmoid(v W + c), p(v | h) = sigmoid(h W' + b); W (VISIBLE, HIDDEN)."""

    def __init__(self):
        self.weight = nn.Parameter(0.1 * xdl.randn(VISIBLE, HIDDEN), requires_grad=False)
        self.visible_bias = nn.Parameter(xdl.zeros(VISIBLE), requires_grad=False)
        self.hidden_bias = nn.Parameter(xdl.zeros(HIDDEN), requires_grad=False)

    def up(self, v):
        """Probabilities of the hidden units: (N, HIDDEN)."""
        return (v @ self.weight + self.hidden_bias).sigmoid()

    def down(self, h):
        """Probabilities of the visible units: (N, VISIBLE)."""
        return (h @ self.weight.T + self.visible_bias).sigmoid()


class ContrastiveDivergence(Task):
    """Batches are Tensors (N, VISIBLE) of 0 and 1."""

    def __init__(self):
        self.machine = Machine()

    def parts(self):
        return {"machine": self.machine}

    def train_step(self, v):
        n, machine = len(v), self.machine
        up = machine.up(v)
        again = machine.down((xdl.rand(*up.shape) < up).to("float32"))
        up_again = machine.up(again)
        changes = [(v.T @ up - again.T @ up_again) / n, (v - again).mean(0), (up - up_again).mean(0)]
        for parameter, change in zip(machine.parameters(), self.exchanged(changes, n), strict=True):
            parameter[...] = parameter + RATE * change
        return Measures({"reconstruction_error": ((v - again) ** 2).mean()}, n)

    def evaluate_step(self, v):
        return Measures({"reconstruction_error": ((v - self.machine.down(self.machine.up(v))) ** 2).mean()}, len(v))


def build():
    """The task and its loader: a list of Tensors, in which the two halves of each pattern are equal."""
    half = np.random.default_rng(0).integers(0, 2, (20, VISIBLE // 2))
    patterns = np.tile(half, (1, 2)).astype(np.float32)
    return ContrastiveDivergence(), [xdl.tensor(part) for part in np.split(patterns, 4)]
