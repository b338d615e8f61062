"""Optimizers, updated in one pass over flat buffers. Names and defaults are PyTorch's."""

from xdl.optim.adam import Adam, AdamW
from xdl.optim.optimizer import Optimizer
from xdl.optim.sgd import SGD

__all__ = ["SGD", "Adam", "AdamW", "Optimizer"]
