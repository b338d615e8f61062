"""What LBFGS keeps, in PyTorch's layout: one entry for all parameters, whether it fits, looked at before it is loaded.

func_evals, n_iter     evaluations and steps so far
d, t, prev_flat_grad   the last direction, the step along it, and the gradient (n,) from which it went
prev_loss              the loss there
old_dirs, old_stps     y and s of the steps that are kept, "ro" 1 / y . s of each, H_diag y . s / y . y of the last

"al", which PyTorch keeps as memory to use again, is not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xdl.optim.state_check import array_problem, number_problem

COUNTS, NUMBERS = ("func_evals", "n_iter"), ("t", "H_diag", "prev_loss")
VECTORS, LISTS = ("d", "prev_flat_grad"), ("old_dirs", "old_stps")


def entry_problems(values: Any, size: int, dtype: str, limit: int) -> list[str]:
    """What is wrong with an entry of LBFGS's state, for parameters of so many elements and at most so many steps."""
    if not isinstance(values, Mapping):
        return ["an entry that is no dict"]
    known = {*COUNTS, *NUMBERS, *VECTORS, *LISTS, "ro", "al"}
    problems = [f"{name} is unexpected" for name in values if name not in known]
    needed = [*COUNTS, *([*NUMBERS, *VECTORS, *LISTS, "ro"] if values.get("d") is not None else [])]
    missing = [name for name in needed if values.get(name) is None]
    if missing:
        return [*problems, *(f"{name} is missing" for name in missing)]
    lists = [name for name in (*LISTS, "ro") if name in needed]
    if any(not isinstance(values[name], list | tuple) for name in lists) or len({len(values[n]) for n in lists}) > 1:
        return [*problems, f"{', '.join(lists)} are not lists of one length"]
    if lists and len(values["ro"]) > limit:
        problems.append(f"{len(values['ro'])} steps, more than history_size {limit}")
    checked = [(name, number_problem(values[name], 0)) for name in COUNTS]
    if lists:
        checked += [(name, number_problem(values[name], 0.0)) for name in NUMBERS]
        checked += [("ro", number_problem(r, 0.0)) for r in values["ro"]]
        checked += [(name, array_problem(values[name], dtype, (size,))) for name in VECTORS]
        checked += [(name, array_problem(x, dtype, (size,))) for name in LISTS for x in values[name]]
    return problems + [f"{name} {wrong}" for name, wrong in checked if wrong]
