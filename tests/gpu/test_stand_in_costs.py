"""What the stand-in for CuPy counts: launches, products, waits, copies and misaligned pointers, with their places."""

import ctypes

import numpy as np
import pytest

import xdl
from tests.cuda_on_host.needs import needs_compiler
from tests.stand_in_cupy import counted
from tests.stand_in_cupy.kernels import CUDADriverError
from xdl.kernels.cuda.device import CupyDevice
from xdl.kernels.cuda.launch import Kernels
from xdl.kernels.cuda.optim.sgd import sgd_step

COSTS = {  # (launches, products, waits, copies)
    "x + y": (1, 0, 0, 0),
    "x += y": (1, 0, 0, 0),
    "x.T[:, None].reshape(6)": (1, 0, 0, 0),
    "x[1].reshape(3, 1)": (0, 0, 0, 0),
    "x.sum()": (1, 0, 0, 0),
    "x.var()": (2, 0, 0, 0),
    "cupy.zeros(3)": (1, 0, 0, 0),
    "cupy.empty(3)": (0, 0, 0, 0),
    "x.copy()": (0, 0, 0, 1),
    "x.T.copy()": (1, 0, 0, 0),
    "x.astype('float64')": (1, 0, 0, 0),
    "x.astype('float32', copy=False)": (0, 0, 0, 0),
    "cupy.asarray(np.ones(3))": (0, 0, 0, 1),
    "cupy.concatenate([x, y])": (2, 0, 0, 0),
    "cupy.concatenate([x, y] * 4)": (8, 0, 0, 0),
    "cupy.concatenate([x, y] * 5)": (1, 0, 0, 1),
    "cupy.concatenate([x, y[:1]] * 5)": (1, 0, 0, 3),
    "cupy.exp(x[:0])": (0, 0, 0, 0),
    "x[i]": (1, 0, 0, 0),
    "x[[0, 1]]": (1, 0, 0, 1),
    "x[x > 0]": (4, 0, 1, 1),
    "x.__setitem__(..., 0)": (1, 0, 0, 0),
    "x.__setitem__(..., y)": (0, 0, 0, 1),
    "x.__setitem__(x > 0, 1.0)": (4, 0, 1, 2),
    "x @ y.T": (0, 1, 0, 0),
    "cupy.matmul(z, z)": (0, 1, 0, 0),
    "cupy.matmul(z, z[0])": (0, 1, 0, 3),
    "cupy.matmul(z, z.mT)": (1, 1, 0, 0),
    "bool(x[0, 0])": (0, 0, 1, 1),
    "x.item(0)": (0, 0, 1, 1),
    "cupy.asnumpy(x)": (0, 0, 1, 1),
    "cupy.nonzero(x)": (4, 0, 1, 1),
    "cupy.repeat(i, i)": (2, 0, 1, 1),
    "cupy.cuda.Device().synchronize()": (0, 0, 1, 0),
    "cupy.linalg.inv(z)": (3, 0, 0, 0),
}


@pytest.mark.parametrize("call", COSTS)
def test_the_cost_of_a_call(stand_in, call):
    x, y = (stand_in.asarray(np.arange(1, 7, dtype=np.float32).reshape(2, 3)) for _ in range(2))
    given = {"cupy": stand_in, "np": np, "x": x, "y": y, "i": stand_in.asarray(np.array([0, 1]))}
    given["z"] = stand_in.asarray(np.stack([np.eye(3, dtype=np.float32)] * 2))
    with counted() as costs:
        if call == "x += y":
            x += y
        else:
            eval(call, given)
    tallies = (costs.launches, costs.products, costs.waits, costs.copies)
    assert tuple(tally.total() for tally in tallies) == COSTS[call]


def test_the_place_is_that_of_xdls_code(stand_in):
    xdl.use("cupy")
    x = xdl.ones(3)
    with counted() as costs, counted() as inner:
        x.exp()
    ((what, place),) = costs.launches
    assert what == "exp"
    assert place.startswith("xdl/functional/elementwise/")
    assert costs.launches == inner.launches
    assert costs.launches.by_place() == {place: 1}
    assert costs.launches.listing().split() == ["1", "exp", *place.split()]
    with counted() as costs:
        x.array.sum()
    assert next(iter(costs.launches.by_place())).startswith("test_stand_in_costs.py:")


@needs_compiler
def test_kernels_of_xdl_are_named_and_their_pointers_looked_at(stand_in):
    device = CupyDevice()
    p, g = (device.to_device(np.ones(9, np.float32)) for _ in range(2))
    with counted() as costs:
        sgd_step(device, p, g, None, True, 0.5, 0.0, 0.0, 0.0, False)
        sgd_step(device, p[1:], g[1:], None, True, 0.5, 0.0, 0.0, 0.0, False)
    assert costs.launches.by_name() == {"sgd_step": 2}
    assert costs.misaligned.by_name() == {"sgd_step": 2}
    assert all(place.startswith("kernels/cuda/optim/") for place in costs.misaligned.by_place())
    assert p.tolist() == [0.5] + [0.0] * 8


@needs_compiler
def test_a_kernel_takes_exact_c_types_and_grids_that_fit(stand_in):
    probe = Kernels(CupyDevice(), "softmax.cu")
    name, signature = next(iter(probe.signatures.items()))
    function = probe.module.get_function(name)
    x = stand_in.ones(4, "float32")
    right = [x if p.pointer else getattr(np, p.dtype)(0) for p in signature.parameters]
    wrong = [np.int8(0) if isinstance(argument, np.generic) else argument for argument in right]
    with pytest.raises((AssertionError, KeyError)):
        function((1,), (32,), wrong)
    for grid, block in (((1, 65536), (32,)), ((1,), (1025,)), ((0,), (32,))):
        with pytest.raises(CUDADriverError, match="CUDA_ERROR_INVALID_VALUE"):
            function(grid, block, right)


@pytest.mark.parametrize("transposed", [(0, 0), (1, 0), (0, 1), (1, 1)])
@pytest.mark.parametrize("stride", ["each", "one for all"])
def test_cublas_by_addresses(stand_in, transposed, stride):
    blas, random = stand_in.cuda.cublas, np.random.default_rng(0)
    m, n, k, count = 3, 4, 5, 2
    a, b = random.standard_normal((count, m, k)), random.standard_normal((count if stride == "each" else 1, k, n))
    a, b = (x.astype(np.float32) for x in (a, b))
    held = [
        stand_in.asarray(np.ascontiguousarray(x.mT if t == 0 else x)) for x, t in zip((a, b), transposed, strict=True)
    ]
    c = stand_in.ones((count, n, m), "float32")
    alpha, beta = np.array([2, 3], np.float32)[:, None]
    leading = [m if transposed[0] == 0 else k, k if transposed[1] == 0 else n]
    kind, compute = stand_in.cuda.runtime.CUDA_R_32F, blas.CUBLAS_COMPUTE_32F
    with counted() as costs:
        blas.gemmStridedBatchedEx(
            stand_in.cuda.device.get_cublas_handle(), *transposed, m, n, k, alpha.ctypes.data,
            held[0].data.ptr, kind, leading[0], m * k, held[1].data.ptr, kind, leading[1], k * n * (stride == "each"),
            beta.ctypes.data, c.data.ptr, kind, m, m * n, count, compute, blas.CUBLAS_GEMM_DEFAULT,
        )  # fmt: skip
    assert costs.products.by_name() == {"gemmStridedBatchedEx": 1}
    np.testing.assert_allclose(c.get().mT, 2 * (a @ b) + 3, rtol=1e-5)


@needs_compiler
def test_a_kernel_by_the_addresses_of_its_arguments(stand_in):
    function = Kernels(CupyDevice(), "column_sum.cu").module.get_function("column_sum")
    a = stand_in.asarray(np.arange(12, dtype=np.float32).reshape(3, 4))
    partial = stand_in.empty((1, 4), "float32")
    cells = [ctypes.c_void_p(a.data.ptr), ctypes.c_void_p(partial.data.ptr), *map(ctypes.c_int, (3, 4, 3))]
    addresses = (ctypes.c_void_p * len(cells))(*map(ctypes.addressof, cells))
    with counted() as costs:
        stand_in.cuda.driver.launchKernel(function.ptr, 1, 1, 1, 32, 8, 1, 0, 0, ctypes.addressof(addresses), 0)
    assert costs.launches.by_name() == {"column_sum": 1}
    assert partial.tolist() == [[12, 15, 18, 21]]
