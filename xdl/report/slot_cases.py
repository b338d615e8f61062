"""What parity is measured on: a call of every kernel slot. See parity.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xdl import backend, random
from xdl import functional as F
from xdl.functional import either
from xdl.functional.conv.conv import Geometry, input_grad, weight_grad
from xdl.functional.conv.conv_activation import conv2d_activation
from xdl.functional.elementwise.add_relu import add_relu
from xdl.functional.elementwise.arithmetic import add
from xdl.functional.elementwise.division import divide
from xdl.functional.elementwise.dropout_add import dropout_add
from xdl.functional.index.order import top_indices
from xdl.functional.index.select import sum_at
from xdl.functional.norm.batch_norm import counting_batch_norm, move_running_slot
from xdl.functional.norm.batch_norm_activation import normalized_and
from xdl.functional.norm.batch_norm_add_relu import normalized_add_relu
from xdl.functional.products.linear_activation import linear_activation
from xdl.functional.recurrent.both_directions import both_directions
from xdl.functional.recurrent.recurrence import recurrence
from xdl.functional.reduce.running import linear_scan, running_best
from xdl.random import philox
from xdl.report.update_cases import UPDATES, Case, copied
from xdl.tensor import Tensor


def _gates(n: int) -> tuple[tuple[int, ...], ...]:
    """Weights and biases of a recurrent layer with n gates, 24 inputs and 32 hidden units."""
    return (n * 32, 24), (n * 32, 32), (n * 32,), (n * 32,)


def _both(x: Tensor, *given: Tensor) -> Tensor:
    forwards, backwards = ([h, None, *w, None, None] for h, *w in (given[:5], given[5:]))
    return both_directions("gru", x, forwards, backwards)[0]


def _dropout(x: Tensor) -> Tensor:
    random.manual_seed(0)
    return F.dropout(x, 0.3)


def _dropout_add(x: Tensor, r: Tensor) -> Tensor:
    random.manual_seed(0)
    return dropout_add(x, r, 0.3)


def _norm_and(run: Callable[..., Any], x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return counting_batch_norm(x, None, None, None, w, b, True, 0.1, 1e-5, run)


def _words(x: Tensor) -> Tensor:
    """The upper 24 bits of the words, which float32 holds exactly."""
    words = philox.philox_words(x.array, (1, 2), 3, 0, 1000)[1]
    xp = backend.namespaces[type(words)]
    return Tensor(xp.astype(words >> 40, x.array.dtype))


def _pieces(x: Tensor) -> Tensor:
    """The upper 24 bits of the halves of words."""
    halves = philox.pieces(philox.philox_words(x.array, (1, 2), 3, 0, 500)[1], 32)
    xp = backend.namespaces[type(halves)]
    return Tensor(xp.astype(halves >> 8, x.array.dtype))


def _put(x: Tensor, values: Tensor, rows: Tensor) -> Tensor:
    """x with rows that were written, of equal ones the last."""
    y = Tensor(copied(x))
    y[rows] = values.detach()
    return y


def _moved_mean(mean: Tensor, var: Tensor, mu: Tensor, v: Tensor) -> Tensor:
    """Running means after a step."""
    moved = copied(mean)
    move_running_slot(moved, copied(var), None, mu.array, v.array, 0.1, 1.01)
    return Tensor(moved)


_MAPS = (8, 16, 12, 12), (16,), (16,)
_same = Geometry((1, 1), (1, 1), (1, 1), 1)

CASES = (
    Case("linear", F.linear, ((64, 96), (80, 96), (80,))),
    Case("relu", F.relu, ((64, 1000),)),
    Case("matmul", lambda a, b: Tensor(either.matmul(a.array, b.array)), ((4, 30, 40), (4, 40, 20))),
    Case("division", lambda x, y: Tensor(divide("fmod", x.array, y.array)), ((64, 1000), (64, 1000))),
    Case("clip", lambda x: Tensor(either.clip(x.array, -0.5, None)), ((64, 1000),)),
    Case("pointwise", F.silu, ((64, 1000),)),
    Case("conv2d", lambda x, w, b: F.conv2d(x, w, b, padding=1), ((8, 16, 20, 20), (32, 16, 3, 3), (32,))),
    Case("conv2d", lambda x, w, b: F.conv2d(x, w, b, padding=1), ((4, 32, 2, 2), (32, 32, 3, 3), (32,))),
    Case("conv2d", lambda x, w, b: F.conv2d(x, w, b, (2, 1), 2, (1, 2), 2), ((4, 16, 15, 17), (16, 8, 5, 3), (16,))),
    Case("conv2d", lambda x, w, b: F.conv2d(x, w, b, padding=1), ((64, 3, 8, 8), (6, 3, 3, 3), (6,))),
    Case("conv2d", lambda x, w, b: F.conv2d(x, w, b, 2, 1, groups=17), ((4, 17, 9, 8), (17, 1, 3, 3), (17,))),
    Case(
        "conv2d_activation",
        lambda x, w, b: conv2d_activation(("gelu",), x, w, b, padding=1),
        ((8, 16, 20, 20), (32, 16, 3, 3), (32,)),
    ),
    Case(
        "conv2d_activation",
        lambda x, w, b: conv2d_activation(("relu",), x, w, b, padding=1),
        ((8, 16, 20, 20), (32, 16, 3, 3), (32,)),
    ),
    Case(
        "conv2d_activation",
        lambda x, w, b: conv2d_activation(("relu",), x, w, b, padding=1),
        ((4, 32, 2, 2), (32, 32, 3, 3), (32,)),
    ),
    Case(
        "conv2d_activation",
        lambda x, w, b: conv2d_activation(("relu",), x, w, b, 2),
        ((4, 16, 15, 17), (16, 16, 3, 3), (16,)),
    ),
    Case(
        "conv2d_activation",
        lambda x, w, b: conv2d_activation(("relu",), x, w, b, padding=1),
        ((64, 3, 8, 8), (6, 3, 3, 3), (6,)),
    ),
    Case("conv2d_input_grad", lambda g, w: input_grad(g, w, (4, 8, 14, 14), _same), ((4, 6, 14, 14), (6, 8, 3, 3))),
    Case("conv2d_weight_grad", lambda g, x: weight_grad(g, x, (6, 8, 3, 3), _same), ((4, 6, 14, 14), (4, 8, 14, 14))),
    Case("max_pool2d", lambda x: F.max_pool2d(x, 2), ((8, 16, 21, 21),)),
    Case("avg_pool2d", lambda x: F.avg_pool2d(x, 2), ((8, 16, 20, 20),)),
    Case("resample", lambda x: F.interpolate(x, (31, 15), mode="bicubic"), ((4, 8, 20, 20),)),
    Case("batch_norm_activation", lambda *xs: _norm_and(normalized_and(("leaky_relu", 0.2)), *xs), _MAPS),
    Case("batch_norm_add_relu", lambda r, *xs: _norm_and(normalized_add_relu(r), *xs), (_MAPS[0], *_MAPS)),
    Case("batch_norm", lambda x, w, b: F.batch_norm(x, None, None, w, b, True), _MAPS),
    Case("move_running", _moved_mean, ((100,),) * 4),
    Case("layer_norm", lambda x, w, b: F.layer_norm(x, (100,), w, b), ((128, 100), (100,), (100,))),
    Case("rms_norm", lambda x, w: F.rms_norm(x, (100,), w), ((128, 100), (100,))),
    Case("group_norm", lambda x, w, b: F.group_norm(x, 4, w, b), ((8, 16, 12, 12), (16,), (16,))),
    Case("gelu", F.gelu, ((64, 1000),)),
    Case("linear_activation", lambda x, w, b: linear_activation(x, w, b, ("gelu",)), ((64, 96), (80, 96), (80,))),
    Case("linear_activation", lambda x, w, b: linear_activation(x, w, b, ("relu",)), ((16, 24), (40, 24), (40,))),
    Case("linear_activation", lambda x, w, b: linear_activation(x, w, b, ("relu",)), ((64, 96), (80, 96), (80,))),
    Case("linear", F.linear, ((16, 24), (40, 24), (40,))),
    Case("add_relu", add_relu, ((64, 1000), (64, 1000))),
    Case("addition", add, ((64, 1000), (64, 1000))),
    Case("element_loss", lambda x, t: F.huber_loss(x, t), ((64, 1000), (64, 1000))),
    Case("softmax", lambda x: F.softmax(x, 1), ((128, 100),)),
    Case("prelu", lambda x, w: F.prelu(x, w), ((8, 3, 20), (3,))),
    Case("attention", F.scaled_dot_product_attention, ((2, 3, 40, 16),) * 3),
    Case("log_softmax", lambda x: F.log_softmax(x, 1), ((128, 100),)),
    Case("cross_entropy", lambda x, t: F.cross_entropy(x, t), ((128, 100),), (128, 100)),
    Case("embedding", lambda w, t: F.embedding(t, w), ((50, 24),), (300, 50)),
    Case("sum_at", lambda g, t: sum_at(g, t.array, 0, 50), ((300, 24),), (300, 50)),
    Case("put_items", _put, ((50, 24), (300, 24)), (300, 50)),
    Case("pad", lambda x: F.pad(x, (2, 3, 1, 4), "reflect"), ((8, 4, 20, 20),)),
    Case("top_indices", lambda x: Tensor(top_indices(x.array, 5, 1, True)[1]), ((64, 100),)),
    Case("along", lambda x: F.topk(x, 5).values, ((64, 100),)),
    Case("put_along", lambda x: F.kthvalue(x, 5).values, ((64, 100),)),
    Case("cumsum", lambda x: F.cumsum(x, 1), ((64, 1000),)),
    Case("running", lambda x: F.logcumsumexp(x, 1), ((64, 1000),)),
    Case(
        "linear_scan",
        lambda a, b: Tensor(linear_scan(a.array[:, 1:], b.array, 1, False)),
        ((64, 100), (64, 100)),
        scale=0.5,
    ),
    Case("running_best", lambda x: Tensor(running_best(x.array, 1, True)[1]), ((64, 1000),)),
    Case("philox_words", _words, ((1,),)),
    Case("word_pieces", _pieces, ((1,),)),
    Case("dropout", _dropout, ((64, 1000),)),
    Case("dropout_add", _dropout_add, ((64, 1000), (64, 1000))),
    Case(
        "recurrence",
        lambda x, h, c, *w: F.lstm(x, (h, c), *w)[0],
        ((12, 16, 24), (16, 32), (16, 32), *_gates(4)),
        scale=0.3,
    ),
    Case("recurrence", lambda x, h, *w: F.gru(x, h, *w)[0], ((12, 16, 24), (16, 32), *_gates(3)), scale=0.3),
    *(
        Case(
            "recurrence",
            lambda x, h, *w, cell=cell: recurrence(cell, x, h, None, *w)[0],
            ((12, 16, 24), (16, 32), *_gates(gates)),
            scale=0.3,
        )
        for cell, gates in (("gru_before", 3), ("rnn_tanh", 1))
    ),
    Case("both_directions", _both, ((12, 16, 24), *((16, 32), *_gates(3)) * 2), scale=0.3),
    *UPDATES,
)
