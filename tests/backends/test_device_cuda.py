"""CupyDevice without a GPU: what it hands to CuPy, and every kernel family and slot through it, by a fake CuPy."""

from pathlib import Path

import numpy as np
import pytest

from tests.cuda_on_host.cases.families import FAMILIES
from tests.cuda_on_host.needs import needs_compiler
from xdl import backend, kernel
from xdl.errors import BackendError
from xdl.kernels.cuda.device import CupyDevice
from xdl.kernels.cuda.launch import Kernels
from xdl.kernels.cuda.optim.sgd import sgd_step
from xdl.report.parity import CASES, measure

PLANTED = Path(__file__).parents[1] / "cuda_on_host" / "planted_bugs.cu"  # has a kernel with dynamic shared memory


@pytest.fixture
def device(cupy):
    return CupyDevice()


def test_it_reads_the_properties_of_the_gpu(device):
    assert (device.name, device.shared_limit, device.multiprocessors) == ("cupy", 227 << 10, 132)
    assert device.compiled.architecture == "sm_90"


def test_arrays(device, cupy):
    x = device.to_device(np.arange(6, dtype=np.float32).reshape(2, 3).T)
    assert (type(x), x.flags.c_contiguous, device.owns(x)) == (cupy.ndarray, True, True)
    y = device.empty((3, 2), "float32")
    assert (type(y), y.shape, y.dtype) == (cupy.ndarray, (3, 2), np.float32)
    device.copy(x, y)
    assert device.to_host(y).tolist() == [[0, 3], [1, 4], [2, 5]]
    assert not device.owns(np.ones(3))


def test_gemm_takes_stacks_and_transposed_views(device):
    random = np.random.default_rng(0)
    a, b = random.standard_normal((2, 3, 4)), random.standard_normal((2, 5, 4))
    on_device = [device.to_device(x) for x in (a, b)]
    out = device.empty((2, 3, 5), "float64")
    device.gemm(on_device[0], on_device[1].swapaxes(1, 2), out)
    assert np.allclose(device.to_host(out), a @ b.swapaxes(1, 2), rtol=1e-14)
    device.gemm(on_device[0], on_device[1].swapaxes(1, 2), out, accumulate=True)
    assert np.allclose(device.to_host(out), 2 * a @ b.swapaxes(1, 2), rtol=1e-14)


def test_synchronize_waits_for_the_stream_of_the_kernels(device, cupy):
    device.synchronize()
    assert cupy.waited == ["stream"]


@pytest.mark.parametrize("accumulate", [False, True])
def test_gemm_of_matrices(device, accumulate):
    random = np.random.default_rng(0)
    a, b, out = (device.to_device(random.standard_normal(shape)) for shape in ((4, 3), (5, 4), (3, 5)))
    expected = np.asarray(a).T @ np.asarray(b).T + (np.asarray(out) if accumulate else 0)
    device.gemm(a.T, b.T, out, accumulate=accumulate)
    assert np.allclose(device.to_host(out), expected, rtol=1e-13)


@needs_compiler
@pytest.mark.parametrize("real", ["float32", "float64"])
def test_scalars_go_in_with_their_exact_c_type(device, cupy, real):
    p, g = (device.to_device(np.ones(5, real)) for _ in range(2))
    sgd_step(device, p, g, None, True, 0.5, 0.0, 0.0, 0.0, False)
    assert device.to_host(p).tolist() == [0.5] * 5
    ((name, arguments, shared, cooperative),) = cupy.launched
    assert (name, shared, cooperative) == ("sgd_step", 0, False)
    assert [id(argument) for argument in arguments[:3]] == [id(p), id(g), id(None)]
    scalars = [type(argument).__name__ for argument in arguments[3:]]
    assert set(scalars) <= {"int32", "int64", real}
    assert real in scalars


@needs_compiler
def test_much_shared_memory_is_asked_for(device, cupy):
    kernels = Kernels(device, str(PLANTED))
    out = device.to_device(np.zeros(256, np.float32))
    for size in (1024, 48 << 10):
        kernels.launch("dynamic_shared_not_initialised", (1,), (256,), out, 0, shared_bytes=size)
    assert [function.shared_allowed for function in cupy.functions.values()] == [48 << 10]
    kernels.launch("dynamic_shared_not_initialised", (1,), (256,), out, 0, shared_bytes=100 << 10)
    assert [function.shared_allowed for function in cupy.functions.values()] == [100 << 10]


@needs_compiler
def test_cooperative_kernels_are_launched_as_such_and_only_where_they_fit(device, cupy):
    case = FAMILIES["persistent"][0]
    assert all(check.error <= check.tolerance for check in case(device, "float32", True))
    cooperative = [name.removeprefix("recurrent_persistent_") for name, _, _, together in cupy.launched if together]
    assert cooperative == ["forward", "backward"] * 2
    cupy.cuda.driver.occupancyMaxActiveBlocksPerMultiprocessor = lambda *_sizes: 0
    with pytest.raises(BackendError, match="Take the fallback"):
        list(case(device, "float32", True))


@needs_compiler
def test_a_file_is_loaded_once_for_each_set_of_definitions(device):
    first = Kernels(device, "sgd.cu")
    assert Kernels(device, "sgd.cu").module is first.module
    assert Kernels(device, "sgd.cu", real="float64").module is not first.module


@needs_compiler
@pytest.mark.parametrize("family", FAMILIES)
def test_every_kernel_family_runs_through_it(device, cupy, family):
    case, reals = FAMILIES[family]
    checks = [check for real in reals for check in case(device, real, True)]
    assert cupy.launched
    assert checks
    assert [check for check in checks if not check.error <= check.tolerance] == []


@needs_compiler
def test_every_slot_runs_on_the_backend(cupy):
    backend.load("cupy")
    kernel.set_mode("required")
    rows = list(measure(["cupy"], repeats=1))
    assert len(rows) == 2 * len(CASES)
    bounds = {"float32": 2e-6, "float64": 1e-12}
    assert [row for row in rows if not max(row.forward, row.backward or 0) <= bounds[row.dtype]] == []
    assert [row for row in rows if row.version == "reference"] == []
