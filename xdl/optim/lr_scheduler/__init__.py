"""All schedules, under the name where PyTorch has them: `optim.lr_scheduler.StepLR(optimizer, 30)`."""

from xdl.optim.lr_scheduler.base import LRScheduler
from xdl.optim.lr_scheduler.chain import ChainedScheduler, SequentialLR
from xdl.optim.lr_scheduler.cosine import CosineAnnealingLR, CosineAnnealingWarmRestarts
from xdl.optim.lr_scheduler.cycle import CyclicLR, OneCycleLR
from xdl.optim.lr_scheduler.plateau import ReduceLROnPlateau
from xdl.optim.lr_scheduler.ramps import ConstantLR, LinearLR, PolynomialLR
from xdl.optim.lr_scheduler.steps import ExponentialLR, LambdaLR, MultiplicativeLR, MultiStepLR, StepLR

__all__ = [
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]
