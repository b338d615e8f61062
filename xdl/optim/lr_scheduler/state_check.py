"""Whether a state fits a learning-rate schedule, looked at before anything changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite, isnan
from typing import Any

# settings that a schedule divides by, or counts in
POSITIVE = {"step_size", "T_max", "T_0", "T_i", "T_mult", "total_size", "total_steps", "step_ratio"}
# rates, momenta and shares, and counts
NOT_NEGATIVE = {
    *("base_lrs", "_last_lr", "min_lrs", "max_lrs", "base_momentums", "max_momentums"),
    *("factor", "gamma", "eps", "threshold", "pct_start"),
}
WHOLE = {
    *("step_size", "T_0", "T_i", "T_mult", "total_steps", "milestones", "_milestones", "anneal_epochs"),
    *("_step_count", "num_bad_epochs", "cooldown_counter"),
}
LOWEST = {"last_epoch": -1}  # an inner schedule of SequentialLR has not begun
ANY_LENGTH = {"milestones"}  # of other lists the length is that of the optimizer's groups, or of the schedules


def schedule_mismatches(
    state: Any, own: Mapping[str, Any], choices: Mapping[str, Sequence[str]] | None = None
) -> list[str]:
    """What is wrong with a schedule's state, in words.

    own: the state that the schedule has;  choices: the words that a setting may be
    """
    if not isinstance(state, Mapping):
        return [f"{type(state).__name__} in place of a state"]
    problems = [f"{name} is missing" for name in own if name not in state]
    for name, value in state.items():
        if name not in own:
            problems.append(f"{name} is unexpected")
        elif wrong := _mismatch(name, value, own[name], (choices or {}).get(name)):
            problems.append(f"{name} is {wrong}")
    if not problems and "total_steps" in state and state["last_epoch"] > state["total_steps"]:
        problems.append(f"last_epoch is {state['last_epoch']} of total_steps {state['total_steps']}")
    return problems


def _mismatch(name: str, value: Any, own: Any, choices: Sequence[str] | None) -> str:
    """What a value is that cannot stand in the place of this one; empty for one that can."""
    if _kind(value) != _kind(own):
        return f"{_kind(value)} in place of {_kind(own)}"
    if isinstance(own, list | tuple):
        if name not in ANY_LENGTH and len(value) != len(own):
            return f"a list of {len(value)} in place of {len(own)}"
        return next((wrong for one in value if own and (wrong := _mismatch(name, one, own[0], None))), "")
    if choices and own in choices and value not in choices:
        return f"{value!r} in place of {' or '.join(choices)}"
    return _number(name, value, own) if _kind(own) == "a number" else ""


def _number(name: str, value: float, own: float) -> str:
    if isnan(value) or (not isfinite(value) and name != "best"):
        return f"{value}"
    if name in WHOLE and not isinstance(value, int):
        return f"{value} in place of a whole number"
    if name in POSITIVE and value <= 0:
        return f"{value} in place of a number above 0"
    low: float = LOWEST.get(name, 0)
    counted = isinstance(own, int) and isinstance(value, int) and own >= low
    if (counted or name in NOT_NEGATIVE) and value < low:
        return f"{value} in place of a number of at least {low}"
    return ""


def _kind(value: Any) -> str:
    """What a value of a state is, in words."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "a number"
    if isinstance(value, list | tuple):
        return "a list"
    return type(value).__name__
