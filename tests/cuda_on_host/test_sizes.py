"""Sizes beyond what 16 and 32 bits count: they work, or are refused by name."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from tests.cuda_on_host.needs import needs_compiler
from tests.cuda_on_host.virtual import VirtualDevice
from xdl.backends.cuda_on_host.host_device import HostArray, HostDevice
from xdl.errors import ShapeError
from xdl.functional.conv.conv import Geometry
from xdl.kernels.cuda.conv import columns as columns_cuda
from xdl.kernels.cuda.conv import conv_tf32 as conv_tf32_cuda
from xdl.kernels.cuda.conv import depthwise as depthwise_cuda
from xdl.kernels.cuda.conv import im2col as im2col_cuda
from xdl.kernels.cuda.conv import planes as planes_cuda
from xdl.kernels.cuda.conv import pool as pool_cuda
from xdl.kernels.cuda.elementwise import random as random_cuda
from xdl.kernels.cuda.index import embedding as embedding_cuda
from xdl.kernels.cuda.launch import Kernels
from xdl.kernels.cuda.loss import cross_entropy as cross_entropy_cuda
from xdl.kernels.cuda.norm import batch_norm as norm_cuda
from xdl.kernels.cuda.optim.sgd import sgd_step
from xdl.kernels.cuda.recurrent import rnn as rnn_cuda
from xdl.kernels.cuda.reduce import column_sum as reduce_cuda
from xdl.kernels.cuda.reduce import softmax as softmax_cuda
from xdl.kernels.cuda.sizes import MAX_GRID_YZ

pytestmark = [needs_compiler, pytest.mark.skipif(sys.platform != "linux", reason="address space without memory")]
ONE, ZERO = (1, 1), (0, 0)
PLAIN, SAME = Geometry(ONE, ZERO, ONE, 1), Geometry(ONE, ONE, ONE, 1)
FAR = 30000  # a stride that makes few windows of a large plane


def convolve(device: VirtualDevice, x: HostArray, w: HostArray, geometry: Geometry) -> None:
    y = columns_cuda.conv2d_forward(device, x, w, device.empty((w.shape[0],), "float32"), geometry)
    columns_cuda.conv2d_input_gradient(device, y, w, x.shape[2:], geometry)
    columns_cuda.conv2d_weight_gradient(device, y, x, w.shape[2:], geometry)


def pools(device: VirtualDevice, x: HostArray) -> None:
    y, index = pool_cuda.max_pool_forward(device, x, x.shape[2:], ONE, ONE, ZERO, ONE)
    pool_cuda.max_pool_backward(device, y, index, x.shape[2:], ONE, ONE, ZERO, ONE)
    pool_cuda.average_pool_forward(device, x, x.shape[2:], ONE, ONE, ZERO, True)
    pool_cuda.average_pool_backward(device, y, x.shape[2:], ONE, ONE, ZERO, True)


def depthwise(device: VirtualDevice, x: HostArray) -> None:
    geometry = SAME._replace(groups=x.shape[1])
    w = device.empty((x.shape[1], 1, 3, 3), "float32")
    y = depthwise_cuda.depthwise_forward(device, x, w, None, geometry)
    depthwise_cuda.depthwise_input_gradient(device, y, w, x.shape[2:], geometry)
    depthwise_cuda.depthwise_weight_gradient(device, y, x, (3, 3), geometry)


def norms(device: VirtualDevice, x: HostArray) -> None:
    mean, var = norm_cuda.batch_statistics(device, x)
    norm_cuda.batch_norm_forward(device, x, mean, var, None, None, 1e-5)
    norm_cuda.batch_norm_backward(device, x, x, mean, var, None, 1e-5, True)
    reduce_cuda.channel_sum(device, x)
    planes_cuda.add_bias(device, x, mean)
    planes_cuda.swap_planes(device, x, device.empty((x.shape[1], x.shape[0], *x.shape[2:]), "float32"))


def rows(device: VirtualDevice, x: HostArray) -> None:
    softmax_cuda.softmax_backward(device, x, softmax_cuda.softmax_forward(device, x))
    labels, flag = device.empty(x.shape[:1], "int64"), device.empty((1,), "uint32")
    loss, count, sums = cross_entropy_cuda.cross_entropy_forward(device, x, labels, -100, flag)
    cross_entropy_cuda.cross_entropy_backward(device, loss, x, labels, -100, count, sums)
    reduce_cuda.column_sum(device, x)


def tokens(device: VirtualDevice, x: HostArray) -> None:
    ids, flag = device.empty(x.shape[:1], "int64"), device.empty((1,), "uint32")
    embedding_cuda.embedding_forward(device, device.empty((7, x.shape[1]), "float32"), ids, flag)
    embedding_cuda.embedding_backward(device, x, ids, 7)


def flat(device: VirtualDevice, x: HostArray) -> None:
    sgd_step(device, x, x, None, True, 0.1, 0.0, 0.0, 0.0, False)
    y, keep = random_cuda.dropout_forward(device, x, 5, 1.0, (1, 2), 0)
    random_cuda.dropout_backward(device, y, keep, 1.0)


def cells(device: VirtualDevice, x: HostArray) -> None:
    batch, hidden = x.shape
    three, four = (device.empty((batch, gates * hidden), "float32") for gates in (3, 4))
    rnn_cuda.lstm_cell_forward(device, four, None, None, x, x, x)
    rnn_cuda.gru_cell_forward(device, three, three, None, None, x, four, x)


LARGE = [
    (pools, (70000, 1, 3, 3)),
    (pools, (3, 2, 40000, 30000)),
    (depthwise, (70000, 2, 3, 3)),
    (depthwise, (9, 2, 20000, 30000)),
    (norms, (70000, 2, 200, 200)),
    (norms, (2, 70000, 200, 200)),
    (rows, (300_000_000, 9)),
    (rows, (2_200_000_000, 2)),
    (rows, (5, 1_000_000_000)),
    (tokens, (70000, 3)),
    (tokens, (1_000_000_000, 9)),
    (flat, (20_000_000_000,)),
    (cells, (70000, 3)),
    (lambda device, x: convolve(device, x, device.empty((5, 2, 3, 3), "float32"), SAME), (70000, 2, 3, 3)),
    (lambda device, x: convolve(device, x, device.empty((4, 1, 1, 1), "float32"), PLAIN), (3, 1, 30000, 30000)),
    (lambda device, x: convolve(device, x, device.empty((4, 2, 3, 3), "float32"), SAME), (2, 2, 30000, 40000)),
    (conv_tf32_cuda.channels_last, (70000, 40, 3, 3)),
    (conv_tf32_cuda.channels_last, (2, 40, 30000, 30000)),
]


@pytest.mark.parametrize(("work", "shape"), LARGE, ids=lambda value: str(getattr(value, "__name__", value)))
def test_no_launch_is_beyond_the_limits(work, shape) -> None:
    """The launcher refuses a grid or an int that is; here none may be."""
    device = VirtualDevice()
    work(device, device.empty(shape, "float32"))
    assert device.launches


def test_the_launcher_refuses_grids_that_cuda_refuses() -> None:
    device = HostDevice()
    p = device.empty((1,), "float32")
    kernels = Kernels(device, "sgd.cu")
    for grid in ((2**31,), (1, MAX_GRID_YZ + 1), (1, 1, MAX_GRID_YZ + 1)):
        with pytest.raises(ShapeError, match="sgd_step: expected a grid of at most"):
            kernels.launch("sgd_step", grid, (1,), p, p, None, 1, *[0.0] * 4, 0, 0)


@pytest.mark.parametrize("shape", [(1, 1, 50000, 50000), (1, 1, 1, 2**31)])
def test_a_plane_beyond_32_bits_is_refused_by_name(shape) -> None:
    device = VirtualDevice()
    x, w = device.empty(shape, "float32"), device.empty((1, 1, 1, 1), "float32")
    far = PLAIN._replace(stride=(FAR, FAR))
    for name, work in {
        "im2col": lambda: im2col_cuda.im2col(device, x, ONE, far),
        "max_pool": lambda: pool_cuda.max_pool_forward(device, x, ONE, ONE, (FAR, FAR), ZERO, ONE),
        "average_pool": lambda: pool_cuda.average_pool_forward(device, x, ONE, ONE, (FAR, FAR), ZERO, True),
        "depthwise": lambda: depthwise_cuda.depthwise_forward(device, x, w, None, far),
        "add_bias": lambda: planes_cuda.add_bias(device, x, w),
        "channels_last": lambda: conv_tf32_cuda.channels_last(device, x),
    }.items():
        with pytest.raises(ShapeError, match=f"{name}: expected at most 2147418112 elements in a plane"):
            work()
    assert not device.launches


def test_a_product_beyond_32_bits_is_refused_by_name() -> None:
    device = VirtualDevice()
    a, b, out = (device.empty(shape, "float32") for shape in ((2**31, 1), (1, 1), (2**31, 1)))
    with pytest.raises(ShapeError, match="gemm: expected at most 2147418112 rows or columns"):
        device.gemm(a, b, out)


def test_a_padding_beyond_32_bits_is_refused_by_name() -> None:
    device = VirtualDevice()
    geometry = Geometry((2**30, 2**30), (2**30, 2**30), ONE, 1)
    with pytest.raises(ShapeError, match="rows or columns in a padded plane"):
        im2col_cuda.im2col(device, device.empty((1, 1, 4, 4), "float32"), ONE, geometry)


def test_far_elements_are_found() -> None:
    """Kernels run on arrays of 16 GiB of which few elements are read and written."""
    device = VirtualDevice(runs=True)
    x = device.empty((4, 1, 2 * FAR + 1, FAR + 1), "float32")
    places = x[:, :, ::FAR, ::FAR]
    places[...] = np.arange(1, 25, dtype=np.float32).reshape(places.shape)
    far = PLAIN._replace(stride=(FAR, FAR))
    w = device.empty((1, 1, 1, 1), "float32")
    w[...] = 1
    settings = ((3, 2), ONE, (FAR, FAR), ZERO)
    y, index = pool_cuda.max_pool_forward(device, x, *settings, ONE)
    assert np.array_equal(np.ravel(index[3]), [(h * x.shape[3] + w) * FAR for h in (0, 1, 2) for w in (0, 1)])
    for found in (
        y,
        pool_cuda.average_pool_forward(device, x, *settings, True),
        im2col_cuda.im2col(device, x, ONE, far).reshape(places.shape),
        columns_cuda.conv2d_forward(device, x, w, None, far),
        depthwise_cuda.depthwise_forward(device, x, w, None, far),
    ):
        assert np.array_equal(found, places)


@pytest.mark.parametrize("groups", [1, 4])
def test_columns_fit_the_budget(groups) -> None:
    """VGG at 224, a batch of 128: 14.8 GB of columns, in chunks."""
    device = VirtualDevice()
    x, w = device.empty((128, 64, 224, 224), "float32"), device.empty((64, 64 // groups, 3, 3), "float32")
    y = columns_cuda.conv2d_forward(device, x, w, None, geometry := SAME._replace(groups=groups))
    columns_cuda.conv2d_input_gradient(device, y, w, (224, 224), geometry)
    columns_cuda.conv2d_weight_gradient(device, y, x, (3, 3), geometry)
    beside = [size for size in device.made if size != x.nbytes]
    assert max(beside) <= columns_cuda.COLUMN_BYTES
    assert len(device.products) == 3 * 64


@pytest.mark.parametrize(("kernel", "groups"), [((3, 3), 1), ((1, 1), 1), ((3, 3), 4), ((1, 1), 4)])
def test_products_do_not_grow_with_images_or_groups(kernel, groups) -> None:
    """One product each for y, dx and dw, while the columns are one chunk."""
    device = VirtualDevice()
    x, w = device.empty((128, 16, 32, 32), "float32"), device.empty((16, 16 // groups, *kernel), "float32")
    convolve(device, x, w, (SAME if kernel == (3, 3) else PLAIN)._replace(groups=groups))
    assert len(device.products) == 3
    assert len(device.launches) <= 11
