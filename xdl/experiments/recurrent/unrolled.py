"""A recurrent layer unrolled over its steps, and back propagation through time, by the cells of `hand_cells.py`.

T steps; one sequence; several layers, each in one or two directions. In reverse the steps are taken from the last to
the first, so the state before step t is that of step t + 1, and the backward pass goes from the first to the last.
"""

from __future__ import annotations

from collections.abc import Sequence

from xdl.creation import zeros
from xdl.experiments.recurrent.hand_cells import HandCell, Values, Weights
from xdl.functional import cat, outer, stack
from xdl.nn.rnn.base import RNNBase
from xdl.tensor import Tensor


def weights_of(layer: RNNBase) -> list[Weights]:
    """Those of each layer and direction, in PyTorch's order."""
    return [Weights(*(p.detach() for p in group)) for group in layer.all_weights]


def forward(cell: HandCell, w: Weights, xs: Sequence[Tensor], reverse: bool = False) -> list[Values]:
    """The values of each step, by its place in the sequence: the states before it are "h" and "c", after "new h".

    xs: T inputs (I,)
    """
    h = c = zeros(w.v.shape[1], dtype=w.v.dtype)
    steps: list[Values] = [{}] * len(xs)
    for t in _order(len(xs), reverse):
        before = {"x": xs[t], "h": h, "c": c}
        steps[t] = before | cell.forward(w.u @ xs[t] + w.b, w.v @ h + w.d, before, w)
        h, c = steps[t]["new h"], steps[t].get("new c", c)
    return steps


def backward(
    cell: HandCell, w: Weights, steps: Sequence[Values], dhs: Sequence[Tensor], reverse: bool = False
) -> tuple[Weights, list[Tensor], list[Tensor]]:
    """The gradients of the weights, of the inputs, and of the state after each step (its own part and the later ones').

    dhs: T gradients (H,) of the loss with respect to the outputs h, not through later steps
    """
    du, dv, db, dd = (p * 0 for p in w)
    through, dc = dhs[0] * 0, dhs[0] * 0
    dxs, totals = list(dhs), list(dhs)
    for t in reversed(_order(len(steps), reverse)):
        values = steps[t]
        totals[t] = dh = dhs[t] + through
        before = cell.backward(dh, dc, values)
        same = len(before.ds) - before.rows
        parts = [outer(before.ds[:same], values["h"])]
        if before.seen is not None:
            parts.append(outer(before.ds[same:], before.seen))
        du, db = du + outer(before.da, values["x"]), db + before.da
        dv, dd = dv + cat(parts), dd + before.ds
        dxs[t] = w.u.T @ before.da
        through = w.v[:same].T @ before.ds[:same] + before.dh
        dc = dc if before.dc is None else before.dc
    return Weights(du, dv, db, dd), dxs, totals


def gradients(
    cell: HandCell,
    weights: Sequence[Weights],
    xs: Sequence[Tensor],
    dys: Sequence[Tensor],
    directions: int,
    book: bool = False,
) -> tuple[list[Tensor], list[Weights], list[Tensor]]:
    """(outputs, gradients of the weights, gradients of the inputs) of several layers.

    weights: of each layer and direction; dys: T gradients (D H,) with respect to the outputs of the last layer, in
    which those of D = 1 or 2 directions stand side by side; book: the mistake of `mistakes.py`
    """
    inputs, kept = list(xs), []
    for first in range(0, len(weights), directions):
        ways = [forward(cell, weights[first + way], inputs, way == 1) for way in range(directions)]
        kept.append(ways)
        inputs = [cat([steps[t]["new h"] for steps in ways]) for t in range(len(xs))]
    found: list[Weights] = []
    dhs = list(dys)
    for layer in reversed(range(len(kept))):
        halves = [[dh.chunk(directions)[way] for dh in dhs] for way in range(directions)]
        ways_back = [
            backward(cell, weights[layer * directions + way], steps, halves[way], way == 1 and not book)
            for way, steps in enumerate(kept[layer])
        ]
        found = [back[0] for back in ways_back] + found
        dhs = [stack([back[1][t] for back in ways_back]).sum(0) for t in range(len(xs))]
    return inputs, found, dhs


def _order(steps: int, reverse: bool) -> range:
    return range(steps - 1, -1, -1) if reverse else range(steps)
