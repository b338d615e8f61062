"""All schedules, under the name where PyTorch has them: `optim.lr_scheduler.StepLR(optimizer, 30)`."""

from xdl.optim.schedule import LRScheduler
from xdl.optim.schedule_chain import ChainedScheduler, SequentialLR
from xdl.optim.schedule_cosine import CosineAnnealingLR, CosineAnnealingWarmRestarts
from xdl.optim.schedule_cycle import CyclicLR, OneCycleLR
from xdl.optim.schedule_plateau import ReduceLROnPlateau
from xdl.optim.schedule_ramps import ConstantLR, LinearLR, PolynomialLR
from xdl.optim.schedule_steps import ExponentialLR, LambdaLR, MultiplicativeLR, MultiStepLR, StepLR

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
