"""Layers: modules that hold parameters and call `xdl.functional`. Names, defaults and keys are PyTorch's."""

from xdl.nn import init, utils
from xdl.nn.container import Sequential
from xdl.nn.conv import Conv2d
from xdl.nn.layers import (
    AvgPool2d,
    CrossEntropyLoss,
    Dropout,
    Embedding,
    Flatten,
    LogSoftmax,
    MaxPool2d,
    MSELoss,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
)
from xdl.nn.linear import Linear
from xdl.nn.module import Buffer, Module, Parameter
from xdl.nn.norm import BatchNorm1d, BatchNorm2d
from xdl.nn.rnn import GRU, LSTM, GRUCell, LSTMCell

__all__ = [
    "GRU",
    "LSTM",
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Buffer",
    "Conv2d",
    "CrossEntropyLoss",
    "Dropout",
    "Embedding",
    "Flatten",
    "GRUCell",
    "LSTMCell",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "MaxPool2d",
    "Module",
    "Parameter",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "init",
    "utils",
]
