"""RNNBase: any cell in several layers and both directions, with PyTorch's arguments, names and results.

Parameters of layer k are weight_ih_lk, weight_hh_lk, bias_ih_lk, bias_hh_lk, with weight_hr_lk of a projection and
weight_ch_lk of peepholes, and again with _reverse for the other direction. All start uniform in
+-1 / sqrt(hidden_size).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod, sqrt
from typing import Any
from warnings import warn

from xdl import functional
from xdl.creation.filled import Where, empty, zeros
from xdl.errors import SettingError, expect
from xdl.functional.elementwise.dropout import check_probability
from xdl.functional.recurrent.both_directions import both_directions
from xdl.functional.recurrent.checks import cell_named
from xdl.functional.recurrent.recurrence import Sizes, recurrence
from xdl.nn import init
from xdl.nn.base.flops import Shape
from xdl.nn.module import Module, check_flags, check_sizes
from xdl.nn.parameter import Parameter
from xdl.nn.rnn.sequences import arrange
from xdl.nn.utils.rnn import PackedSequence
from xdl.tensor import Tensor

State = Tensor | tuple[Tensor, Tensor]
NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr", "weight_ch")


def new_parameters(
    module: Module, suffix: str, shapes: dict[str, tuple[int, ...]], hidden: int, device: Where, dtype: Any
) -> None:
    """Gives the module parameters of these shapes, uniform in +-1 / sqrt(hidden), their names with the suffix."""
    bound = 1 / sqrt(hidden)
    # all of them first: where one finds no memory, none has been filled in vain
    starts = {name: empty(shape, device=device, dtype=dtype) for name, shape in shapes.items()}
    for name, start in starts.items():
        setattr(module, name + suffix, Parameter(init.uniform_(start, -bound, bound)))


def shapes_of(rows: int, inputs: int, outputs: int, bias: bool) -> dict[str, tuple[int, ...]]:
    """The shapes of both weights and biases of a cell with so many rows."""
    biases: dict[str, tuple[int, ...]] = {"bias_ih": (rows,), "bias_hh": (rows,)} if bias else {}
    return {"weight_ih": (rows, inputs), "weight_hh": (rows, outputs), **biases}


class RNNBase(Module):
    """What recurrent layers share: a subclass names its cell in `mode`, one of `recurrent/cells.py` in capitals.

    num_layers:    each takes the outputs of the one before
    bias:          whether there are bias_ih and bias_hh
    batch_first:   input and outputs are (N, T, ...) in place of (T, N, ...)
    dropout:       share of the outputs of each layer but the last that is dropped in training
    bidirectional: a second recurrence runs from the last step to the first, and the outputs of both stand side by side
    proj_size:     K, the size of h, by weight_hr; 0: K = hidden_size. For cells with c

    Raises SettingError for values out of range, KindError for flags that are not True or False. Warns of dropout with
    one layer, as PyTorch does.
    """

    mode: str

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Where = None,
        dtype: Any = None,
    ) -> None:
        name = type(self).__name__
        check_sizes(name, input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
        self._cell = cell_named(name, self.mode.lower())
        check_flags(name, bias=bias, batch_first=batch_first, bidirectional=bidirectional)
        expect(not isinstance(dropout, bool), SettingError, name, "dropout: a number from 0 to 1", dropout)
        check_probability(name, dropout, "dropout")
        if dropout and num_layers == 1:
            said = f"{name}: dropout={dropout} does nothing with num_layers=1, it acts between layers"
            warn(said, stacklevel=2)
        fits = proj_size == 0 or (self._cell.remembers and 0 < proj_size < hidden_size)
        expect(fits, SettingError, name, "proj_size from 0 to below hidden_size, for cells with c", proj_size)
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout = bias, batch_first, float(dropout)
        self.bidirectional, self.proj_size = bidirectional, proj_size
        outputs, directions = proj_size or hidden_size, 2 if bidirectional else 1
        self._suffixes = [f"_l{k}{way}" for k in range(num_layers) for way in ("", "_reverse")[:directions]]
        for i, suffix in enumerate(self._suffixes):
            inputs = input_size if i < directions else outputs * directions
            shapes = shapes_of(self._cell.gates * hidden_size, inputs, outputs, bias)
            shapes |= {"weight_hr": (proj_size, hidden_size)} if proj_size else {}
            shapes |= {"weight_ch": (self._cell.peepholes, hidden_size)} if self._cell.peepholes else {}
            new_parameters(self, suffix, shapes, hidden_size, device, dtype)

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The parameters, a list for each layer and direction."""
        return [[p for p in self._weights(suffix) if p is not None] for suffix in self._suffixes]

    def flatten_parameters(self) -> None:
        """Does nothing: in PyTorch it prepares the weights for cuDNN."""

    def forward(
        self, input: Tensor | PackedSequence, hx: Any = None, lengths: Sequence[int] | Tensor | None = None
    ) -> tuple[Any, Any]:
        """(outputs, last state) of input (T, N, I), (N, T, I) with batch_first, (T, I), or a PackedSequence.

        hx:      the first state h, or (h, c), each (layers * directions, N, K); zeros without
        lengths: (N,) host integers: steps of each sequence that count; outputs beyond are 0

        The last state is that after each sequence's own last step, backwards after its first. Raises ShapeError.
        """
        name = type(self).__name__
        given = arrange(name, input, lengths, self.batch_first, self.input_size)
        n, states = given.x.shape[1], len(self._suffixes)
        first = self._first(name, given, hx, n)
        zero_h = self._zeros(n, self.proj_size or self.hidden_size) if hx is None else None
        zero_c = self._zeros(n, self.hidden_size) if hx is None and self.proj_size else zero_h
        layers: Tensor = given.x
        hs: list[Any] = []
        cs: list[Any] = []
        directions = 2 if self.bidirectional else 1
        for i in range(0, states, directions):
            ways = []
            for way in range(i, i + directions):
                h, c = (z if part is None else part[way] for z, part in zip((zero_h, zero_c), first, strict=True))
                ways.append((h, c if self._cell.remembers else None, *self._weights(self._suffixes[way])))
            layers, *last = self._run(layers, *ways, sizes=given.sizes)
            hs += [h for h, _ in last]
            cs += [c for _, c in last]
            if self.dropout and i + directions < states:
                layers = functional.dropout(layers, self.dropout, self.training)
        h = given.state(_stacked(hs))
        return given.outputs(layers), (h, given.state(_stacked(cs))) if self._cell.remembers else h

    def flops(self, input: Shape, output: Shape) -> int:
        """Each matrix acts once on every vector of the sequences; each bias is added once."""
        return prod(input[:-1]) * sum((2 if p.ndim == 2 else 1) * prod(p.shape) for p in self.parameters())

    def extra_repr(self) -> str:
        """The settings shown in repr(): the sizes, and what is not the default."""
        others = ("num_layers", 1), ("bias", True), ("batch_first", False), ("dropout", 0.0), ("bidirectional", False)
        sizes = f"{self.input_size}, {self.hidden_size}" + (f", proj_size={self.proj_size}" if self.proj_size else "")
        return sizes + "".join(
            f", {name}={getattr(self, name)}" for name, usual in others if getattr(self, name) != usual
        )

    def _run(self, x: Tensor, first: Any, second: Any = None, *, sizes: Sizes) -> Any:
        """The outputs of a layer, and the last (h, c) of each direction."""
        if second is not None:
            return both_directions(self._cell.name, x, first, second, sizes)
        arguments: Any = (x, *first, sizes)
        y, *last = recurrence(self._cell.name, *arguments)
        return y, last

    def _weights(self, suffix: str) -> list[Any]:
        return [getattr(self, name + suffix, None) for name in NAMES]

    def _first(self, name: str, given: Any, hx: Any, n: int) -> list[Any]:
        """The first h and c, (L D, N, K) and (L D, N, H), each None where it is not given."""
        if hx is None:
            return [None, None]
        parts = tuple(hx) if self._cell.remembers and isinstance(hx, tuple | list) else (hx,)
        wanted = 2 if self._cell.remembers else 1
        fits = len(parts) == wanted and all(isinstance(part, Tensor) for part in parts)
        expect(fits, SettingError, name, "hx = (h, c)" if wanted == 2 else "hx = h", kinds_of(hx))
        sizes = (self.proj_size or self.hidden_size, self.hidden_size)
        pairs = zip(("h", "c"), parts, sizes, strict=False)
        ready = [given.initial(name, part, h, (len(self._suffixes), n, size)) for part, h, size in pairs]
        return [*ready, None][:2]

    def _zeros(self, n: int, size: int) -> Tensor:
        weight: Parameter = self._weights("_l0")[0]
        return zeros((n, size), device=weight.device, dtype=weight.dtype)


def kinds_of(hx: Any) -> str:
    """What was given as a state, for errors: "tuple of Tensor, NoneType"."""
    listed = isinstance(hx, tuple | list)
    return f"{type(hx).__name__} of {', '.join(type(part).__name__ for part in hx)}" if listed else type(hx).__name__


def _stacked(states: list[Tensor]) -> Tensor:
    """Last states (N, K) as (L D, N, K), without a copy where there is one."""
    return states[0].unsqueeze(0) if len(states) == 1 else functional.stack(states)
