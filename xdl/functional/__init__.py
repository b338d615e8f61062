"""The mathematics, one family a file. Functions take Tensors and return Tensors; names and defaults are PyTorch's."""

from xdl.functional.arithmetic import add, div, eq, ge, gt, le, lt, mul, ne, neg, pow, sub
from xdl.functional.conv import conv2d
from xdl.functional.convert import to
from xdl.functional.diagonal import diag, diagonal, trace, tril, triu
from xdl.functional.dropout import dropout
from xdl.functional.einsum import einsum
from xdl.functional.elementwise import abs, exp, log, relu, sigmoid, sqrt, tanh, where
from xdl.functional.embedding import embedding
from xdl.functional.fold import fold, unfold, unfold_copy
from xdl.functional.gather import gather, masked_fill, masked_select, scatter, scatter_add, take_along_dim
from xdl.functional.gru import gru, gru_cell
from xdl.functional.indexing import getitem, setitem
from xdl.functional.linear import linear, matmul
from xdl.functional.loss import cross_entropy, mse_loss
from xdl.functional.lstm import lstm, lstm_cell
from xdl.functional.methods import bind as _bind
from xdl.functional.norm import batch_norm
from xdl.functional.order import argsort, bincount, kthvalue, nonzero, one_hot, searchsorted, sort, topk
from xdl.functional.pad import pad
from xdl.functional.pool import avg_pool2d, max_pool2d
from xdl.functional.products import addmm, bmm, dot, inner, kron, mm, mv, outer, tensordot
from xdl.functional.rearrange import (
    broadcast_to,
    chunk,
    expand_as,
    flip,
    hstack,
    meshgrid,
    movedim,
    repeat,
    repeat_interleave,
    roll,
    split,
    stack,
    swapaxes,
    t,
    tile,
    unbind,
    view,
    vstack,
)
from xdl.functional.reduce import amax, argmax, max, mean, sum
from xdl.functional.resize import interpolate, pixel_shuffle, pixel_unshuffle
from xdl.functional.select import index_add, index_select
from xdl.functional.shape import (
    cat,
    expand,
    flatten,
    permute,
    reshape,
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
    "addmm",
    "amax",
    "argmax",
    "argsort",
    "avg_pool2d",
    "batch_norm",
    "bincount",
    "bmm",
    "broadcast_to",
    "cat",
    "chunk",
    "conv2d",
    "cross_entropy",
    "diag",
    "diagonal",
    "div",
    "dot",
    "dropout",
    "einsum",
    "embedding",
    "eq",
    "exp",
    "expand",
    "expand_as",
    "flatten",
    "flip",
    "fold",
    "gather",
    "ge",
    "getitem",
    "gru",
    "gru_cell",
    "gt",
    "hstack",
    "index_add",
    "index_select",
    "inner",
    "interpolate",
    "kron",
    "kthvalue",
    "le",
    "linear",
    "log",
    "log_softmax",
    "lstm",
    "lstm_cell",
    "lt",
    "masked_fill",
    "masked_select",
    "matmul",
    "max",
    "max_pool2d",
    "mean",
    "meshgrid",
    "mm",
    "movedim",
    "mse_loss",
    "mul",
    "mv",
    "ne",
    "neg",
    "nonzero",
    "one_hot",
    "outer",
    "pad",
    "permute",
    "pixel_shuffle",
    "pixel_unshuffle",
    "pow",
    "relu",
    "repeat",
    "repeat_interleave",
    "reshape",
    "roll",
    "scatter",
    "scatter_add",
    "searchsorted",
    "setitem",
    "sigmoid",
    "softmax",
    "sort",
    "split",
    "sqrt",
    "squeeze",
    "stack",
    "sub",
    "sum",
    "swapaxes",
    "t",
    "take_along_dim",
    "tanh",
    "tensordot",
    "tile",
    "to",
    "topk",
    "trace",
    "transpose",
    "tril",
    "triu",
    "unbind",
    "unfold",
    "unfold_copy",
    "unsqueeze",
    "view",
    "vstack",
    "where",
]
