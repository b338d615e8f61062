"""The mathematics, one family a file. Functions take Tensors and return Tensors; names and defaults are PyTorch's."""

from xdl.functional.arithmetic import add, div, eq, ge, gt, le, lt, mul, ne, neg, pow, sub
from xdl.functional.conv import conv2d
from xdl.functional.convert import to
from xdl.functional.dropout import dropout
from xdl.functional.elementwise import abs, exp, log, relu, sigmoid, sqrt, tanh, where
from xdl.functional.embedding import embedding
from xdl.functional.gru import gru, gru_cell
from xdl.functional.linear import linear, matmul
from xdl.functional.loss import cross_entropy, mse_loss
from xdl.functional.lstm import lstm, lstm_cell
from xdl.functional.methods import bind as _bind
from xdl.functional.norm import batch_norm
from xdl.functional.pool import avg_pool2d, max_pool2d
from xdl.functional.reduce import amax, argmax, max, mean, sum
from xdl.functional.shape import (
    cat,
    expand,
    flatten,
    getitem,
    pad,
    permute,
    reshape,
    setitem,
    squeeze,
    transpose,
    unsqueeze,
)
from xdl.functional.softmax import log_softmax, softmax
from xdl.tape import backward as _backward
from xdl.tensor import Tensor as _Tensor

_bind(_Tensor, {**globals(), "backward": _backward})

__all__ = [
    "abs",
    "add",
    "amax",
    "argmax",
    "avg_pool2d",
    "batch_norm",
    "cat",
    "conv2d",
    "cross_entropy",
    "div",
    "dropout",
    "embedding",
    "eq",
    "exp",
    "expand",
    "flatten",
    "ge",
    "getitem",
    "gru",
    "gru_cell",
    "gt",
    "le",
    "linear",
    "log",
    "log_softmax",
    "lstm",
    "lstm_cell",
    "lt",
    "matmul",
    "max",
    "max_pool2d",
    "mean",
    "mse_loss",
    "mul",
    "ne",
    "neg",
    "pad",
    "permute",
    "pow",
    "relu",
    "reshape",
    "setitem",
    "sigmoid",
    "softmax",
    "sqrt",
    "squeeze",
    "sub",
    "sum",
    "tanh",
    "to",
    "transpose",
    "unsqueeze",
    "where",
]
