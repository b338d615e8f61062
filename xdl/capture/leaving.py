"""What a program does to tensors: an optimizer's update, and the gradients and arrays that the step leaves."""

from __future__ import annotations

from typing import Any

from xdl.tensor import Tensor, written


def update(optimizer: Any, having: list[Tensor], *gradients: Any) -> None:
    """One step of the optimizer by these gradients of the parameters that have one. The others have none by now, as in
    the step: what an earlier update of it, or the call before, gave them is not taken again.
    """
    for group in optimizer.param_groups:
        for p in group["params"]:
            p._grad = None
    for p, g in zip(having, gradients, strict=True):
        p._grad = g
    optimizer.update_all()


def leave(
    held: list[Tensor], moved: list[Tensor], changed: list[Tensor], gradients: list[Any], arrays: list[Any]
) -> None:
    """Gives the tensors their gradients, None for none, and those that the step gives other arrays these; notes that
    the changed ones were written in place, so that a graph that read them before is refused.
    """
    for t, g in zip(held, gradients, strict=True):
        t._grad = g
    for t, x in zip(moved, arrays, strict=True):
        t.array = x
    if changed:
        written(changed)
