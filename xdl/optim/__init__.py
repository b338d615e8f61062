"""Optimizers, updated in one pass over flat buffers. Names and defaults are PyTorch's.

`lr_scheduler` and `swa_utils` are loaded when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from xdl.optim.adadelta import Adadelta
from xdl.optim.adafactor import Adafactor
from xdl.optim.adagrad import Adagrad
from xdl.optim.adam import Adam, AdamW
from xdl.optim.adamax import Adamax
from xdl.optim.asgd import ASGD
from xdl.optim.lbfgs import LBFGS
from xdl.optim.minimize import minimize
from xdl.optim.muon import Muon
from xdl.optim.nadam import NAdam
from xdl.optim.optimizer import Optimizer
from xdl.optim.radam import RAdam
from xdl.optim.rmsprop import RMSprop
from xdl.optim.rprop import Rprop
from xdl.optim.sgd import SGD

if TYPE_CHECKING:
    from xdl.optim import lr_scheduler, swa_utils

__all__ = [
    "ASGD",
    "LBFGS",
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Muon",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "Rprop",
    "lr_scheduler",
    "minimize",
    "swa_utils",
]


def __getattr__(name: str) -> Any:
    if name in ("lr_scheduler", "swa_utils"):
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
