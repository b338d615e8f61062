"""The mathematics, one family a file. Functions take Tensors and return Tensors; names and defaults are PyTorch's."""

from xdl.functional.attention.scaled_dot_product import scaled_dot_product_attention
from xdl.functional.conv.adaptive_pool import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    adaptive_max_pool3d,
)
from xdl.functional.conv.avg_pool import avg_pool1d, avg_pool2d, avg_pool3d, lp_pool1d, lp_pool2d, lp_pool3d
from xdl.functional.conv.conv_nd import conv1d, conv2d, conv3d
from xdl.functional.conv.conv_transpose import conv_transpose1d, conv_transpose2d, conv_transpose3d
from xdl.functional.conv.convolve import convolve
from xdl.functional.conv.fold import fold, unfold, unfold_copy
from xdl.functional.conv.grid import affine_grid, grid_sample
from xdl.functional.conv.max_pool import max_pool1d, max_pool2d, max_pool3d, max_unpool1d, max_unpool2d, max_unpool3d
from xdl.functional.conv.resize import channel_shuffle, interpolate, pixel_shuffle, pixel_unshuffle
from xdl.functional.elementwise.activation import (
    glu,
    logsigmoid,
    mish,
    relu,
    sigmoid,
    silu,
    softmin,
    softplus,
    softsign,
    tanhshrink,
)
from xdl.functional.elementwise.arithmetic import add, div, eq, ge, gt, le, lt, mul, ne, neg, pow, sub
from xdl.functional.elementwise.convert import clone, to
from xdl.functional.elementwise.dropout import dropout
from xdl.functional.elementwise.elu import celu, elu, selu
from xdl.functional.elementwise.erf import erf, erfc
from xdl.functional.elementwise.exponential import (
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
from xdl.functional.elementwise.feature_dropout import (
    alpha_dropout,
    dropout1d,
    dropout2d,
    dropout3d,
    feature_alpha_dropout,
)
from xdl.functional.elementwise.gelu import gelu
from xdl.functional.elementwise.logic import (
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
from xdl.functional.elementwise.piecewise import (
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
from xdl.functional.elementwise.rounding import (
    abs,
    ceil,
    floor,
    floor_divide,
    fmod,
    frac,
    remainder,
    round,
    sign,
    trunc,
)
from xdl.functional.elementwise.rrelu import rrelu
from xdl.functional.elementwise.special import *  # noqa: F403
from xdl.functional.elementwise.special import __all__ as _special
from xdl.functional.elementwise.trigonometric import (
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
from xdl.functional.elementwise.where import addcdiv, addcmul, clamp, lerp, maximum, minimum, nan_to_num, where
from xdl.functional.index.assign import setitem
from xdl.functional.index.diagonal import diag, diag_embed, diagflat, diagonal, trace, tril, triu
from xdl.functional.index.embedding import embedding
from xdl.functional.index.embedding_bag import embedding_bag
from xdl.functional.index.gather import gather, masked_fill, masked_select, scatter, scatter_add, take_along_dim
from xdl.functional.index.indexing import getitem
from xdl.functional.index.membership import *  # noqa: F403
from xdl.functional.index.membership import __all__ as _membership
from xdl.functional.index.order import argsort, bincount, kthvalue, nonzero, one_hot, searchsorted, sort, topk
from xdl.functional.index.overwrite import *  # noqa: F403
from xdl.functional.index.overwrite import __all__ as _overwrite
from xdl.functional.index.select import index_add, index_select
from xdl.functional.index.unique import unique
from xdl.functional.loss.binary_loss import binary_cross_entropy, binary_cross_entropy_with_logits, soft_margin_loss
from xdl.functional.loss.class_margin_loss import (
    multi_margin_loss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
)
from xdl.functional.loss.cross_entropy import cross_entropy, nll_loss
from xdl.functional.loss.ctc import ctc_loss
from xdl.functional.loss.element_loss import (
    gaussian_nll_loss,
    huber_loss,
    kl_div,
    l1_loss,
    mse_loss,
    poisson_nll_loss,
    smooth_l1_loss,
)
from xdl.functional.loss.margin_loss import (
    cosine_embedding_loss,
    hinge_embedding_loss,
    margin_ranking_loss,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
)
from xdl.functional.methods import bind as _bind
from xdl.functional.norm.batch_norm import batch_norm
from xdl.functional.norm.group_norm import group_norm, instance_norm
from xdl.functional.norm.layer_norm import layer_norm, local_response_norm
from xdl.functional.norm.rms_norm import rms_norm
from xdl.functional.products.distance import bilinear, cosine_similarity, normalize, pairwise_distance
from xdl.functional.products.einsum import einsum
from xdl.functional.products.linear import linear, matmul
from xdl.functional.products.products import addmm, bmm, dot, inner, kron, mm, mv, outer, tensordot
from xdl.functional.products.vectors import *  # noqa: F403
from xdl.functional.products.vectors import __all__ as _vectors
from xdl.functional.recurrent.layers import gru, gru_cell, lstm, lstm_cell, rnn_relu_cell, rnn_tanh_cell
from xdl.functional.recurrent.recurrence import recurrence
from xdl.functional.reduce.cumulative import cumprod, cumsum, logcumsumexp, prod
from xdl.functional.reduce.extremes import amax, amin, argmax, argmin, max, median, min
from xdl.functional.reduce.gumbel import gumbel_softmax
from xdl.functional.reduce.order_statistics import *  # noqa: F403
from xdl.functional.reduce.order_statistics import __all__ as _order_statistics
from xdl.functional.reduce.reduce import all, any, count_nonzero, logsumexp, mean, nanmean, nansum, sum
from xdl.functional.reduce.softmax import log_softmax, softmax
from xdl.functional.reduce.statistics import norm, std, var
from xdl.functional.reduce.trapezoid import cumulative_trapezoid, trapezoid, trapz
from xdl.functional.shape.pad import pad
from xdl.functional.shape.rearrange import (
    broadcast_shapes,
    broadcast_tensors,
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
from xdl.functional.shape.shape import cat, expand, flatten, permute, reshape, squeeze, transpose, unflatten, unsqueeze
from xdl.functional.shape.views import *  # noqa: F403
from xdl.functional.shape.views import __all__ as _views
from xdl.functional.spellings import *  # noqa: F403
from xdl.functional.spellings import __all__ as _spellings
from xdl.functional.typed_errors import typed as _typed
from xdl.tape import backward as _backward
from xdl.tensor import Tensor as _Tensor

# fmt: off
__all__ = [
    *_views, *_special, *_order_statistics, *_membership, *_overwrite, *_vectors, *_spellings,
    "abs", "acos", "acosh", "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d",
    "adaptive_max_pool2d", "adaptive_max_pool3d", "add", "addcdiv", "addcmul", "addmm", "affine_grid", "all",
    "allclose", "alpha_dropout", "amax", "amin", "any", "argmax", "argmin", "argsort", "asin", "asinh", "atan", "atan2",
    "atanh", "avg_pool1d", "avg_pool2d", "avg_pool3d", "batch_norm", "bilinear", "binary_cross_entropy",
    "binary_cross_entropy_with_logits", "bincount", "bitwise_and", "bitwise_not", "bitwise_or", "bitwise_xor", "bmm",
    "broadcast_shapes", "broadcast_tensors", "broadcast_to", "cat", "ceil", "celu", "channel_shuffle", "chunk", "clamp",
    "clone", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "convolve",
    "cos", "cosh", "cosine_embedding_loss", "cosine_similarity", "count_nonzero", "cross_entropy", "ctc_loss",
    "cumprod", "cumsum", "cumulative_trapezoid", "diag", "diag_embed", "diagflat", "diagonal", "div", "dot", "dropout",
    "dropout1d", "dropout2d", "dropout3d", "einsum", "elu", "embedding", "embedding_bag", "eq", "erf", "erfc", "exp",
    "exp2", "expand", "expand_as", "expm1", "feature_alpha_dropout", "flatten", "flip", "floor", "floor_divide", "fmod",
    "fold", "frac", "gather", "gaussian_nll_loss", "ge", "gelu", "getitem", "glu", "grid_sample", "group_norm", "gru",
    "gru_cell", "gt", "gumbel_softmax", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "hinge_embedding_loss",
    "hstack", "huber_loss", "hypot", "index_add", "index_select", "inner", "instance_norm", "interpolate", "isclose",
    "isfinite", "isinf", "isnan", "kl_div", "kron", "kthvalue", "l1_loss", "layer_norm", "le", "leaky_relu", "lerp",
    "linear", "local_response_norm", "log", "log1p", "log2", "log10", "log_softmax", "logaddexp", "logcumsumexp",
    "logical_and", "logical_not", "logical_or", "logical_xor", "logsigmoid", "logsumexp", "lp_pool1d", "lp_pool2d",
    "lp_pool3d", "lstm", "lstm_cell", "lt", "margin_ranking_loss", "masked_fill", "masked_select", "matmul", "max",
    "max_pool1d", "max_pool2d", "max_pool3d", "max_unpool1d", "max_unpool2d", "max_unpool3d", "maximum", "mean",
    "median", "meshgrid", "min", "minimum", "mish", "mm", "movedim", "mse_loss", "mul", "multi_margin_loss",
    "multilabel_margin_loss", "multilabel_soft_margin_loss", "mv", "nan_to_num", "nanmean", "nansum", "ne", "neg",
    "nll_loss", "nonzero", "norm", "normalize", "one_hot", "outer", "pad", "pairwise_distance", "permute",
    "pixel_shuffle", "pixel_unshuffle", "poisson_nll_loss", "pow", "prelu", "prod", "reciprocal", "recurrence", "relu",
    "relu6", "remainder", "repeat", "repeat_interleave", "reshape", "rms_norm", "rnn_relu_cell", "rnn_tanh_cell",
    "roll", "round", "rrelu", "rsqrt", "scaled_dot_product_attention", "scatter", "scatter_add", "searchsorted", "selu",
    "setitem", "sigmoid", "sign", "silu", "sin", "sinh", "smooth_l1_loss", "soft_margin_loss", "softmax", "softmin",
    "softplus", "softshrink", "softsign", "sort", "split", "sqrt", "square", "squeeze", "stack", "std", "sub", "sum",
    "swapaxes", "t", "take_along_dim", "tan", "tanh", "tanhshrink", "tensordot", "threshold", "tile", "to", "topk",
    "trace", "transpose", "trapezoid", "trapz", "tril", "triplet_margin_loss", "triplet_margin_with_distance_loss",
    "triu", "trunc", "unbind", "unflatten", "unfold", "unfold_copy", "unique", "unsqueeze", "var", "view", "vstack",
    "where",
]
# fmt: on

# the functions of the innermost loops: they check their arguments themselves, and nothing stands before them
HOT = frozenset(
    (add, div, exp, linear, log, matmul, mul, neg, pow, relu, sigmoid, sqrt, sub, tanh),
)
globals().update({name: _typed(globals()[name]) for name in __all__ if globals()[name] not in HOT})
_bind(_Tensor, {**globals(), "backward": _backward})
