"""How PyTorch's optimizers compute: settings that change no result, and those that xdl cannot follow.

foreach, fused    which of PyTorch's own loops runs: accepted, since xdl has one update for all
capturable        steps inside of a CUDA graph; differentiable: steps on the tape. Only False
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xdl.errors import SettingError

FREE, OFF = ("foreach", "fused"), ("capturable", "differentiable")
ELSEWHERE = {*FREE, *OFF}  # left out of the settings of a group, and of a state that is loaded


def check_elsewhere(operation: str, **given: Any) -> None:
    """Raises SettingError for a setting of the module docstring that has another value than it says."""
    for name, value in given.items():
        if name in FREE and value not in (None, False, True):
            raise SettingError(operation, f"{name}: None, False or True", repr(value))
        if name in OFF and value:
            hint = "A step is not recorded on the tape, nor in a graph: leave the setting out"
            raise SettingError(operation, f"{name}=False", repr(value), hint)


def without_elsewhere(operation: str, group: Mapping[str, Any]) -> dict[str, Any]:
    """A group's settings but for those of the module docstring. Raises SettingError as `check_elsewhere`."""
    check_elsewhere(operation, **{name: group[name] for name in ELSEWHERE & group.keys()})
    return {name: value for name, value in group.items() if name not in ELSEWHERE}
