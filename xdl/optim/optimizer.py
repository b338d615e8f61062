"""Optimizer: parameter groups, their settings, and one fused update per group."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from xdl.errors import CheckpointError, GraphError, SettingError
from xdl.optim.flat import Flat, Run
from xdl.tensor import Tensor, no_grad

Params = Iterable[Tensor] | Iterable[dict[str, Any]]


class Optimizer:
    """The base of all optimizers: `update` changes the parameters of one run of a flat buffer in place.

    params: tensors that require a gradient, or groups {"params": tensors, setting: value, ...}
    defaults: settings of groups that do not give their own

    Raises SettingError for no parameters, one given twice, or a setting out of range.
    """

    def __init__(self, params: Params, defaults: dict[str, Any]) -> None:
        self.param_groups: list[dict[str, Any]] = []
        self._flats: list[list[Flat]] = []
        entries: list[Any] = [params] if isinstance(params, Tensor | dict) else list(params)
        for group in entries if entries and isinstance(entries[0], dict) else [{"params": entries}]:
            self._add(dict(group), defaults)

    def _add(self, group: dict[str, Any], defaults: dict[str, Any]) -> None:
        name = type(self).__name__
        parameters = list(group["params"])
        known = {id(p) for other in self.param_groups for p in other["params"]}
        if not parameters:
            raise SettingError(name, "at least one parameter", "none")
        for p in parameters:
            if not isinstance(p, Tensor) or not p.is_leaf:
                raise GraphError(name, "leaf tensors as params", type(p).__name__)
            if id(p) in known:
                raise SettingError(name, "each parameter once", f"one of shape {p.shape} twice")
            known.add(id(p))
        unknown = set(group) - set(defaults) - {"params"}
        if unknown:
            raise SettingError(name, f"settings among {', '.join(defaults)}", ", ".join(sorted(unknown)))
        full = {**defaults, **group, "params": parameters}
        self.check(full)
        kinds: dict[Any, list[Tensor]] = {}
        for p in parameters:
            kinds.setdefault((type(p.data), p.dtype), []).append(p)
        self.param_groups.append(full)
        self._flats.append([Flat(same) for same in kinds.values()])

    def check(self, group: dict[str, Any]) -> None:
        """Raises SettingError for a setting out of range; subclasses add theirs."""
        for name in ("lr", "weight_decay"):
            require(type(self).__name__, name, group[name], group[name] >= 0, "a number of at least 0")

    def update(self, flat: Flat, run: Run, group: dict[str, Any]) -> None:
        """Updates flat.data[run.low:run.high] by run.grad, in these parameters' step number run.step (from 1)."""
        raise NotImplementedError(f"{type(self).__name__} has no update method")

    def step(self) -> None:
        """Updates every parameter that has a gradient."""
        for group, flats in zip(self.param_groups, self._flats, strict=True):
            for flat in flats:
                for run in flat.runs():
                    self.update(flat, run, group)

    def zero_grad(self) -> None:
        """Forgets the gradients of all parameters."""
        for group in self.param_groups:
            for p in group["params"]:
                p._grad = None

    def state_dict(self) -> dict[str, Any]:
        """{"state": {number: {"step": n, name: Tensor}}, "param_groups": settings}: numbers count all parameters."""
        state: dict[int, dict[str, Any]] = {}
        groups: list[dict[str, Any]] = []
        for group, flats in zip(self.param_groups, self._flats, strict=True):
            first = sum(len(g["params"]) for g in groups)
            numbers = {id(p): first + i for i, p in enumerate(group["params"])}
            groups.append({**group, "params": list(numbers.values())})
            for flat in flats:
                for i, p in enumerate(flat.parameters):
                    if flat.steps[i]:
                        values = {name: Tensor(flat.view(buffer, i)) for name, buffer in flat.state.items()}
                        state[numbers[id(p)]] = {"step": flat.steps[i], **values}
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Takes over a `state_dict` of an optimizer over parameters of the same shapes.

        Raises CheckpointError, before anything changes, if groups or shapes differ.
        """
        sizes = [len(group["params"]) for group in self.param_groups]
        found = [len(group["params"]) for group in state["param_groups"]]
        every = [p for group in self.param_groups for p in group["params"]]
        problems = [] if sizes == found else [f"groups of {found} parameters in place of {sizes}"]
        for number, values in state["state"].items():
            for name, value in values.items():
                if isinstance(value, Tensor) and number < len(every) and value.shape != every[number].shape:
                    problems.append(f"{name} of parameter {number} has shape {value.shape}")
        if problems:
            raise CheckpointError("Optimizer.load_state_dict", "a state that fits", "; ".join(problems))
        for group, loaded in zip(self.param_groups, state["param_groups"], strict=True):
            group.update({name: value for name, value in loaded.items() if name != "params"})
        numbers = {id(p): i for i, p in enumerate(every)}
        with no_grad():
            for flat in (flat for flats in self._flats for flat in flats):
                for i, p in enumerate(flat.parameters):
                    values = state["state"].get(numbers[id(p)], {"step": 0})
                    flat.steps[i] = int(values["step"])
                    for name, value in values.items():
                        if isinstance(value, Tensor):
                            flat.view(flat.zeros(name), i)[...] = value.data


def require(operation: str, name: str, value: Any, holds: bool, expected: str) -> None:
    """Raises SettingError for a setting out of range."""
    if not holds:
        raise SettingError(operation, f"{name}: {expected}", repr(value))
