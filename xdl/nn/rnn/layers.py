"""RNN, LSTM and GRU: recurrent layers by PyTorch's names."""

from __future__ import annotations

from typing import Any

from xdl.creation.filled import Where
from xdl.errors import SettingError, expect
from xdl.nn.rnn.base import RNNBase

NONLINEARITIES = ("tanh", "relu")


class RNN(RNNBase):
    """Elman's network: h' = tanh or relu of W_ih x + b_ih + W_hh h + b_hh. The arguments are those of `RNNBase`.

    J. L. Elman, "Finding structure in time", Cognitive Science 14 (1990).
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Where = None,
        dtype: Any = None,
    ) -> None:
        expect(nonlinearity in NONLINEARITIES, SettingError, "RNN", "nonlinearity tanh or relu", repr(nonlinearity))
        self.nonlinearity, self.mode = nonlinearity, f"RNN_{nonlinearity.upper()}"
        settings = num_layers, bias, batch_first, dropout, bidirectional
        super().__init__(input_size, hidden_size, *settings, device=device, dtype=dtype)


class LSTM(RNNBase):
    """Long short-term memory; the state is (h, c). The arguments are those of `RNNBase`."""

    mode = "LSTM"


class GRU(RNNBase):
    """Gated recurrent unit, r after the product with weight_hh. The arguments are those of `RNNBase`."""

    mode = "GRU"
