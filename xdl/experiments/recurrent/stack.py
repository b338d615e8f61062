"""A stack of recurrent layers with a readout: the same network by hand and as a layer of xdl on the tape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from xdl import nn
from xdl.experiments.recurrent.hand_cells import HAND_CELLS, HandCell, Values, Weights
from xdl.experiments.recurrent.unrolled import backward, forward, gradients, weights_of
from xdl.functional import stack as stacked
from xdl.nn.rnn.base import RNNBase
from xdl.random import randn
from xdl.tape import grad
from xdl.tensor import Tensor, no_grad

LAYERS: dict[str, Callable[..., RNNBase]] = {
    "RNN": nn.RNN,
    "RNN, relu": partial(nn.RNN, nonlinearity="relu"),
    "LSTM": nn.LSTM,
    "GRU": nn.GRU,
    "GRU, reset before": nn.GRUBefore,
}
ARCHITECTURES = {  # name -> (layers, directions)
    "1": (1, 1),
    "2": (2, 1),
    "1, both directions": (1, 2),
    "2, both directions": (2, 2),
}

DIRECTIONS = 5


@dataclass(frozen=True)
class Stack:
    """Layers of one cell, and the readout y_t = w . h_t of its last one; all float64, with two digits.

    book: whether the backward pass of the reversed direction goes the wrong way, see `mistakes.py`
    """

    name: str
    layer: RNNBase
    readout: Tensor
    cell: HandCell
    directions: int
    book: bool = False

    @classmethod
    def of(cls, name: str, sizes: Any, shape: tuple[int, int]) -> Stack:
        """sizes: with `inputs` and `hidden`; shape: (layers, directions). ReLU units get larger biases: dead ones show
        nothing.
        """
        layers, directions = shape
        layer = LAYERS[name](sizes.inputs, sizes.hidden, num_layers=layers, bidirectional=directions == 2)
        layer = layer.to("float64")
        with no_grad():
            for name_of, p in layer.named_parameters():
                alive = 0.6 if name == "RNN, relu" and name_of.startswith("bias_ih") else 0.0
                p[...] = (p * 100).round() / 100 + alive
            readout = (randn(directions * sizes.hidden, dtype="float64") * 10).round() / 10
        return cls(name, layer, readout, HAND_CELLS[name], directions)

    def values(self, xs: Tensor) -> list[Values]:
        """Those of each step of the first layer, forwards."""
        return forward(self.cell, weights_of(self.layer)[0], list(xs))

    def outputs(self, xs: Tensor) -> list[float]:
        """y_t for every step."""
        with no_grad():
            ys: list[float] = (self.layer(xs)[0] @ self.readout).tolist()
        return ys

    def totals(self, xs: Tensor, targets: Sequence[float], every: bool) -> list[Tensor]:
        """dL/dh_t of each step of a single layer: its own part and what comes from later steps."""
        dys = self._dys(self.outputs(xs), targets, every)
        return backward(self.cell, weights_of(self.layer)[0], self.values(xs), dys)[2]

    def by_hand(self, xs: Tensor, targets: Sequence[float], every: bool) -> tuple[list[Tensor], list[Tensor]]:
        """The gradients of all weights and of the inputs (T, I), and the outputs; every: N-to-N, else N-to-1."""
        with no_grad():
            weights = weights_of(self.layer)
            dys = self._dys(self.outputs(xs), targets, every)
            hs, found, dxs = gradients(self.cell, weights, list(xs), dys, self.directions, self.book)
        return [g for group in found for g in group] + [stacked(dxs)], hs

    def difference(self, xs: Tensor, targets: Sequence[float], every: bool) -> float:
        """The largest difference by hand and by the tape, of outputs and gradients, each relative to its largest."""
        found, hs = self.by_hand(xs, targets, every)
        inputs = xs.detach().clone().requires_grad_()
        outputs, _ = self.layer(inputs)
        by_tape = grad(self._loss(outputs, targets, every), [*self.layer.parameters(), inputs])
        pairs = [(stacked(hs), outputs), *zip(found, by_tape, strict=True)]
        return max(relative(hand, tape) for hand, tape in pairs)

    def numerical_error(self, xs: Tensor, targets: Sequence[float], eps: float) -> float:
        """How far (L(p + eps v) - L(p - eps v)) / (2 eps) is from the gradient by hand . v, for random directions v.

        The largest of DIRECTIONS, each relative to the larger of 1 and the derivative; the loss is N-to-N.
        """
        found, _ = self.by_hand(xs, targets, True)
        return max(self._error_along(found, xs, targets, eps) for _ in range(DIRECTIONS))

    def _error_along(self, found: list[Tensor], xs: Tensor, targets: Sequence[float], eps: float) -> float:
        parameters = list(self.layer.parameters())
        directions = [randn(*p.shape, dtype="float64") for p in parameters]
        slope = sum((g * v).sum().item() for g, v in zip(found, directions, strict=False))
        losses = []
        with no_grad():
            origin = [p.clone() for p in parameters]
            for step in (eps, -eps):
                for p, start, v in zip(parameters, origin, directions, strict=True):
                    p[...] = start + step * v
                losses.append(self._loss(self.layer(xs)[0], targets, True).item())
            for p, start in zip(parameters, origin, strict=True):
                p[...] = start
        derivative = (losses[0] - losses[1]) / (2 * eps)
        return float(abs(slope - derivative) / max(1.0, abs(derivative)))

    def as_the_book(self, cell: HandCell | None = None) -> Stack:
        """The same network with one of the book's mistakes: another cell, or the reversed direction's backward pass."""
        return replace(self, cell=cell) if cell else replace(self, book=True)

    def described(self) -> str:
        """The weights of the first layer, by PyTorch's names."""
        group: Weights = weights_of(self.layer)[0]
        names = ("U = weight_ih", "V = weight_hh", "b = bias_ih", "d = bias_hh")
        return ", ".join(f"{name} {p.tolist()}" for name, p in zip(names, group, strict=True))

    def _dys(self, ys: list[float], targets: Sequence[float], every: bool) -> list[Tensor]:
        """dL/dh_t through the readout: w (y_t - target_t), or 0 where the loss does not count the step."""
        last = len(ys) - 1
        counted = [every or t == last for t in range(len(ys))]
        return [self.readout * ((ys[t] - targets[t]) * counted[t]) for t in range(len(ys))]

    def _loss(self, outputs: Tensor, targets: Sequence[float], every: bool) -> Tensor:
        ys = outputs @ self.readout
        steps = range(len(targets)) if every else [len(targets) - 1]
        return stacked([(ys[t] - targets[t]).square() for t in steps]).sum() / 2


def relative(one: Tensor, other: Tensor | None) -> float:
    """The largest difference, relative to the largest element of both, or to 1e-12."""
    assert other is not None
    size = max(one.abs().max().item(), other.abs().max().item(), 1e-12)
    return float((one - other).abs().max().item() / size)
