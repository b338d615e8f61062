"""Optimizer: parameter groups, their settings, and one fused update per group.

The state is laid out as PyTorch's, so that its state_dicts load here:

    {"state": {number: {"step": n, name: Tensor, ...}}, "param_groups": [{setting: value, ..., "params": numbers}]}

and "param_names" in a group whose parameters were given with names; they do not matter when a state is loaded.
Numbers count the parameters of all groups in order. A parameter that has made no step has no entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from numbers import Real
from typing import Any, ClassVar

from xdl import backend, observe
from xdl.backend import Array, namespaces
from xdl.errors import CheckpointError, GraphError, KindError, SettingError, nearest
from xdl.nn.base.collections import named, ordered
from xdl.nn.base.zeroing import zero_grad
from xdl.nn.parameter import UninitializedParameter
from xdl.optim.elsewhere import ELSEWHERE, without_elsewhere
from xdl.optim.flat import Flat, Run
from xdl.optim.state_check import NAMED, SCHEDULED, Buffers, entry_mismatches, group_mismatches, needed_names
from xdl.tensor import Tensor, enable_grad

Params = Iterable[Tensor] | Iterable[tuple[str, Tensor]] | Iterable[dict[str, Any]]

PARTS = ("param_groups", "state")  # of a state_dict

# settings that are numbers of at least 0 wherever an optimizer has them
NOT_NEGATIVE = (
    "lr",
    "weight_decay",
    "eps",
    "momentum",
    "lr_decay",
    "initial_accumulator_value",
    "alpha",
    "momentum_decay",
)
NUMBER = "a number of at least 0"


class Optimizer:
    """The base of all optimizers: `update` changes the parameters of one run of a flat buffer in place.

    params: tensors that require a gradient, or groups {"params": tensors, setting: value, ...}; in place of tensors
            (name, tensor) pairs, as `named_parameters()` gives them, whose names then stand in "param_names"
    defaults: settings of groups that do not give their own

    Raises SettingError for no parameters, one given twice, or a setting that is unknown or out of range; KindError for
    a set, which has no order, and for what are no tensors; GraphError for results of operations.
    """

    scalars: ClassVar[dict[str, Any]] = {"step": 0}  # the numbers that each parameter keeps, and what they start from
    optional: ClassVar[tuple[str, ...]] = ()  # those of them that a state may lack
    needs_closure: ClassVar[bool] = False  # whether `step` evaluates the loss itself, several times
    not_negative: ClassVar[tuple[str, ...]] = NOT_NEGATIVE
    buffers: ClassVar[Buffers | None] = None  # the arrays that each keeps, see `Buffers`; None: any

    def __init__(self, params: Params, defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        self.param_groups: list[dict[str, Any]] = []
        self._flats: list[list[Flat]] = []
        entries: list[Any] = [params] if isinstance(params, Tensor | dict) else ordered(type(self).__name__, params)
        for group in entries if entries and isinstance(entries[0], dict) else [{"params": entries}]:
            self.add_param_group(group)

    def add_param_group(self, group: dict[str, Any]) -> None:
        """Adds {"params": tensors, setting: value, ...}; what it lacks are the defaults. Raises as the constructor."""
        name = type(self).__name__
        if not isinstance(group, Mapping) or "params" not in group:
            raise KindError(name, 'groups {"params": tensors, ...}', repr(group)[:80])
        group = without_elsewhere(name, group)
        names, parameters = named(name, group["params"])
        known = {id(p) for other in self.param_groups for p in other["params"]}
        if not parameters:
            raise SettingError(name, "at least one parameter", "none")
        for p in parameters:
            if not isinstance(p, Tensor):
                raise KindError(name, "leaf tensors as params", type(p).__name__)
            if not p.is_leaf:
                raise GraphError(name, "leaf tensors as params", "the result of an operation", "Call detach() first")
            if isinstance(p, UninitializedParameter):
                raise SettingError(name, "layers that know their sizes by a first input", "a lazy layer's parameter")
            if id(p) in known:
                raise SettingError(name, "each parameter once", f"one of shape {p.shape} twice")
            known.add(id(p))
        unknown = sorted(set(group) - set(self.defaults) - SCHEDULED - NAMED)
        if unknown:
            raise SettingError(name, "known settings", ", ".join(unknown), nearest(unknown[0], self.defaults))
        if self.param_groups and bool(names) != ("param_names" in self.param_groups[0]):
            raise SettingError(name, "names for the parameters of all groups, or of none", "both")
        full = {**self.defaults, **group, "params": parameters, **({"param_names": names} if names else {})}
        self.check(full)
        kinds: dict[Any, list[Tensor]] = {}
        for p in parameters:
            kinds.setdefault((type(p.array), p.dtype), []).append(p)
        self.param_groups.append(full)
        self._flats.append([Flat(same, self.scalars, self.buffer_shape) for same in kinds.values()])

    def __repr__(self) -> str:
        """The name, and below it the settings of each group, as PyTorch prints them."""
        lines = [f"{type(self).__name__} ("]
        for number, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {number}")
            lines += [f"    {name}: {group[name]}" for name in sorted(group) if name != "params"]
        return "\n".join([*lines, ")"])

    def check(self, group: dict[str, Any]) -> None:
        """Raises SettingError for a setting out of range; subclasses add theirs."""
        for name in self.not_negative:
            if name in group:
                value = group[name]
                require(type(self).__name__, name, value, isinstance(value, Real) and float(value) >= 0, NUMBER)

    def buffer_shape(self, name: str, shape: tuple[int, ...]) -> tuple[int, ...] | None:
        """The shape of what a parameter of that shape keeps under a name of `buffers`; None: nothing."""
        del name
        return shape

    def update(self, flat: Flat, run: Run, group: dict[str, Any]) -> None:
        """Updates flat.array[run.low:run.high] by run.grads, in these parameters' step number run.step (from 1)."""
        raise NotImplementedError(f"{type(self).__name__} has no update method")

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Updates every parameter that has a gradient.

        closure: computes the loss and its gradients anew, before the update; what it returns is returned
        """
        if (watching := observe.work) is not None:
            watching.began(type(self).__name__)
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        if (recording := observe.launches) is None or not recording.updates(self):
            self.update_all()
        if (watching := observe.work) is not None:
            watching.ended(type(self).__name__)
        return loss

    def gathered(self, p: Tensor) -> Array | None:
        """Where the gradient of a parameter is gathered for an update; None where it is read as it lies."""
        places = (flat.gathered(p) for flats in self._flats for flat in flats)
        return next((place for place in places if place is not None), None)

    def update_all(self) -> None:
        """Updates every parameter by the gradient that it has."""
        for group, flats in zip(self.param_groups, self._flats, strict=True):
            for flat in flats:
                for run in flat.runs():
                    self.update(flat, run, group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forgets the gradients of all parameters, or without set_to_none writes zeros into those that are there."""
        for group in self.param_groups:
            zero_grad(group["params"], set_to_none)

    def state_dict(self) -> dict[str, Any]:
        """The state in the module's layout; its Tensors share memory with the optimizer."""
        state: dict[int, dict[str, Any]] = {}
        groups: list[dict[str, Any]] = []
        for group, flats in zip(self.param_groups, self._flats, strict=True):
            first = sum(len(g["params"]) for g in groups)
            numbers = {id(p): first + i for i, p in enumerate(group["params"])}
            own = {"param_names": list(group["param_names"])} if "param_names" in group else {}
            groups.append({**group, "params": list(numbers.values()), **own})
            for flat in flats:
                for i, p in enumerate(flat.parameters):
                    if flat.scalars[i]["step"]:
                        kept = {name: flat.kept(name, i) for name in flat.state}
                        values = {name: Tensor(part) for name, part in kept.items() if part is not None}
                        state[numbers[id(p)]] = {**flat.scalars[i], **values}
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Copies a `state_dict` of such an optimizer, xdl's or PyTorch's, over parameters of the same shapes.

        Raises CheckpointError, before anything changes, that lists all groups, settings, names, shapes and dtypes
        that do not fit.
        """
        state = state_dict
        groups, entries = (state.get(name) for name in PARTS) if isinstance(state, Mapping) else (None, None)
        problems = group_mismatches(groups, self.param_groups, self.defaults, self.check)
        problems += self.entry_problems(entries, self.param_groups if problems or groups is None else groups)
        extra = set(state) - set(PARTS) if groups is not None else ()
        problems += [f"{name} is unexpected" for name in extra]
        if problems:
            raise CheckpointError(f"{type(self).__name__}.load_state_dict", "a state that fits", "; ".join(problems))
        for group, loaded in zip(self.param_groups, state["param_groups"], strict=True):
            kept = {name: value for name, value in loaded.items() if name not in {"params", *ELSEWHERE}}
            group.update(deepcopy(kept))
        self.load_entries(state["state"])

    def entry_problems(self, entries: Any, groups: list[dict[str, Any]]) -> list[str]:
        """What is wrong with the "state" of a state_dict, in words, for groups with these settings."""
        every = [p for group in self.param_groups for p in group["params"]]
        always = [name for name in self.scalars if name not in self.optional]
        needed = needed_names(groups, always, self.buffers)
        return entry_mismatches(entries, every, self.scalars, needed, self.buffers, self.buffer_shape)

    def load_entries(self, entries: dict[int, dict[str, Any]]) -> None:
        """Takes over the "state" of a state_dict that fits."""
        numbers = {id(p): i for i, p in enumerate(p for group in self.param_groups for p in group["params"])}
        for flat in [flat for flats in self._flats for flat in flats]:
            flat.state.clear()
            for i, p in enumerate(flat.parameters):
                flat.scalars[i] = dict(self.scalars)
                if values := entries.get(numbers[id(p)]):
                    self._load(flat, i, values)

    def _load(self, flat: Flat, i: int, values: dict[str, Any]) -> None:
        """Takes over the state of parameter i, which has made at least one step (PyTorch's SGD counts none)."""
        for name, value in {"step": 1, **values}.items():
            if name in self.scalars:
                flat.scalars[i][name] = type(self.scalars[name])(value)
            elif value is not None and (part := flat.kept(name, i)) is not None:
                part[...] = array_of(value, flat.array)


def array_of(value: Any, like: Array) -> Array:
    """The values of a Tensor or host array on like's backend."""
    if isinstance(value, Tensor):
        if type(value.array) is type(like):
            return value.array
        value = value.numpy()
    return backend.of(like).asarray(value, backend.dtype_name(like))


def joined(grads: list[Array]) -> Array:
    """Flat gradients that lie end to end, as one array."""
    return grads[0] if len(grads) == 1 else namespaces[type(grads[0])].concat(grads)


def descent(p: Array, grads: list[Array], weight_decay: float, maximize: bool) -> Array:
    """The direction to go down: g, or -g where a maximum is sought, plus weight_decay p."""
    g = joined(grads)
    if maximize:
        g = -g
    return g + weight_decay * p if weight_decay else g


def require(operation: str, name: str, value: Any, holds: bool, expected: str) -> None:
    """Raises SettingError for a setting out of range."""
    if not holds:
        raise SettingError(operation, f"{name}: {expected}", repr(value))
