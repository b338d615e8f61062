"""`torch.distributed.optim`: optimizers whose state is spread over processes, which scripts ask for by `isinstance`."""

from __future__ import annotations

from typing import Any

from xdl.errors import BackendError


class ZeroRedundancyOptimizer:
    """Raises BackendError: there is one process."""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise BackendError("torch.distributed.optim.ZeroRedundancyOptimizer", "a script in one process", "several")


__all__ = ["ZeroRedundancyOptimizer"]
