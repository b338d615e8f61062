"""Recurrent cells, and layers of one direction; the mathematics is in `xdl/functional/recurrent/lstm.py` and `gru.py`.

Parameters start uniform in +-1 / sqrt(hidden_size), with PyTorch's names: weight_ih and weight_hh in cells,
weight_ih_l0 and so on in layers.
"""

from __future__ import annotations

from math import prod, sqrt
from typing import Any

from xdl import functional
from xdl.backend import namespaces
from xdl.creation.filled import Where, zeros
from xdl.errors import ShapeError
from xdl.functional.shape.shape import transpose
from xdl.nn import init
from xdl.nn.base.flops import Shape
from xdl.nn.module import Module, check_sizes
from xdl.nn.parameter import Parameter
from xdl.tensor import Tensor

State = tuple[Tensor, Tensor]


class _Recurrent(Module):
    """What cells and layers share: sizes, and parameters whose names end in `_suffix`."""

    _gates = 4
    _suffix = ""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Where = None, dtype: Any = None
    ) -> None:
        check_sizes(type(self).__name__, input_size=input_size, hidden_size=hidden_size)
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        rows = self._gates * hidden_size
        shapes: dict[str, tuple[int, ...]] = {"weight_ih": (rows, input_size), "weight_hh": (rows, hidden_size)}
        if bias:
            shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
        for name, shape in shapes.items():
            bound = 1 / sqrt(hidden_size)
            start = zeros(shape, device=device, dtype=dtype)
            setattr(self, name + self._suffix, Parameter(init.uniform_(start, -bound, bound)))

    def _parameters(self) -> list[Any]:
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        return [getattr(self, name + self._suffix, None) for name in names]

    def flops(self, input: Shape, output: Shape) -> int:
        """Each matrix acts once on every vector of the sequence, or of the batch; each bias is added once."""
        return prod(input[:-1]) * sum((2 if p.ndim == 2 else 1) * prod(p.shape) for p in self.parameters())

    def _start(self, n: int, like: Tensor) -> Tensor:
        """Zeros (n, hidden_size) of like's dtype, where like lives."""
        x = like.array
        return Tensor(namespaces[type(x)].zeros((n, self.hidden_size), dtype=x.dtype, device=x.device))

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        return f"{self.input_size}, {self.hidden_size}, bias={self.bias}"


class LSTMCell(_Recurrent):
    """One LSTM step: (input (N, input_size), (h, c)) to (h', c'), each (N, hidden_size); the state starts at zero."""

    def forward(self, input: Tensor, state: State | None = None) -> State:
        """(h', c') from input (N, input_size) and state (h, c)."""
        if state is None:
            start = self._start(input.shape[0], self._parameters()[1])
            state = start, start
        return functional.lstm_cell(input, state, *self._parameters())


class GRUCell(_Recurrent):
    """One GRU step: (input (N, input_size), h) to h' (N, hidden_size); the state starts at zero."""

    _gates = 3

    def forward(self, input: Tensor, state: Tensor | None = None) -> Tensor:
        """h' from input (N, input_size) and h."""
        start = self._start(input.shape[0], self._parameters()[1]) if state is None else state
        return functional.gru_cell(input, start, *self._parameters())


class _Layer(_Recurrent):
    _suffix = "_l0"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        bias: bool = True,
        batch_first: bool = False,
        device: Where = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, device, dtype)
        self.batch_first = batch_first

    def _steps_first(self, input: Tensor) -> Tensor:
        if input.ndim != 3 or input.shape[2] != self.input_size:
            wanted = "(N, T, I)" if self.batch_first else "(T, N, I)"
            raise ShapeError(type(self).__name__, f"input {wanted} with I = {self.input_size}", input.shape)
        return transpose(input, 0, 1) if self.batch_first else input

    def _initial(self, steps: Tensor, state: Tensor | None) -> Tensor:
        """The state (N, H) of the one layer, from PyTorch's (1, N, H)."""
        if state is None:
            return self._start(steps.shape[1], self._parameters()[1])
        if state.shape != (1, steps.shape[1], self.hidden_size):
            raise ShapeError(type(self).__name__, f"a state (1, {steps.shape[1]}, {self.hidden_size})", state.shape)
        return state[0]

    def _result(self, outputs: Tensor) -> Tensor:
        return transpose(outputs, 0, 1) if self.batch_first else outputs


class LSTM(_Layer):
    """LSTM over a sequence: input (T, N, input_size), or (N, T, input_size) with batch_first.

    Returns (outputs (T, N, hidden_size), (h_T, c_T) each (1, N, hidden_size)). Raises ShapeError, SettingError.
    """

    def forward(self, input: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """The hidden states of all steps, and the last state."""
        steps = self._steps_first(input)
        first = [self._initial(steps, part) for part in state or (None, None)]
        outputs, (h, c) = functional.lstm(steps, (first[0], first[1]), *self._parameters())
        return self._result(outputs), (h.unsqueeze(0), c.unsqueeze(0))


class GRU(_Layer):
    """GRU over a sequence: input (T, N, input_size), or (N, T, input_size) with batch_first.

    Returns (outputs (T, N, hidden_size), h_T (1, N, hidden_size)). Raises ShapeError, SettingError.
    """

    _gates = 3

    def forward(self, input: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The hidden states of all steps, and the last state."""
        steps = self._steps_first(input)
        outputs, h = functional.gru(steps, self._initial(steps, state), *self._parameters())
        return self._result(outputs), h.unsqueeze(0)
