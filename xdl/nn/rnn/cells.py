"""Single steps of recurrent networks, for loops of one's own: RNNCell, LSTMCell, GRUCell.

Parameters weight_ih, weight_hh, bias_ih, bias_hh start uniform in +-1 / sqrt(hidden_size).
"""

from __future__ import annotations

from math import prod
from typing import Any

from xdl.creation.filled import Where, zeros
from xdl.errors import SettingError, ShapeError, expect
from xdl.functional.operands import check_tensors
from xdl.functional.recurrent.cells import CELLS
from xdl.functional.recurrent.recurrence import recurrence
from xdl.nn.base.flops import Shape
from xdl.nn.module import Module, check_sizes
from xdl.nn.parameter import Parameter
from xdl.nn.rnn.base import kinds_of, new_parameters, shapes_of
from xdl.nn.rnn.layers import NONLINEARITIES
from xdl.tensor import Tensor


class _Cell(Module):
    """One step of a cell by name. input (N, input_size) or (input_size,); states (N, hidden_size) or (hidden_size,)."""

    weight_ih: Parameter
    weight_hh: Parameter

    def __init__(self, cell: str, input_size: int, hidden_size: int, bias: bool, device: Where, dtype: Any) -> None:
        check_sizes(type(self).__name__, input_size=input_size, hidden_size=hidden_size)
        self.input_size, self.hidden_size, self.bias, self._cell = input_size, hidden_size, bias, CELLS[cell]
        shapes = shapes_of(self._cell.gates * hidden_size, input_size, hidden_size, bias)
        new_parameters(self, "", shapes, hidden_size, device, dtype)

    def _step(self, input: Tensor, states: tuple[Tensor | None, ...]) -> list[Tensor]:
        """The new states; zeros for those that are None."""
        name = type(self).__name__
        given = {letter: state for letter, state in zip(("h", "c"), states, strict=False) if state is not None}
        check_tensors(name, input=input, **given)
        if input.ndim not in (1, 2) or input.shape[-1] != self.input_size:
            raise ShapeError(name, f"input (N, {self.input_size}) or ({self.input_size},)", input.shape)
        wanted = (*input.shape[:-1], self.hidden_size)
        weight = self.weight_hh
        full = []
        for state in states:
            known = zeros(wanted, device=weight.device, dtype=weight.dtype) if state is None else state
            expect(known.shape == wanted, ShapeError, name, f"states {wanted} for input {input.shape}", known.shape)
            full.append(known if input.ndim == 2 else known.unsqueeze(0))
        rows = input.reshape(1, -1, self.input_size)
        biases = (getattr(self, "bias_ih", None), getattr(self, "bias_hh", None))
        h, c = full[0], full[1] if self._cell.remembers else None
        _, h, c = recurrence(self._cell.name, rows, h, c, self.weight_ih, weight, *biases)
        return [new if input.ndim == 2 else new[0] for new in (h, c) if new is not None]

    def flops(self, input: Shape, output: Shape) -> int:
        """Each matrix acts once on every vector; each bias is added once."""
        return prod(input[:-1]) * sum((2 if p.ndim == 2 else 1) * prod(p.shape) for p in self.parameters())

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else ", bias=False")


class RNNCell(_Cell):
    """h' = tanh or relu of W_ih x + b_ih + W_hh h + b_hh."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Where = None,
        dtype: Any = None,
    ) -> None:
        fits = nonlinearity in NONLINEARITIES
        expect(fits, SettingError, "RNNCell", "nonlinearity tanh or relu", repr(nonlinearity))
        super().__init__(f"rnn_{nonlinearity}", input_size, hidden_size, bias, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """h' from input and h, which is 0 without. Raises ShapeError, DtypeError."""
        return self._step(input, (hx,))[0]

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        other = "" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}"
        return super().extra_repr() + other


class LSTMCell(_Cell):
    """One step of an LSTM: (h', c') from input and (h, c), which are 0 without."""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Where = None, dtype: Any = None
    ) -> None:
        super().__init__("lstm", input_size, hidden_size, bias, device, dtype)

    def forward(self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, Tensor]:
        """(h', c') from input and hx = (h, c). Raises ShapeError, DtypeError, and SettingError for another hx."""
        pair = isinstance(hx, tuple | list) and len(hx) == 2 and all(isinstance(state, Tensor) for state in hx)
        expect(hx is None or pair, SettingError, "LSTMCell", "hx = (h, c)", kinds_of(hx))
        h, c = self._step(input, (None, None) if hx is None else tuple(hx))
        return h, c


class GRUCell(_Cell):
    """One step of a GRU: h' from input and h, which is 0 without."""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Where = None, dtype: Any = None
    ) -> None:
        super().__init__("gru", input_size, hidden_size, bias, device, dtype)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """h' from input and h. Raises ShapeError, DtypeError."""
        return self._step(input, (hx,))[0]
