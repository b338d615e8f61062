"""Whether a state fits an optimizer, looked at before anything changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from xdl.backend import dtype_name
from xdl.errors import SettingError
from xdl.tensor import Tensor

# what schedules leave in a group
SCHEDULED = {"initial_lr", "max_lr", "min_lr", "max_momentum", "base_momentum", "swa_lr"}
# how PyTorch computes, which changes no result: accepted in its state_dicts, and left out
ELSEWHERE = {"foreach", "fused", "capturable", "differentiable"}

Buffers = dict[str, bool]  # the names of arrays that a parameter keeps -> whether from its first step on


def group_mismatches(
    groups: Any, expected: Sequence[Mapping[str, Any]], known: Collection[str], check: Callable[[dict[str, Any]], None]
) -> list[str]:
    """What is wrong with the groups of a state, in words.

    expected: the optimizer's groups;  known: its settings;  check: raises SettingError for those out of range
    """
    sizes = [len(group["params"]) for group in expected]
    if not isinstance(groups, list) or not all(isinstance(g, dict) and _is_list(g.get("params")) for g in groups):
        return ["no list of groups with params"]
    found = [len(group["params"]) for group in groups]
    if sizes != found:
        return [f"groups of {found} parameters in place of {sizes}"]
    problems = []
    for i, group in enumerate(groups):
        problems += [f"group {i} lacks {name}" for name in known if name not in group]
        unknown = set(group) - set(known) - SCHEDULED - ELSEWHERE - {"params"}
        problems += [f"group {i} has {name}" for name in sorted(unknown)]
        if not problems:
            try:
                check(group)
            except (SettingError, TypeError) as error:
                problems.append(f"group {i}: {error}")
    return problems


def entry_mismatches(
    entries: Any, parameters: Sequence[Tensor], scalars: Collection[str], buffers: Buffers | None
) -> list[str]:
    """What is wrong with what a state holds of each parameter, {number: {name: value}}, in words.

    scalars, buffers: the names of the numbers and of the arrays that the optimizer keeps; None for any arrays
    """
    if not isinstance(entries, dict):
        return ["no state of parameters"]
    problems = []
    for number, values in entries.items():
        if number not in range(len(parameters)) or not isinstance(values, dict):
            problems.append(f"a state of parameter {number!r} of {len(parameters)}")
            continue
        needed = [name for name, always in (buffers or {}).items() if always]
        problems += [f"{name} of parameter {number} is missing" for name in needed if values.get(name) is None]
        for name, value in values.items():
            wrong = _number(value) if name in scalars else _array(name, value, parameters[number], buffers)
            if wrong:
                problems.append(f"{name} of parameter {number} {wrong}")
    return problems


def _number(value: Any) -> str:
    fits = isinstance(value, int | float) or getattr(value, "shape", None) == ()
    return "" if fits else f"is {type(value).__name__} in place of a number"


def _array(name: str, value: Any, parameter: Tensor, buffers: Buffers | None) -> str:
    if buffers is not None and name not in buffers:
        return "is unexpected"
    if value is None:  # as PyTorch writes what it does not keep
        return ""
    if not hasattr(value, "shape") or not hasattr(value, "dtype"):
        return f"is {type(value).__name__} in place of an array"
    if tuple(value.shape) != parameter.shape:
        return f"has shape {tuple(value.shape)} in place of {parameter.shape}"
    dtype = dtype_name(value)
    return "" if dtype == parameter.dtype else f"has dtype {dtype} in place of {parameter.dtype}"


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)
