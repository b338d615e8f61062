"""Variants of the LSTM and the GRU, which PyTorch does not have. The arguments are those of `RNNBase`.

K. Greff et al., "LSTM: a search space odyssey", IEEE Transactions on Neural Networks and Learning Systems 28 (2017).
"""

from __future__ import annotations

from xdl.nn.rnn.base import RNNBase


class PeepholeLSTM(RNNBase):
    """An LSTM whose gates see the cell state: weight_ch_l0 (3, H) for i and f (by c) and o (by c')."""

    mode = "LSTM_PEEPHOLE"


class CoupledLSTM(RNNBase):
    """An LSTM that takes in what it forgets: i = 1 - f. Gates f, g, o."""

    mode = "LSTM_COUPLED"


class NoOutputLSTM(RNNBase):
    """An LSTM without output gate: h = tanh(c). Gates i, f, g."""

    mode = "LSTM_NO_OUTPUT"


class GRUBefore(RNNBase):
    """The first form of the GRU: r acts on h before the product with weight_hh (Cho et al. 2014)."""

    mode = "GRU_BEFORE"
