"""Steps to capture."""

import xdl
from xdl import nn, optim


def training(make=optim.SGD, width=8, **settings):
    """A step without products: batch norm, an activation, a loss, an update; its module and its inputs."""
    norm = nn.BatchNorm1d(width)
    optimizer = make(norm.parameters(), **settings)

    def step(x, y):
        optimizer.zero_grad()
        loss = ((norm(x).tanh() - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        return loss

    return step, norm, (xdl.randn(4, width), xdl.randn(4, width))


class Counter:
    """Gives 1, 2, ..."""

    n = 0

    def __call__(self):
        self.n += 1
        return self.n


def counting(function):
    """A step function(x, n) in which n counts the runs; None, and its input."""
    n = Counter()
    return lambda x: function(x, n()), None, (xdl.randn(4, 8),)
