"""Optimizers, updated in one pass over flat buffers. Names and defaults are PyTorch's."""

from xdl.optim import lr_scheduler, swa_utils
from xdl.optim.adadelta import Adadelta
from xdl.optim.adagrad import Adagrad
from xdl.optim.adam import Adam, AdamW
from xdl.optim.adamax import Adamax
from xdl.optim.nadam import NAdam
from xdl.optim.optimizer import Optimizer
from xdl.optim.radam import RAdam
from xdl.optim.rmsprop import RMSprop
from xdl.optim.rprop import Rprop
from xdl.optim.sgd import SGD

__all__ = [
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "Rprop",
    "lr_scheduler",
    "swa_utils",
]
