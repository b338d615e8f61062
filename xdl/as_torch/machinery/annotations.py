"""Names that scripts hold in annotations (`torch.types`) or ask for by `isinstance` (`torch.distributed.optim`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import xdl
from xdl.errors import BackendError

Number = int | float | bool
Device = str | int | None
_size = Sequence[int]
_int, _float, _bool = int, float, bool
_dtype = _device = str
_TensorOrTensors = xdl.Tensor | Sequence[xdl.Tensor]


class ZeroRedundancyOptimizer:
    """An optimizer whose state is spread over processes. Raises BackendError: there is one process."""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise BackendError("torch.distributed.optim.ZeroRedundancyOptimizer", "a script in one process", "several")


__all__ = ["Device", "Number", "ZeroRedundancyOptimizer"]
__all__ += ["_TensorOrTensors", "_bool", "_device", "_dtype", "_float", "_int", "_size"]
