"""Two mistakes of the code of hwdong's book, made on purpose, and what the gradient check finds.

the ReLU cell with sigmoid's derivative     dz = dh' h' (1 - h') in place of dh' where h' > 0
the reversed RNN's backward pass            from the last step to the first, as that of the other direction; but
                                            the reversed recurrence ends at the first step, and there it must begin
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xdl.experiments.recurrent.hand_cells import HAND_CELLS, Before, Values
from xdl.experiments.recurrent.stack import Stack
from xdl.tensor import Tensor


def mistakes(sizes: Any, xs: Tensor, targets: Sequence[float], eps: float) -> list[tuple[str, float, float]]:
    """(what, the numerical error of the right formula, that of the book's) for each mistake."""
    relu, reverse = Stack.of("RNN, relu", sizes, (1, 1)), Stack.of("RNN", sizes, (1, 2))
    wrong_relu = HAND_CELLS["RNN, relu"]._replace(backward=_relu_back)
    cases = (
        ("ReLU cell, sigmoid's derivative", relu, relu.as_the_book(wrong_relu)),
        ("reversed RNN, backward pass from the last step", reverse, reverse.as_the_book()),
    )
    return [
        (what, right.numerical_error(xs, targets, eps), wrong.numerical_error(xs, targets, eps))
        for what, right, wrong in cases
    ]


def _relu_back(dh: Tensor, dc: None, v: Values) -> Before:
    dz = dh * v["new h"] * (1 - v["new h"])
    return Before(dz, dz)
