"""Recurrent layers and cells. What a step computes is in `xdl/functional/recurrent/cells.py`."""

from xdl.nn.rnn.base import RNNBase
from xdl.nn.rnn.cells import GRUCell, LSTMCell, RNNCell
from xdl.nn.rnn.layers import GRU, LSTM, RNN
from xdl.nn.rnn.variants import CoupledLSTM, GRUBefore, NoOutputLSTM, PeepholeLSTM

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "CoupledLSTM",
    "GRUBefore",
    "GRUCell",
    "LSTMCell",
    "NoOutputLSTM",
    "PeepholeLSTM",
    "RNNBase",
    "RNNCell",
]
