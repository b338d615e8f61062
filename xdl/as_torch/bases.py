"""Classes that scripts inherit from although their names begin with an underscore, and small helpers beside."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import repeat
from typing import Any

from xdl.nn import BatchNorm2d, Module
from xdl.nn.norm import _BatchNorm, _InstanceNorm
from xdl.nn.rnn import RNNBase
from xdl.optim.lr_scheduler import LRScheduler

_LRScheduler = LRScheduler
_NormBase = _BatchNorm


def older_reduction(size_average: bool | None, reduce: bool | None) -> str:
    """What PyTorch's older arguments of losses ask for."""
    return "none" if reduce is False else "sum" if size_average is False else "mean"


class _Loss(Module):
    """A loss with the setting `reduction`."""

    def __init__(self, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = reduction if size_average is reduce is None else older_reduction(size_average, reduce)


class _WeightedLoss(_Loss):
    """The same, with a weight for each class."""

    weight: Any

    def __init__(self, weight: Any = None, *settings: Any, **named: Any) -> None:
        super().__init__(*settings, **named)
        self.register_buffer("weight", weight)


class SyncBatchNorm(BatchNorm2d):
    """Batch norm: in one process there is nothing to synchronize."""

    @classmethod
    def convert_sync_batchnorm(cls, module: Module, process_group: Any = None) -> Module:  # noqa: ARG003
        """The module itself."""
        return module


def _ntuple(n: int) -> Callable[[Any], tuple[Any, ...]]:
    """A function that repeats a number n times, and makes a tuple of what is several already."""
    return lambda x: tuple(x) if isinstance(x, Iterable) else tuple(repeat(x, n))


_single, _pair, _triple, _quadruple = (_ntuple(n) for n in (1, 2, 3, 4))

__all__ = ["SyncBatchNorm", "_BatchNorm", "_InstanceNorm", "_LRScheduler", "_Loss", "_NormBase", "_WeightedLoss"]
__all__ += ["RNNBase", "_ntuple", "_pair", "_quadruple", "_single", "_triple"]
