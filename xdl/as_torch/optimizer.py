"""`torch.optim.Optimizer` as the base of optimizers of one's own: `step` is theirs, over `param_groups` and `state`.

xdl's own optimizers keep what they know in flat buffers, and count as instances.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from xdl import optim
from xdl.errors import CheckpointError, SettingError, expect
from xdl.tensor import Tensor


class Kind(type):
    """So that `isinstance(xdl's Adam, torch.optim.Optimizer)` holds."""

    def __instancecheck__(cls, thing: object) -> bool:
        return type.__instancecheck__(optim.Optimizer if cls is Optimizer else cls, thing)

    def __subclasscheck__(cls, kind: type) -> bool:
        return type.__subclasscheck__(optim.Optimizer if cls is Optimizer else cls, kind)


class _Required:
    """The value of a setting that each group must give."""

    def __repr__(self) -> str:
        return "<required parameter>"


required = _Required()


class Optimizer(optim.Optimizer, metaclass=Kind):
    """params: tensors, or groups {"params": tensors, setting: value}; defaults: settings of groups without their own

    state: what `step` keeps for each parameter. Raises as xdl's Optimizer, but for settings: those are the subclass's.
    """

    def __init__(self, params: Any, defaults: dict[str, Any]) -> None:
        self.state: defaultdict[Any, Any] = defaultdict(dict)
        super().__init__(params, defaults)

    def add_param_group(self, group: dict[str, Any]) -> None:
        """Adds {"params": tensors, setting: value, ...}; what it lacks are the defaults."""
        params = group["params"]
        several = [params] if isinstance(params, Tensor) else list(params)
        several = [p[1] if isinstance(p, tuple) else p for p in several]
        full = {**self.defaults, **group, "params": several}
        missing = [name for name, value in full.items() if value is required]
        expect(
            not missing, SettingError, type(self).__name__, "a value for each required setting", f"none for {missing}"
        )
        self.param_groups.append(full)

    def step(self, closure: Any = None) -> Any:
        """The subclass's."""
        raise NotImplementedError(f"{type(self).__name__} has no step method")

    def state_dict(self) -> dict[str, Any]:
        """What `step` keeps, by the parameters' numbers, and the groups."""
        every = [p for group in self.param_groups for p in group["params"]]
        numbers = {id(p): i for i, p in enumerate(every)}
        groups = [{**group, "params": [numbers[id(p)] for p in group["params"]]} for group in self.param_groups]
        return {"state": {numbers[id(p)]: kept for p, kept in self.state.items()}, "param_groups": groups}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Takes over such a state. Raises CheckpointError for other groups."""
        given, own = state_dict["param_groups"], self.param_groups
        fits = [len(group["params"]) for group in given] == [len(group["params"]) for group in own]
        expect(fits, CheckpointError, "load_state_dict", "groups of as many parameters", f"{len(given)} groups")
        for group, new in zip(own, given, strict=True):
            group.update({name: value for name, value in new.items() if name != "params"})
        every = [p for group in own for p in group["params"]]
        self.state = defaultdict(dict, {every[int(i)]: kept for i, kept in state_dict["state"].items()})


__all__ = ["Optimizer", "required"]
