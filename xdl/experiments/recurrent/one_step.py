"""Cells as classes, RNNCell, LSTMCell and GRUCell, in a loop of one's own, beside the unrolling by hand."""

from __future__ import annotations

from typing import Any

from xdl import nn
from xdl.experiments.recurrent.hand_cells import HAND_CELLS, Weights
from xdl.experiments.recurrent.stack import relative
from xdl.experiments.recurrent.unrolled import backward, forward
from xdl.tape import grad
from xdl.tensor import Tensor, no_grad

CLASSES = {  # class -> its name among the cells by hand, how it is built
    "RNNCell, tanh": ("RNN", nn.RNNCell, {}),
    "RNNCell, relu": ("RNN, relu", nn.RNNCell, {"nonlinearity": "relu"}),
    "LSTMCell": ("LSTM", nn.LSTMCell, {}),
    "GRUCell": ("GRU", nn.GRUCell, {}),
}


def classes(sizes: Any, xs: Tensor) -> list[tuple[str, float, float]]:
    """(class, difference of the last state, of the gradients of its sum), from those by hand."""
    rows = []
    for name, (by_hand, build, more) in CLASSES.items():
        module = build(sizes.inputs, sizes.hidden, **more).to("float64")
        state: Any = None
        for x in xs:
            state = module(x, state)
        h = state[0] if isinstance(state, tuple) else state
        parameters = list(module.parameters())
        by_tape = grad(h.sum(), parameters)
        with no_grad():
            cell, weights = HAND_CELLS[by_hand], Weights(*(p.detach() for p in parameters))
            steps = forward(cell, weights, list(xs))
            none = h * 0
            found, _, _ = backward(cell, weights, steps, [none] * (len(steps) - 1) + [none + 1])
        errors = [relative(hand, tape) for hand, tape in zip(found, by_tape, strict=True)]
        rows.append((name, relative(steps[-1]["new h"], h), max(errors)))
    return rows
