"""Recurrent layers and cells as functions, by the names of the cells; `cells.py` has what they compute.

T steps, N sequences, I inputs, H hidden units, G gates in PyTorch's order: i, f, g, o and r, z, n
input (T, N, I), of a cell (N, I)   h, c (N, H)   w_ih (G H, I)   w_hh (G H, H)   b_ih, b_hh (G H,), both or none

All are differentiable twice, and raise ShapeError naming the argument that does not fit, DtypeError for mixed dtypes.
"""

from __future__ import annotations

from xdl.functional.recurrent.recurrence import recurrence
from xdl.observe import composite
from xdl.tensor import Tensor

State = tuple[Tensor, Tensor]


@composite
def rnn_tanh_cell(
    input: Tensor, h: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> Tensor:
    """h' (N, H) = tanh(input w_ih^T + b_ih + h w_hh^T + b_hh)."""
    return recurrence("rnn_tanh", input.unsqueeze(0), h, None, w_ih, w_hh, b_ih, b_hh)[1]


@composite
def rnn_relu_cell(
    input: Tensor, h: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> Tensor:
    """h' (N, H) = relu(input w_ih^T + b_ih + h w_hh^T + b_hh)."""
    return recurrence("rnn_relu", input.unsqueeze(0), h, None, w_ih, w_hh, b_ih, b_hh)[1]


@composite
def gru_cell(
    input: Tensor, h: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> Tensor:
    """h' (N, H) after one step of a GRU."""
    return recurrence("gru", input.unsqueeze(0), h, None, w_ih, w_hh, b_ih, b_hh)[1]


@composite
def lstm_cell(
    input: Tensor, state: State, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> State:
    """(h', c') (N, H) after one step of an LSTM from state (h, c)."""
    _, h, c = recurrence("lstm", input.unsqueeze(0), *state, w_ih, w_hh, b_ih, b_hh)
    assert c is not None
    return h, c


def gru(
    input: Tensor, h: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """All steps of a sequence as one node: (outputs (T, N, H), h_T) from input (T, N, I), T >= 1."""
    return recurrence("gru", input, h, None, w_ih, w_hh, b_ih, b_hh)[:2]


def lstm(
    input: Tensor, state: State, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> tuple[Tensor, State]:
    """All steps of a sequence as one node: (outputs (T, N, H), (h_T, c_T)) from input (T, N, I), T >= 1."""
    outputs, h, c = recurrence("lstm", input, *state, w_ih, w_hh, b_ih, b_hh)
    assert c is not None
    return outputs, (h, c)
