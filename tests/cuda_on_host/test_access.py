"""How well kernels use the memory: sectors and bank passes against what the same bytes need at best.

Shapes are whole multiples of a warp where a kernel is meant for that; then nothing may be wasted.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable

import numpy as np
import pytest

from tests.cuda_on_host.cases.check import random
from tests.cuda_on_host.needs import needs_compiler
from tests.cuda_on_host.profile import Traffic, profile
from xdl.backends.cuda_on_host.host_device import HostDevice
from xdl.functional.conv.conv import Geometry
from xdl.kernels.cuda.conv import conv_tf32 as conv_tf32_cuda
from xdl.kernels.cuda.conv import depthwise as depthwise_cuda
from xdl.kernels.cuda.conv import im2col as im2col_cuda
from xdl.kernels.cuda.conv import planes as planes_cuda
from xdl.kernels.cuda.conv import pool as pool_cuda
from xdl.kernels.cuda.elementwise import division as division_cuda
from xdl.kernels.cuda.elementwise import formulas as formulas_cuda
from xdl.kernels.cuda.elementwise import random as random_cuda
from xdl.kernels.cuda.index import embedding as embedding_cuda
from xdl.kernels.cuda.loss import cross_entropy as cross_entropy_cuda
from xdl.kernels.cuda.loss import element_loss as element_loss_cuda
from xdl.kernels.cuda.norm import batch_norm as norm_cuda
from xdl.kernels.cuda.norm import group_norm as group_norm_cuda
from xdl.kernels.cuda.norm import layer_norm as layer_norm_cuda
from xdl.kernels.cuda.optim.adam import adam_step
from xdl.kernels.cuda.optim.sgd import sgd_step
from xdl.kernels.cuda.recurrent import cell as any_cuda
from xdl.kernels.cuda.recurrent import persistent_layer as persistent_cuda
from xdl.kernels.cuda.recurrent import rnn as rnn_cuda
from xdl.kernels.cuda.reduce import column_sum as reduce_cuda
from xdl.kernels.cuda.reduce import softmax as softmax_cuda

pytestmark = [
    needs_compiler,
    pytest.mark.skipif(shutil.which("addr2line") is None, reason="no addr2line: install binutils"),
]
ONE, ZERO, TWO = (1, 1), (0, 0), (2, 2)
SAME, PLAIN = Geometry(ONE, ONE, ONE, 1), Geometry(ONE, ZERO, ONE, 1)


def arrays(device: HostDevice, *shapes: tuple[int, ...]) -> list:
    return [device.to_device(random(shape, "float32", seed)) for seed, shape in enumerate(shapes)]


def pools(device: HostDevice) -> None:
    x, g = arrays(device, (1, 2, 64, 64), (1, 2, 32, 32))
    _, index = pool_cuda.max_pool_forward(device, x, (32, 32), TWO, TWO, ZERO, ONE)
    pool_cuda.max_pool_backward(device, g, index, (64, 64), TWO, TWO, ZERO, ONE)
    pool_cuda.average_pool_forward(device, x, (32, 32), TWO, TWO, ZERO, True)
    pool_cuda.average_pool_backward(device, g, (64, 64), TWO, TWO, ZERO, True)


def columns(device: HostDevice) -> None:
    (x,) = arrays(device, (1, 2, 32, 32))
    made = im2col_cuda.im2col(device, x, (3, 3), SAME)
    im2col_cuda.col2im(device, made, x, (3, 3), SAME)


def depthwise(device: HostDevice) -> None:
    x, g, w = arrays(device, (1, 2, 32, 32), (1, 2, 32, 32), (2, 1, 3, 3))
    depthwise_cuda.depthwise_forward(device, x, w, None, SAME)
    depthwise_cuda.depthwise_input_gradient(device, g, w, (32, 32), SAME)


def depthwise_weights(device: HostDevice) -> None:
    x, g = arrays(device, (1, 2, 32, 32), (1, 2, 32, 32))
    depthwise_cuda.depthwise_weight_gradient(device, g, x, (3, 3), SAME)


def planes(device: HostDevice) -> None:
    x, y, bias = arrays(device, (2, 3, 8, 8), (3, 2, 8, 8), (2,))
    planes_cuda.swap_planes(device, x, y, bias)
    planes_cuda.add_bias(device, y, bias)


def norms(device: HostDevice) -> None:
    x, g, gamma, beta = arrays(device, (2, 2, 32, 32), (2, 2, 32, 32), (2,), (2,))
    mean, var = norm_cuda.batch_statistics(device, x)
    norm_cuda.batch_norm_forward(device, x, mean, var, gamma, beta, 1e-5)
    norm_cuda.batch_norm_backward(device, g, x, mean, var, gamma, 1e-5, True)


def row_norms(device: HostDevice) -> None:
    for x, g, gamma, beta in (
        arrays(device, (8, 128), (8, 128), (128,), (128,)),
        arrays(device, *2 * [(2, 2048)], *2 * [(2048,)]),
    ):
        _, mean, r = layer_norm_cuda.layer_norm_forward(device, x, gamma, beta, 1e-5)
        layer_norm_cuda.layer_norm_input_gradient(device, g, x, gamma, mean, r)
        layer_norm_cuda.layer_norm_parameter_gradients(device, g, x, mean, r)
    x, g, gamma, beta = arrays(device, (2, 8, 512), (2, 8, 512), (8,), (8,))
    _, mean, r = group_norm_cuda.group_norm_forward(device, x, 2, gamma, beta, 1e-5)
    group_norm_cuda.group_norm_backward(device, g, x, 2, gamma, mean, r)


def sums(device: HostDevice) -> None:
    a, g = arrays(device, (64, 96), (2, 2, 32, 32))
    reduce_cuda.column_sum(device, a)
    reduce_cuda.channel_sum(device, g)


def softmaxes(device: HostDevice) -> None:
    x, g = arrays(device, (8, 128), (8, 128))
    softmax_cuda.softmax_backward(device, g, softmax_cuda.softmax_forward(device, x))


def losses(device: HostDevice) -> None:
    x, g_mean = arrays(device, (8, 128), (1,))
    labels, flag = device.to_device(np.arange(8)), device.to_device(np.zeros(1, np.uint32))
    _, *kept = cross_entropy_cuda.cross_entropy_forward(device, x, labels, -100, flag)
    cross_entropy_cuda.cross_entropy_backward(device, g_mean, x, labels, -100, *kept)
    x, t = arrays(device, (8, 128), (8, 128))
    for reduced in (element_loss_cuda.sum_of_losses, element_loss_cuda.loss_of_each):
        reduced(device, x, t, 0, 1.0, 1.0)
    element_loss_cuda.loss_backward(device, g_mean, x, t, 0, 1.0, 1.0, (True, True))


def optimizers(device: HostDevice) -> None:
    p, g, m, v = arrays(device, *[(512,)] * 4)
    sgd_step(device, p, g, m, False, 0.1, 0.9, 0.0, 0.0, False)
    adam_step(device, p, g, m, device.to_device(np.abs(v)), 1, 1e-3, 0.9, 0.999, 1e-8, 0.0, False)


def dropouts(device: HostDevice) -> None:
    x, g = arrays(device, (8192,), (8192,))
    _, keep = random_cuda.dropout_forward(device, x, 32768, 2.0, (1, 2), 0)
    random_cuda.dropout_backward(device, g, keep, 2.0)


def elements(device: HostDevice) -> None:
    x, g = arrays(device, (8192,), (8192,))
    formulas_cuda.activation_forward(device, x, (formulas_cuda.NUMBERS["silu"], ()))
    formulas_cuda.activation_backward(device, g, x, (formulas_cuda.NUMBERS["silu"], ()))
    division_cuda.division(device, "remainder", x, g, (8192,), "float32")


def cells(device: HostDevice) -> None:
    sums, c_prev, c, h, dh, dc = arrays(device, (2, 512), *[(2, 128)] * 5)
    rnn_cuda.lstm_cell_forward(device, sums, None, None, c_prev, c, h)
    rnn_cuda.lstm_cell_backward(device, sums, c_prev, c, dh, None, dc, device.empty((2, 512), "float32"))
    sums_x, sums_h, kept = arrays(device, (2, 384), (2, 384), (2, 512))
    rnn_cuda.gru_cell_forward(device, sums_x, sums_h, None, None, c_prev, kept, h)
    rnn_cuda.gru_cell_backward(device, kept, c_prev, dh, None, sums_x, sums_h, dc)
    p, dp = arrays(device, (3, 128), (2, 384))
    any_cuda.cell_forward(device, "lstm_peephole", sums, kept, None, None, p, None, c_prev, sums, h, c)
    any_cuda.cell_backward(device, "lstm_peephole", sums, p, None, c_prev, c, h, None, dh, dc, kept, None, dp)


def embeddings(device: HostDevice) -> None:
    weight, g = arrays(device, (6, 64), (40, 64))
    tokens, flag = device.to_device(np.arange(40) % 6), device.to_device(np.zeros(1, np.uint32))
    embedding_cuda.embedding_forward(device, weight, tokens, flag)
    embedding_cuda.embedding_backward(device, g, tokens, 6)


def tensor_cores(device: HostDevice) -> None:
    x, weight, bias = arrays(device, (1, 16, 16, 16), (64, 3, 3, 16), (64,))
    conv_tf32_cuda.conv_tf32_forward(device, x, weight, bias, SAME, True)


def transpositions(device: HostDevice) -> None:
    conv_tf32_cuda.channels_last(device, arrays(device, (2, 32, 8, 8))[0])


def persistent(device: HostDevice) -> None:
    for cell, gates in (("lstm", 4), ("gru", 3)):
        x, h, w_ih, w_hh = arrays(device, (2, 16, 8), (16, 32), (32 * gates, 8), (32 * gates, 32))
        way = persistent_cuda.Way(h, h if cell == "lstm" else None, w_ih, w_hh, None, None)
        for ways in ([way], [way, way]):
            finished = device.to_device(np.zeros(len(ways), np.uint32))
            layer, *_ = persistent_cuda.persistent_layer_forward(device, cell, x, ways, finished, False, False)
            persistent_cuda.persistent_layer_backward(device, layer, None, [h] * len(ways), [], False)


# case, the least efficiency of all global loads together, of all global stores, of shared memory (None: has none)
FLOORS = [
    (columns, 0.8, 1.0, None),  # a window beside a row's start touches one more sector
    (depthwise, 0.8, 1.0, None),
    (depthwise_weights, 0.8, 0.1, 1.0),  # a block writes one sum for each tap
    (planes, 1.0, 1.0, None),
    (transpositions, 1.0, 1.0, 1.0),
    (pools, 0.6, 1.0, None),  # windows of stride 2: neighbouring threads read every second element, the others next
    (norms, 1.0, 1.0, 1.0),
    (sums, 1.0, 1.0, 1.0),
    (softmaxes, 1.0, 1.0, None),
    (losses, 1.0, 1.0, 1.0),
    (row_norms, 1.0, 1.0, 1.0),
    (optimizers, 1.0, 1.0, None),
    (dropouts, 1.0, 1.0, 1.0),
    (elements, 1.0, 1.0, None),
    (cells, 1.0, 1.0, None),
    (embeddings, 1.0, 0.98, 1.0),  # sorted positions are scattered
    (tensor_cores, 1.0, 1.0, 1.0),
    (persistent, 1.0, 1.0, 1.0),
]


def efficiency(traffic: list[Traffic], memory: str, write: bool | None = None) -> float | None:
    """Ideal over actual transactions of all lines together."""
    chosen = [t for t in traffic if t.memory == memory and write in (None, t.write)]
    return sum(t.ideal for t in chosen) / sum(t.units for t in chosen) if chosen else None


@pytest.mark.parametrize(("case", "loads", "stores", "shared"), FLOORS, ids=[floor[0].__name__ for floor in FLOORS])
def test_memory_is_used_well(
    case: Callable[[HostDevice], None], loads: float, stores: float, shared: float | None
) -> None:
    traffic = profile(case)
    by_line = "\n".join(f"{t.line} {t.memory} {'st' if t.write else 'ld'} {t.efficiency:.2f}" for t in traffic)
    assert efficiency(traffic, "global", False) >= loads, by_line
    assert efficiency(traffic, "global", True) >= stores, by_line
    if shared is None:
        assert efficiency(traffic, "shared") is None, by_line
    else:
        assert efficiency(traffic, "shared") >= shared, by_line


def test_the_profiler_sees_waste() -> None:
    """Rows of 7 floats cannot fill sectors of 8; im2col's traffic is counted to the byte."""
    traffic = profile(lambda device: softmax_cuda.softmax_forward(device, arrays(device, (8, 7))[0]))
    assert efficiency(traffic, "global", True) < 0.7
    traffic = profile(lambda device: im2col_cuda.im2col(device, arrays(device, (1, 1, 8, 8))[0], ONE, PLAIN))
    assert {(t.write, t.requests, t.bytes, t.units) for t in traffic} == {(False, 2, 256, 8), (True, 2, 256, 8)}
