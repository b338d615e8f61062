"""What scripts take from `torch.nn.init` although it is private: the sizes by which weights are scaled."""

from __future__ import annotations

from xdl.errors import SettingError, expect
from xdl.nn.init.scaled import fans
from xdl.tensor import Tensor


def _calculate_fan_in_and_fan_out(tensor: Tensor) -> tuple[int, int]:
    """How many numbers go into an output of a layer with these weights, and how many outputs an input goes to."""
    fan_in, fan_out = fans("_calculate_fan_in_and_fan_out", tensor)
    return fan_in, fan_out


def _calculate_correct_fan(tensor: Tensor, mode: str) -> int:
    """The one that mode, "fan_in" or "fan_out", names. Raises SettingError for another."""
    expect(mode in ("fan_in", "fan_out"), SettingError, "_calculate_correct_fan", '"fan_in" or "fan_out"', repr(mode))
    return _calculate_fan_in_and_fan_out(tensor)[mode == "fan_out"]


__all__ = ["_calculate_correct_fan", "_calculate_fan_in_and_fan_out"]
