"""What `xdl info` says of CuPy, NVRTC, the driver and the cards, on machines that the stand-in plays."""

import sys

import pytest

from tests.stand_in_cupy.package import CUDARuntimeError
from xdl.backends import cupy_report
from xdl.errors import BackendError
from xdl.kernels.cuda import compile as compile_cuda
from xdl.kernels.cuda.nvrtc_library import refused


def test_all_is_named_with_its_place(stand_in, monkeypatch, tmp_path):
    stand_in.__file__ = "/packages/cupy/__init__.py"
    maps = tmp_path / "maps"
    maps.write_text("7f-80 r-xp 0 08:01 12   /usr/lib/libcuda.so.570.1\n")
    monkeypatch.setattr(cupy_report, "LOADED", maps)
    found = cupy_report.report()
    assert found["CuPy"] == "14.2.0 for CUDA 12.9, in /packages/cupy"
    assert found["driver"] == "for CUDA 12.8, /usr/lib/libcuda.so.570.1"
    assert found["cards"] == ["0: Stand-in GPU (sm_90, 80.00 GiB)"]


def test_what_is_missing_says_so(stand_in, monkeypatch):
    def no_driver():
        raise CUDARuntimeError(35)

    def no_compiler():
        raise BackendError("CUDA compiler", "the NVRTC library", "none", "Install it: pip install nvidia-cuda-nvrtc")

    stand_in.cuda.runtime.getDeviceCount = no_driver
    stand_in.cuda.runtime.driverGetVersion = lambda: 0
    monkeypatch.setattr(compile_cuda, "Nvrtc", no_compiler)
    found = cupy_report.report()
    assert found["driver"] == "none"
    assert found["cards"] == "not usable (CUDARuntimeError: cudaError 35)"
    assert found["NVRTC"].endswith("Install it: pip install nvidia-cuda-nvrtc")
    monkeypatch.setitem(sys.modules, "cupy", None)
    assert cupy_report.report()["CuPy"].startswith("missing (ModuleNotFoundError")


def test_a_driver_older_than_the_compiler_names_both_and_two_ways_out():
    error = refused("sgd.cu", CUDARuntimeError(222), (12, 9), 12040)
    assert isinstance(error, BackendError)
    assert str(error) == (
        "loading sgd.cu: expected a driver for CUDA 12.9, as NVRTC, or newer, found one for CUDA 12.4. Update the "
        'driver; or take an older compiler: pip install "nvidia-cuda-nvrtc-cu12==12.4.*"'
    )
    assert "a driver that takes it, found cudaError 700" in str(
        refused("sgd.cu", CUDARuntimeError(700), (12, 9), 12040)
    )


def test_cards_that_nvrtc_does_not_know_get_ptx_or_are_refused(capsys):
    known = [75, 80, 90, 120]
    names = ("sm_90", "sm_90a", "sm_103", "sm_130")
    found = [compile_cuda.target(name, known, (12, 9)) for name in names]
    assert found == ["sm_90", "sm_90a", "compute_90", "compute_120"]
    with pytest.raises(BackendError, match=r"sm_75 or newer, found sm_70, and NVRTC 13\.0\. Install the extra cuda12"):
        compile_cuda.target("sm_70", known, (13, 0))
    compile_cuda.say("a line for this test")
    compile_cuda.say("a line for this test")
    said = capsys.readouterr()
    assert (said.err, said.out) == ("xdl: a line for this test\n", "")
