"""Whether a state fits an optimizer, looked at before anything changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from math import isfinite
from typing import Any

from xdl.backend import dtype_name
from xdl.errors import SettingError
from xdl.optim.elsewhere import ELSEWHERE
from xdl.tensor import Tensor

# what schedules leave in a group
SCHEDULED = {"initial_lr", "max_lr", "min_lr", "max_momentum", "base_momentum", "swa_lr"}
NAMED = {"params", "param_names"}  # the parameters of a group, in its state as numbers

# the names of arrays that a parameter keeps -> whether from its first step on, or the setting that asks for it
Buffers = dict[str, bool | str]


def group_mismatches(
    groups: Any,
    expected: Sequence[Mapping[str, Any]],
    known: Mapping[str, Any],
    check: Callable[[dict[str, Any]], None],
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
        first = sum(sizes[:i])
        if list(group["params"]) != [*range(first, first + sizes[i])]:
            problems.append(f"group {i} has the parameters {group['params']} in place of {first}, {first + 1}, ...")
        problems += [f"group {i} lacks {name}" for name in known if name not in group]
        unknown = set(group) - set(known) - SCHEDULED - ELSEWHERE - NAMED
        names = group.get("param_names", group["params"])
        if not _is_list(names) or len(names) != len(group["params"]):
            problems.append(f"group {i} has param_names that are not one for each parameter")
        problems += [f"group {i} has {name}" for name in sorted(unknown, key=str)]
        starts = {**known, **dict.fromkeys(SCHEDULED, 0.0)}
        low = [name for name in SCHEDULED if name in group and _is_number(group[name]) and group[name] < 0]
        problems += [f"group {i} has {name} = {group[name]}" for name in low]
        given = {name: value for name, value in group.items() if name in starts}
        problems += [f"group {i} has {n} = {v!r}" for n, v in given.items() if not _is_like(starts[n], v)]
        if not problems:
            try:
                check(group)
            except (SettingError, TypeError) as error:
                problems.append(f"group {i}: {error}")
    return problems


def entry_mismatches(
    entries: Any,
    parameters: Sequence[Tensor],
    scalars: Mapping[str, Any],
    needed: Sequence[Collection[str]],
    buffers: Buffers | None,
    shape_of: Callable[[str, tuple[int, ...]], tuple[int, ...] | None],
) -> list[str]:
    """What is wrong with what a state holds of each parameter, {number: {name: value}}, in words.

    scalars:  the numbers that the optimizer keeps, and what they start from;  buffers: its arrays, None for any
    needed:   what must be there of each parameter, unless shape_of says that it keeps none of it
    shape_of: as in `Flat`
    """
    if not isinstance(entries, dict):
        return ["no state of parameters"]
    problems = []
    for number, values in entries.items():
        if type(number) is not int or not 0 <= number < len(parameters) or not isinstance(values, dict):
            problems.append(f"a state of parameter {number!r} of {len(parameters)}")
            continue
        shape = parameters[number].shape
        wanted = [n for n in needed[number] if n in scalars or shape_of(n, shape) is not None]
        problems += [f"{name} of parameter {number} is missing" for name in wanted if values.get(name) is None]
        for name, value in values.items():
            if name in scalars:
                wrong = number_problem(value, scalars[name])
            else:
                known = buffers is None or name in buffers
                wrong = array_problem(value, parameters[number].dtype, shape_of(name, shape) if known else None)
            if wrong:
                problems.append(f"{name} of parameter {number} {wrong}")
    return problems


def needed_names(
    groups: Sequence[Mapping[str, Any]], always: Sequence[str], buffers: Buffers | None
) -> list[list[str]]:
    """What a state must hold of each parameter that has made a step, by the settings of its group."""
    named = (buffers or {}).items()
    return [
        [*always, *(name for name, when in named if when is True or (when and group.get(when)))]
        for group in groups
        for _ in group["params"]
    ]


def number_problem(value: Any, start: float) -> str:
    """start: tells the kind. Counts are whole numbers of at least 0."""
    if not _is_number(value):
        return f"is {type(value).__name__} in place of a number"
    fits = isfinite(value) and (isinstance(start, float) or (0 <= value < 1 << 63 and value == int(value)))
    return "" if fits else f"is {value}"


def array_problem(value: Any, expected: str, shape: tuple[int, ...] | None) -> str:
    """What is wrong with an array that should have that dtype and shape; None: it should not be there."""
    if shape is None:
        return "is unexpected"
    if value is None:  # as PyTorch writes what it does not keep
        return ""
    if not hasattr(value, "shape") or not hasattr(value, "dtype"):
        return f"is {type(value).__name__} in place of an array"
    if tuple(value.shape) != shape:
        return f"has shape {tuple(value.shape)} in place of {shape}"
    dtype = dtype_name(value)
    return "" if dtype == expected else f"has dtype {dtype} in place of {expected}"


def _is_like(start: Any, value: Any) -> bool:
    """Whether a setting may stand in the place of its default: of the same kind, and finite where that is."""
    if start is None:
        return True
    if _is_list(start):
        return _is_list(value) and len(start) == len(value) and all(map(_is_like, start, value))
    if isinstance(start, bool) or not isinstance(start, int | float):
        return isinstance(value, type(start))
    return _is_number(value) and (isfinite(value) or not isfinite(start))


def _is_number(value: Any) -> bool:
    """A Python number, or an array without dimensions."""
    if getattr(value, "shape", None) == ():
        return not str(value.dtype).endswith("bool")
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)
