"""`nn.DataParallel` on the one device that a process of xdl has."""

from __future__ import annotations

from typing import Any

from xdl.nn import Module


class DataParallel(Module):
    """The module itself, called on the whole batch; parameters are named "module.weight", as in PyTorch."""

    def __init__(self, module: Module, device_ids: Any = None, output_device: Any = None, dim: int = 0) -> None:  # noqa: ARG002
        super().__init__()
        self.module = module

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module gives."""
        return self.module(*args, **kwargs)


DistributedDataParallel = DataParallel

__all__ = ["DataParallel", "DistributedDataParallel"]
