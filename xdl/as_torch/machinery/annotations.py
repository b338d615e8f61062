"""`torch.types`: names for annotations."""

from __future__ import annotations

from collections.abc import Sequence

import xdl

Number = int | float | bool
Device = str | int | None
_size = Sequence[int]
_int, _float, _bool = int, float, bool
_dtype = _device = str
_TensorOrTensors = xdl.Tensor | Sequence[xdl.Tensor]

__all__ = ["Device", "Number", "_TensorOrTensors", "_bool", "_device", "_dtype", "_float", "_int", "_size"]
