"""The state of several parts as one: all of them go back to what was saved, or none does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple, Protocol

from xdl.backend import namespaces
from xdl.creation import tensor
from xdl.errors import CheckpointError, expect
from xdl.nn import Module
from xdl.tensor import Tensor


class Stateful(Protocol):
    """What has a state; `load_state_dict` raises CheckpointError, before it changes anything, for one that differs."""

    def state_dict(self) -> Any:
        """The state: a tree of dicts, lists, numbers, words, None and Tensors."""

    def load_state_dict(self, state: Any) -> Any:
        """Goes back to a state."""


class Part(NamedTuple):
    """Two functions as a Stateful."""

    state_dict: Callable[[], Any]
    load_state_dict: Callable[[Any], None]


class Carried:
    """A value that a task carries from step to step, as a hidden state or a count: a tree of Tensors, numbers, None.

    value: it is set anew, and its Tensors are not written to. After a resume, lists stand in the place of tuples
    """

    def __init__(self, value: Any = None) -> None:
        self.value = value

    def state_dict(self) -> dict[str, Any]:
        """The value."""
        return {"value": self.value}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on from a `state_dict`. Raises CheckpointError for a state of something else."""
        if not isinstance(state, Mapping) or set(state) != {"value"}:
            raise CheckpointError("Carried", "a value", state)
        self.value = _tensors(state["value"])


def load_all(
    operation: str, parts: Mapping[str, Stateful], state: Mapping[str, Any], problems: list[str], hint: str = ""
) -> None:
    """Gives every part state[name]. Raises CheckpointError, with all problems of all parts, if one does not fit.

    Then every part is as it was: those that had taken theirs go back. `problems` are those found before. Names in
    the state beyond the parts' are left to others.
    """
    missing = [f"{name} is missing" for name in parts if not isinstance(state, Mapping) or name not in state]
    if missing:
        raise CheckpointError(operation, f"a state of {', '.join(parts)}", "; ".join(missing))
    before = {name: copied(part.state_dict()) for name, part in parts.items()}
    problems = list(problems)
    for name, part in parts.items():
        try:
            part.load_state_dict(state[name])
        except CheckpointError as error:
            problems.append(f"{name}: {error.found}")
        except Exception as error:  # a state of another form: any operation on it may fail
            problems.append(f"{name}: no such state ({type(error).__name__}: {error})")
    if problems:
        for name, part in parts.items():
            part.load_state_dict(before[name])
        *names, last = [name for name in parts if name != "random"] or ["form"]
        same = f"{', '.join(names)} and {last}" if names else last
        raise CheckpointError(operation, f"a state of the same {same}", "; ".join(problems), hint)


def mismatches(what: str, form: Mapping[str, Any], state: Any, partly: bool = False) -> list[str]:
    """What keeps a state from being a dict of these names and types, in words; partly: some may be missing."""
    if not isinstance(state, dict):
        return [f"{what} is missing"]
    problems = [f"{what}: {name} is missing" for name in form if not partly and name not in state]
    problems += [f"{what}: {name} is unexpected" for name in state if name not in form]
    both = sorted(form.keys() & state.keys())
    return problems + [f"{what}: {n} is {state[n]!r}" for n in both if not _is_of(state[n], form[n])]


def expect_form(operation: str, form: Mapping[str, Any], state: Any) -> None:
    """Raises CheckpointError unless a state is a dict of these names and types."""
    problems = mismatches("state", form, state)
    expect(not problems, CheckpointError, operation, ", ".join(form), "; ".join(problems))


def is_number(value: Any) -> bool:
    """A number of a state, also nan and infinity; True and False are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_count(value: Any) -> bool:
    """A whole number of at least 0, as 64 bits hold it."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 63


def copied(state: Any) -> Any:
    """A copy of a tree with Tensors of its own, on their devices."""
    if isinstance(state, dict):
        return {name: copied(value) for name, value in state.items()}
    if isinstance(state, list | tuple):
        return [copied(value) for value in state]
    if isinstance(state, Tensor):
        return Tensor(namespaces[type(state.array)].asarray(state.array, copy=True))
    return state


def _tensors(state: Any) -> Any:
    """A `copied` tree in which arrays of a file are Tensors again, on the current backend."""
    if isinstance(state, dict):
        return {name: _tensors(value) for name, value in state.items()}
    if isinstance(state, list | tuple):
        return [_tensors(value) for value in state]
    return tensor(state) if hasattr(state, "__array__") and not isinstance(state, Tensor) else copied(state)


def exact(parts: Mapping[str, Any]) -> dict[str, Stateful]:
    """The parts of a task by their names; modules load without conversion of dtypes."""
    return {
        name: Part(part.state_dict, partial(load_exactly, part)) if isinstance(part, Module) else part
        for name, part in parts.items()
    }


def load_exactly(module: Module, state: Mapping[str, Any]) -> None:
    """`module.load_state_dict` without conversion: CheckpointError lists also every other dtype."""
    expect_exact(module, state)
    module.load_state_dict(dict(state))


def expect_exact(module: Module, state: Any) -> None:
    """Raises CheckpointError unless `load_exactly` takes this state."""
    expect(isinstance(state, Mapping), CheckpointError, "load_state_dict", "a dict of Tensors", type(state).__name__)
    own = module.state_dict()
    problems = [f"{name} is missing" for name in own if name not in state]
    for name, value in state.items():
        if name not in own:
            problems.append(f"{name} is unexpected")
            continue
        if not hasattr(value, "shape") or not hasattr(value, "dtype"):
            problems.append(f"{name} is {type(value).__name__} in place of a Tensor")
            continue
        form, expected = (tuple(value.shape), str(value.dtype)), (own[name].shape, own[name].dtype)
        if form != expected:
            problems.append(f"{name} is {form[1]} {form[0]} in place of {expected[1]} {expected[0]}")
    if problems:
        raise CheckpointError("load_state_dict", "a state that fits the module", "; ".join(problems))


def _is_of(value: Any, kind: Any) -> bool:
    """isinstance, but for True and False, which are no numbers here."""
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
