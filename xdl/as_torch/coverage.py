"""`python -m xdl.as_torch --coverage`: which of PyTorch's public names xdl answers, refuses, and lacks."""

from __future__ import annotations

from textwrap import fill

import xdl
from xdl.as_torch.table import MODULES, REFUSED, answered, public
from xdl.nn import Module

CLASSES = {"torch.Tensor": xdl.Tensor, "torch.nn.Module": Module}
WIDTH = 120


def covered(module: str) -> tuple[list[str], list[str], list[str]]:
    """The names of a module or class that PyTorch has publicly: answered, refused with a reason, and missing."""
    names = public()[module]
    have = answered(module) if module in MODULES else {name for name in names if hasattr(CLASSES[module], name)}
    refused = {name for name in names - have if name in REFUSED}
    return sorted(names & have), sorted(refused), sorted(names - have - refused)


def report() -> str:
    """A line of counts for each module, and the names that are not there."""
    rows = {module: covered(module) for module in public() if module in MODULES or module in CLASSES}
    lines = [f"{'module':36}{'answered':>9}{'refused':>9}{'missing':>9}"]
    lines += [f"{module:36}{len(a):9}{len(r):9}{len(m):9}" for module, (a, r, m) in rows.items()]
    lines += ["", "refused: " + ", ".join(f"{name} ({reason})" for name, reason in sorted(REFUSED.items()))]
    for module, (_, _, absent) in rows.items():
        if absent:
            lines += ["", fill(f"missing in {module}: {' '.join(absent)}", WIDTH)]
    lines += ["", "no answer at all: " + " ".join(sorted(public().keys() - rows.keys()))]
    return "\n".join(lines) + "\n"
