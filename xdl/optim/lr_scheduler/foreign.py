"""States of PyTorch's schedules, in the names of xdl's.

PyTorch keeps a few things that follow from others, under names of their own; older versions keep less. Everything else
has the same names and meanings, so that what is left is checked as xdl's own states are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# what follows from the rest, or says how PyTorch computes
IMPLIED = {"_get_lr_called_within_step", "mode_worse", "default_min_lr", "verbose", "_scale_fn_ref"}
FUNCTIONS = {"lr_lambdas", "_scale_fn_custom"}  # None, or the attributes of an object that is called
RENAMED = {"_anneal_func_type": "anneal_strategy", "_anneal_strategy": "anneal_strategy"}
YOUNG = {"_is_initial"}  # what older versions lack


def translated(state: Any, own: Mapping[str, Any]) -> Any:
    """A state with xdl's names: own ones stay as they are. own: the state that the schedule has."""
    if not isinstance(state, Mapping):
        return state
    found = {RENAMED.get(name, name): value for name, value in state.items() if name not in IMPLIED | FUNCTIONS}
    if isinstance(found.get("milestones"), Mapping):  # how often each stands there
        counted = sorted((int(epoch), times) for epoch, times in found["milestones"].items())
        found["milestones"] = [epoch for epoch, times in counted for _ in range(times)]
    if isinstance(phases := found.pop("_schedule_phases", None), list):
        found["pct_start"] = (phases[0]["end_step"] + 1) / found["total_steps"]
        found["three_phase"] = len(phases) == 3
        found.update({name: own[name] for name in ("base_momentums", "max_momentums") if name in own})
    return {**{name: own[name] for name in YOUNG & own.keys()}, **found}


def restore(functions: list[Any], states: Any) -> None:
    """Gives objects that are called the attributes that PyTorch kept of them; functions have none."""
    for function, kept in zip(functions, states if isinstance(states, list) else [states], strict=False):
        if isinstance(kept, Mapping):
            vars(function).update(kept)
