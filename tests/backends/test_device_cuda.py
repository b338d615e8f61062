"""CupyDevice on the stand-in: what it hands to CuPy, and every kernel family and slot through it."""

from pathlib import Path

import numpy as np
import pytest

from tests.cuda_on_host.cases.families import FAMILIES
from tests.cuda_on_host.needs import WITHOUT_CUDA, needs_compiler
from tests.stand_in_cupy import counted
from tests.stand_in_cupy.kernels import CUDADriverError, Function
from xdl import backend, kernel
from xdl.errors import BackendError
from xdl.kernels.cuda.device import CupyDevice
from xdl.kernels.cuda.launch import Kernels
from xdl.kernels.cuda.optim.sgd import sgd_step
from xdl.report.parity import CASES, measure

PLANTED = Path(__file__).parents[1] / "cuda_on_host" / "planted_bugs.cu"  # has a kernel with dynamic shared memory


@pytest.fixture
def device(stand_in):
    return CupyDevice()


@pytest.fixture
def launched(stand_in, monkeypatch):
    """(name, bytes of shared memory, whether cooperative) of every launch."""
    found, run = [], Function.run

    def noted(self, grid, block, shared_bytes, parameters, cooperative):
        found.append((self.name, shared_bytes, cooperative))
        run(self, grid, block, shared_bytes, parameters, cooperative)

    monkeypatch.setattr(Function, "run", noted)
    return found


def test_it_reads_the_properties_of_the_gpu(device):
    assert (device.name, device.shared_limit, device.multiprocessors) == ("cupy", 227 << 10, 132)
    assert device.compiled.architecture == "sm_90"


def test_arrays(device, stand_in):
    x = device.to_device(np.arange(6, dtype=np.float32).reshape(2, 3).T)
    assert (type(x), x.flags.c_contiguous, device.owns(x)) == (stand_in.ndarray, True, True)
    y = device.empty((3, 2), "float32")
    assert (type(y), y.shape, y.dtype) == (stand_in.ndarray, (3, 2), np.float32)
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


def test_synchronize_waits_for_the_stream_of_the_kernels(device):
    with counted() as costs:
        device.synchronize()
    assert costs.waits.by_name() == {"Stream.synchronize": 1}


@pytest.mark.parametrize("accumulate", [False, True])
def test_gemm_of_matrices(device, accumulate):
    random = np.random.default_rng(0)
    a, b, out = (device.to_device(random.standard_normal(shape)) for shape in ((4, 3), (5, 4), (3, 5)))
    expected = a.get().T @ b.get().T + (out.get() if accumulate else 0)
    device.gemm(a.T, b.T, out, accumulate=accumulate)
    assert np.allclose(device.to_host(out), expected, rtol=1e-13)


@needs_compiler
@pytest.mark.parametrize("real", ["float32", "float64"])
def test_scalars_go_in_with_their_exact_c_type(device, launched, real):
    p, g = (device.to_device(np.ones(5, real)) for _ in range(2))
    sgd_step(device, p, g, None, True, 0.5, 0.0, 0.0, 0.0, False)
    assert device.to_host(p).tolist() == [0.5] * 5
    assert launched == [("sgd_step", 0, False)]


@needs_compiler
def test_much_shared_memory_is_asked_for(device):
    kernels = Kernels(device, str(PLANTED))
    out = device.to_device(np.zeros(256, np.float32))
    function = kernels.module.get_function("dynamic_shared_not_initialised")
    for size in (1024, 48 << 10):
        kernels.launch(function.name, (1,), (256,), out, 0, shared_bytes=size)
    assert function.shared_allowed == 48 << 10
    with pytest.raises(CUDADriverError, match="INVALID_VALUE"):
        function((1,), (256,), (out, np.int32(0)), shared_mem=100 << 10)
    kernels.launch(function.name, (1,), (256,), out, 0, shared_bytes=100 << 10)
    assert function.shared_allowed == 100 << 10


@needs_compiler
def test_cooperative_kernels_are_launched_as_such_and_only_where_they_fit(device, stand_in, launched):
    case = FAMILIES["persistent"][0]
    assert all(check.error <= check.tolerance for check in case(device, "float32", True))
    cooperative = [name.removeprefix("recurrent_persistent_") for name, _, together in launched if together]
    assert cooperative == ["forward", "backward"] * 3  # two layers of one direction, and both directions at once
    stand_in.cuda.driver.occupancyMaxActiveBlocksPerMultiprocessor = lambda *_sizes: 0
    with pytest.raises(BackendError, match="Take the fallback"):
        list(case(CupyDevice(), "float32", True))  # whose plans are not made yet


@needs_compiler
def test_a_file_is_loaded_once_for_each_set_of_definitions(device):
    first = Kernels(device, "sgd.cu")
    assert Kernels(device, "sgd.cu").module is first.module
    assert Kernels(device, "sgd.cu", real="float64").module is not first.module


@needs_compiler
@pytest.mark.parametrize("family", FAMILIES)
def test_every_kernel_family_runs_through_it(device, launched, family):
    case, reals = FAMILIES[family]
    checks = [check for real in reals for check in case(device, real, True)]
    assert launched
    assert checks
    assert [check for check in checks if not check.error <= check.tolerance] == []


@needs_compiler
def test_every_slot_runs_on_the_backend(stand_in):
    backend.load("cupy")
    kernel.set_mode("required")
    rows = list(measure(["cupy"], repeats=1))
    assert len(rows) == 2 * len(CASES)
    bounds = {"float32": 2e-6, "float64": 1e-12}
    assert [row for row in rows if not max(row.forward, row.backward or 0) <= bounds[row.dtype]] == []
    assert {row.slot for row in rows if row.version == "reference"} <= WITHOUT_CUDA
