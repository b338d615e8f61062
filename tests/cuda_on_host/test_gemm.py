"""Products of stacks: every layout that xdl makes, in as few calls as can be, against NumPy's matmul."""

from itertools import product

import numpy as np
import pytest

from xdl.backends.cuda_on_host.host_device import HostDevice
from xdl.errors import BackendError, ShapeError
from xdl.kernels.cuda.products.gemm import Product, calls

BATCHES = {  # batch dimensions of a and b -> calls
    ((), ()): 1,
    ((3,), (3,)): 1,
    ((1,), (3,)): 1,
    ((), (3,)): 1,
    ((2,), (4, 2)): 2,
    ((1,), (4, 1)): 1,
    ((1, 2), (4, 2)): 2,
    ((4, 2), (4, 2)): 1,
    ((5, 1), (5, 3)): 3,
    ((2, 1, 3), (2, 4, 3)): 6,
    ((0,), (0,)): 0,
}


class CountingDevice(HostDevice):
    def __init__(self):
        super().__init__()
        self.products, self.copies = 0, 0

    def product(self, *arguments):
        self.products += 1
        super().product(*arguments)

    def copy(self, source, target):
        self.copies += 1
        super().copy(source, target)


def made(device, shape, transposed, padded=0, dtype="float32"):
    """An array of that shape whose matrices lie transposed, or with `padded` elements behind each row."""
    *batch, rows, columns = shape
    size = (*batch, columns, rows) if transposed else (*batch, rows, columns + padded)
    x = device.to_device(np.random.default_rng(sum(size)).standard_normal(size).astype(dtype))
    return x.swapaxes(-1, -2) if transposed else x[..., :columns]


@pytest.mark.parametrize("batches", BATCHES, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_products_are_those_of_matmul(batches, dtype):
    batch = np.broadcast_shapes(*batches)
    for (m, k, n), turned_a, turned_b, add, padded in product(
        [(2, 3, 4), (1, 3, 4), (2, 1, 4), (2, 3, 1), (1, 1, 1), (5, 7, 6)], (0, 1), (0, 1), (0, 1), (0, 2)
    ):
        device = CountingDevice()
        a = made(device, (*batches[0], m, k), turned_a, padded, dtype)
        b = made(device, (*batches[1], k, n), turned_b, padded, dtype)
        out = made(device, (*batch, m, n), False, padded, dtype)
        expected = np.matmul(np.array(a), np.array(b)) + (np.array(out) if add else 0)
        device.gemm(a, b, out, accumulate=bool(add))
        np.testing.assert_allclose(out, expected, 1e-5, 1e-5)
        if not padded:
            assert (device.products, device.copies) == (BATCHES[batches], 0)


def test_what_no_product_takes_is_copied():
    device = CountingDevice()
    a, b = made(device, (4, 6), False)[:, ::2], made(device, (3, 2), False)
    out = device.empty((4, 2), "float32")
    device.gemm(a, b, out)
    np.testing.assert_allclose(out, np.array(a) @ np.array(b), 1e-6)
    assert (device.products, device.copies) == (1, 1)


def test_products_over_nothing_are_zeros():
    device = HostDevice()
    out = device.to_device(np.ones((2, 3), np.float32))
    a, b = device.empty((2, 0), "float32"), device.empty((0, 3), "float32")
    device.gemm(a, b, out, accumulate=True)
    assert (out == 1).all()
    device.gemm(a, b, out)
    assert (out == 0).all()


def test_an_out_without_dense_rows_is_refused():
    device = HostDevice()
    a = made(device, (2, 2), False)
    with pytest.raises(ShapeError, match="an out with dense rows"):
        device.gemm(a, a, made(device, (2, 2), True))
    overlapping = Product("float32", 2, 2, 2, (False, False), (1, 2, 2), (0, 0, 0), (0, 0, 0), False, 1)
    with pytest.raises(BackendError, match="rows that do not overlap"):
        device.product(overlapping, *[device.address(a)] * 3, False)


def test_calls_are_worked_out_once():
    layout = ((2, 2), (2, 1))
    assert calls("float32", layout, layout, layout, False) is calls("float32", layout, layout, layout, False)
