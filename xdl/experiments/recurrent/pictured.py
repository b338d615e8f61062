"""The picture of an unrolled recurrent layer: its steps from left to right, with their numbers."""

from __future__ import annotations

from collections.abc import Sequence

from xdl import plot
from xdl.experiments.recurrent.stack import Stack
from xdl.tensor import Tensor


def picture(stack: Stack, xs: Tensor, targets: Sequence[float], totals: Sequence[Tensor]) -> plot.FigureData:
    """Each step's input, state and output; arrows in orange: from state to state, the only way through time.

    totals: dL/dh_t of each step
    """
    steps, ys = stack.values(xs), stack.outputs(xs)
    labels = ["h0\n" + _numbers(steps[0]["h"])]
    edges: list[tuple[int, int]] = []
    through, before = [], 0
    for t, step in enumerate(steps):
        x, h, y = len(labels), len(labels) + 1, len(labels) + 2
        labels += [
            f"x{t + 1}\n{_numbers(xs[t])}",
            f"h{t + 1} = {_numbers(step['new h'])}\ndL/dh{t + 1} = {_numbers(totals[t])}",
            f"y{t + 1} = {ys[t]:.3g}\ntarget {targets[t]:.3g}\ndL/dy{t + 1} = {ys[t] - targets[t]:.3g}",
        ]
        through.append(len(edges) + 1)
        edges += [(x, h), (before, h), (h, y)]
        before = h
    names = ["U", "V", "w"] * len(steps)
    title = f"{stack.name} unrolled over {len(steps)} steps, N-to-N: equal letters are equal weights; orange: time"
    return plot.graph_data(labels, edges, title, names, through)


def _numbers(values: Tensor) -> str:
    return f"({', '.join(f'{value:.3g}' for value in values.tolist())})"
