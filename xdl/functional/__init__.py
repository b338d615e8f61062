"""The mathematics, one family a file. Functions take Tensors and return Tensors; names and defaults are PyTorch's."""

from xdl.functional.activation import (
    celu,
    elu,
    glu,
    logsigmoid,
    mish,
    relu,
    selu,
    sigmoid,
    silu,
    softmin,
    softplus,
    softsign,
    tanhshrink,
)
from xdl.functional.arithmetic import add, div, eq, ge, gt, le, lt, mul, ne, neg, pow, sub
from xdl.functional.conv import conv2d
from xdl.functional.convert import to
from xdl.functional.cumulative import cumprod, cumsum, prod
from xdl.functional.dropout import dropout
from xdl.functional.elementwise import addcdiv, addcmul, clamp, lerp, maximum, minimum, nan_to_num, where
from xdl.functional.embedding import embedding
from xdl.functional.erf import erf, erfc
from xdl.functional.exponential import (
    exp,
    exp2,
    expm1,
    log,
    log1p,
    log2,
    log10,
    logaddexp,
    reciprocal,
    rsqrt,
    sqrt,
    square,
)
from xdl.functional.extremes import amax, amin, argmax, argmin, max, median, min
from xdl.functional.gelu import gelu
from xdl.functional.gru import gru, gru_cell
from xdl.functional.linear import linear, matmul
from xdl.functional.logic import (
    allclose,
    bitwise_and,
    bitwise_not,
    bitwise_or,
    bitwise_xor,
    isclose,
    isfinite,
    isinf,
    isnan,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
)
from xdl.functional.loss import cross_entropy, mse_loss
from xdl.functional.lstm import lstm, lstm_cell
from xdl.functional.methods import bind as _bind
from xdl.functional.norm import batch_norm
from xdl.functional.piecewise import (
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    leaky_relu,
    prelu,
    relu6,
    softshrink,
    threshold,
)
from xdl.functional.pool import avg_pool2d, max_pool2d
from xdl.functional.reduce import all, any, count_nonzero, logsumexp, mean, nanmean, nansum, sum
from xdl.functional.rounding import abs, ceil, floor, floor_divide, fmod, frac, remainder, round, sign, trunc
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
from xdl.functional.statistics import norm, std, var
from xdl.functional.trigonometric import (
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    cos,
    cosh,
    hypot,
    sin,
    sinh,
    tan,
    tanh,
)
from xdl.tape import backward as _backward
from xdl.tensor import Tensor as _Tensor

_bind(_Tensor, {**globals(), "backward": _backward})

# fmt: off
__all__ = [
    "abs", "acos", "acosh", "add", "addcdiv", "addcmul", "all", "allclose", "amax", "amin", "any", "argmax",
    "argmin", "asin", "asinh", "atan", "atan2", "atanh", "avg_pool2d", "batch_norm", "bitwise_and", "bitwise_not",
    "bitwise_or", "bitwise_xor", "cat", "ceil", "celu", "clamp", "conv2d", "cos", "cosh", "count_nonzero",
    "cross_entropy", "cumprod", "cumsum", "div", "dropout", "elu", "embedding", "eq", "erf", "erfc", "exp", "exp2",
    "expand", "expm1", "flatten", "floor", "floor_divide", "fmod", "frac", "ge", "gelu", "getitem", "glu", "gru",
    "gru_cell", "gt", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "hypot", "isclose", "isfinite", "isinf",
    "isnan", "le", "leaky_relu", "lerp", "linear", "log", "log1p", "log2", "log10", "log_softmax", "logaddexp",
    "logical_and", "logical_not", "logical_or", "logical_xor", "logsigmoid", "logsumexp", "lstm", "lstm_cell", "lt",
    "matmul", "max", "max_pool2d", "maximum", "mean", "median", "min", "minimum", "mish", "mse_loss", "mul",
    "nan_to_num", "nanmean", "nansum", "ne", "neg", "norm", "pad", "permute", "pow", "prelu", "prod", "reciprocal",
    "relu", "relu6", "remainder", "reshape", "round", "rsqrt", "selu", "setitem", "sigmoid", "sign", "silu", "sin",
    "sinh", "softmax", "softmin", "softplus", "softshrink", "softsign", "sqrt", "square", "squeeze", "std", "sub",
    "sum", "tan", "tanh", "tanhshrink", "threshold", "to", "transpose", "trunc", "unsqueeze", "var", "where",
]
# fmt: on
