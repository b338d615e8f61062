"""The CuPy backend on machines that lack something, played by the stand-in for CuPy."""

import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from tests.stand_in_cupy import counted
from tests.stand_in_cupy.package import CUDARuntimeError
from xdl import backend
from xdl.backends import cupy as cupy_backend
from xdl.errors import BackendError

ROOT = Path(__file__).parents[2]


def fails(error):
    def call(*_args):
        raise error

    return call


def refused():
    """The status, which must say "no", and be what create() and load() say."""
    found = cupy_backend.status()
    assert not found.usable
    with pytest.raises(BackendError) as caught:
        backend.load("cupy")
    assert caught.value.found == found.cause
    assert caught.value.hint == found.remedy
    return found


def test_no_cupy(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    found = refused()
    assert found.cause == "CuPy is not installed"
    assert cupy_backend.INSTALL[12] in found.remedy
    assert cupy_backend.INSTALL[13] in found.remedy


def test_cupy_that_does_not_import(monkeypatch, tmp_path):
    (tmp_path / "cupy.py").write_text("import a_part_that_is_missing\n")
    monkeypatch.syspath_prepend(tmp_path)
    found = refused()
    assert found.cause == "CuPy fails: ModuleNotFoundError: No module named 'a_part_that_is_missing'"
    assert "reinstall CuPy" in found.remedy


def test_no_driver(stand_in):
    stand_in.cuda.runtime.driverGetVersion = lambda: 0
    stand_in.cuda.runtime.getDeviceCount = fails(CUDARuntimeError(35))
    found = refused()
    assert found.cause == "no NVIDIA driver is installed"
    assert "nvidia-smi" in found.remedy


def test_driver_too_old(stand_in):
    stand_in.cuda.runtime.driverGetVersion = lambda: 11040
    stand_in.cuda.runtime.getDeviceCount = fails(CUDARuntimeError(35))
    found = refused()
    assert found.cause == "the driver (for CUDA 11.4) is too old for this CuPy (CUDA 12.9)"
    assert found.remedy == "Update the driver"


def test_driver_for_cuda_12_under_cupy_for_cuda_13(stand_in):
    stand_in.cuda.runtime.runtimeGetVersion = lambda: 13000
    stand_in.cuda.runtime.getDeviceCount = fails(CUDARuntimeError(35))
    assert f"pip uninstall cupy-cuda13x && {cupy_backend.INSTALL[12]}" in refused().remedy


@pytest.mark.parametrize("count", [lambda: 0, fails(CUDARuntimeError(100))])
def test_no_device(stand_in, count):
    stand_in.cuda.runtime.getDeviceCount = count
    found = refused()
    assert found.cause == "no CUDA device is visible"
    assert "CUDA_VISIBLE_DEVICES" in found.remedy


def test_another_error_of_the_runtime(stand_in):
    stand_in.cuda.runtime.getDeviceCount = fails(CUDARuntimeError(999))
    assert refused().cause == "CuPy fails: CUDARuntimeError: cudaError 999"


@pytest.mark.parametrize(("runtime", "generation"), [(12090, 12), (13020, 13), (14000, 13)])
def test_no_compiler(stand_in, runtime, generation):
    """What is missing is installed for the generation of this CuPy, whatever the driver."""
    stand_in.cuda.runtime.driverGetVersion = lambda: 13000
    stand_in.cuda.runtime.runtimeGetVersion = lambda: runtime
    stand_in.cuda.nvrtc.getVersion = fails(OSError("libnvrtc.so not found"))
    found = refused()
    assert found.cause == "CuPy cannot compile and run a kernel: OSError: libnvrtc.so not found"
    assert found.remedy.endswith(cupy_backend.INSTALL[generation])


def test_headers_missing(stand_in):
    stand_in.arange = fails(RuntimeError())
    assert refused().cause == "CuPy cannot compile and run a kernel: RuntimeError"


def test_no_cublas(stand_in, monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy.cublas", None)
    found = refused()
    assert found.cause.startswith("cuBLAS does not load: ModuleNotFoundError: ")
    assert found.remedy == f"Install the CUDA parts: {cupy_backend.INSTALL[12]}"


def test_device_that_computes_nonsense(stand_in):
    stand_in.arange = stand_in.zeros
    assert refused().cause == "the device computes 1 + 2 + 3 + 4 = 4"


def test_everything_fine(stand_in):
    assert cupy_backend.status() == cupy_backend.Status(True, "CuPy 14.2.0, driver for CUDA 12.8", "")
    b = backend.load("cupy")
    assert (b.name, b.accelerated, b.host_values, b.array_types) == ("cupy", True, False, (stand_in.ndarray,))
    assert b.xp.exp is sys.modules["array_api_compat.cupy"].exp is stand_in.exp

    x = b.asarray([[1, 2.5]])
    assert (type(x), x.dtype, backend.of(x)) == (stand_in.ndarray, np.float32, b)
    assert b.asarray([1, 2], "float64").dtype == np.float64
    assert type(b.to_numpy(x)) is np.ndarray
    assert b.to_numpy(x).tolist() == [[1, 2.5]]

    del x
    assert b.memory() == backend.MemoryUse(used=512, pooled=1024, limit=0)  # the flag; two arrays are gone
    with counted() as costs:
        b.synchronize()
    assert costs.waits.by_name() == {"Device.synchronize": 1, "get": 1}  # the flag is read as well


def test_install_lines_are_those_of_the_extras():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for generation, line in cupy_backend.INSTALL.items():
        assert line.replace('"', "").split()[2:] == extras[f"cuda{generation}"]
