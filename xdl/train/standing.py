"""Where a loop stands, as a state: its names and types, and what must hold among them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import inf
from types import NoneType
from typing import Any

from xdl.train.state import is_count, is_number, mismatches

COUNTS = {"epoch": int, "epochs": int, "batch": int, "batches": int, "step": int, "lr": float, "stopped": bool}
PROGRESS = {**COUNTS, "before": int, "seconds": float, "means": dict, "history": list, "loader": dict | NoneType}
AT_TIMES = {"first_step": int, "passed": bool}  # of a training by a number of steps; within a validation


def standing_problems(progress: Any) -> list[str]:
    """What keeps a state from being the "progress" of `Loop.state_dict`, in words."""
    form = PROGRESS | {name: kind for name, kind in AT_TIMES.items() if isinstance(progress, dict) and name in progress}
    if problems := mismatches("progress", form, progress):
        return problems
    good = {name: is_count(progress[name]) for name, kind in form.items() if kind is int}
    good |= {name: 0 <= progress[name] < inf for name, kind in form.items() if kind is float}
    problems = [f"progress: {name} is {progress[name]}" for name in good if not good[name]]
    epoch, batch, before, done = *(progress[n] for n in ("epoch", "batch", "before")), len(progress["history"])
    holds = {
        f"epoch is {epoch} after {done} epochs": done <= epoch <= done + 1,
        f"batch is {batch} of {progress['batches']}": batch <= progress["batches"] or epoch == done,
        f"before is {before} of {done} epochs": before <= done,
        f"first_step is {progress.get('first_step')}": progress.get("first_step", 0) <= progress["step"],
        "history holds something else than numbers": all(map(_is_record, progress["history"])),
        "means holds something else than [total, weight]": all(map(_is_mean, progress["means"].values())),
    }
    return problems + [f"progress: {words}" for words, true in holds.items() if not true]


def as_trained(state: Any, parts: Collection[str]) -> tuple[Mapping[str, Any], list[str]]:
    """The state with the models that were trained where it has others as well, see `Checkpoints`; what is wrong there.

    parts: names of the task's parts. What is no state at all is given back as an empty one
    """
    if not isinstance(state, Mapping):
        return {}, []
    form = dict.fromkeys(parts, Mapping)
    problems = mismatches("trained", form, state["trained"], partly=True) if "trained" in state else []
    state = {"orders": {}, **state}  # states from before there were any
    return ({**state, **state.get("trained", {})}, []) if not problems else (state, problems)


def _is_record(record: Any) -> bool:
    """An epoch's measures by name, which may be nan; its epoch and step are counts."""
    named = isinstance(record, Mapping) and all(isinstance(name, str) for name in record)
    return named and all(map(is_number, record.values())) and all(is_count(record.get(n, 0)) for n in ("epoch", "step"))


def _is_mean(mean: Any) -> bool:
    """A total, which may be nan, and a weight."""
    pair = isinstance(mean, list | tuple) and len(mean) == 2 and all(map(is_number, mean))
    return pair and 0 <= mean[1] < inf
