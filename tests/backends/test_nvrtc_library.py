"""Where NVRTC is looked for, of which generation, and what is said where it is not: folders with empty files."""

import ctypes
from types import ModuleType

import pytest

from xdl.errors import BackendError
from xdl.kernels.cuda import nvrtc_library
from xdl.kernels.cuda.nvrtc_library import cupy_generation, find_library, load_library


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine without NVRTC: `put(path)` makes an empty file under the folder that stands for its disk."""
    wheels = ModuleType("spec")
    wheels.submodule_search_locations = [str(tmp_path / "nvidia")]
    monkeypatch.setattr(nvrtc_library, "find_spec", lambda _name: wheels)
    monkeypatch.setattr(nvrtc_library, "SYSTEM", tmp_path / "local")
    monkeypatch.setattr(ctypes, "CDLL", _refuses)
    for variable in ("CONDA_PREFIX", "CUDA_PATH", "CUDA_HOME"):
        monkeypatch.delenv(variable, raising=False)

    def put(path):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
        return str(tmp_path / path)

    return put


def _refuses(name):
    raise OSError(f"{name}: cannot open shared object file")


def test_the_newest_is_taken_unless_a_generation_is_wanted(machine):
    old, new = machine("nvidia/cuda_nvrtc/lib/libnvrtc.so.12"), machine("nvidia/cu13/lib/libnvrtc.so.13")
    assert find_library().path == new
    assert find_library(12).path == old
    assert find_library(13).path == new


def test_the_places_are_searched_in_order(machine, monkeypatch, tmp_path):
    for variable, folder in (("CUDA_HOME", "home"), ("CUDA_PATH", "path"), ("CONDA_PREFIX", "conda")):
        monkeypatch.setenv(variable, str(tmp_path / folder))
    for path, where in (  # the last one first
        ("local/cuda-12.4/targets/x86_64-linux/lib/libnvrtc.so.12", str(tmp_path / "local")),
        ("home/lib/libnvrtc.so.12", "$CUDA_HOME"),
        ("path/lib64/libnvrtc.so.12", "$CUDA_PATH"),
    ):
        put = machine(path)
        assert find_library(12) == nvrtc_library.Found(put, where)
    with monkeypatch.context() as loader:
        loader.setattr(ctypes, "CDLL", lambda _name: None)
        assert find_library(12) == nvrtc_library.Found("libnvrtc.so.12", "the system's loader")
    for path, where in (
        ("conda/targets/x86_64-linux/lib/libnvrtc.so.12", "$CONDA_PREFIX"),
        ("nvidia/cuda_nvrtc/lib/libnvrtc.so.12", "the wheels of NVIDIA"),
    ):
        put = machine(path)
        assert find_library(12) == nvrtc_library.Found(put, where)


def test_windows_has_names_and_folders_of_its_own(machine, monkeypatch, tmp_path):
    monkeypatch.setattr(nvrtc_library, "WINDOWS", True)
    monkeypatch.setattr(nvrtc_library, "TOOLKIT", ("bin/x64", "bin"))
    monkeypatch.setenv("CUDA_PATH", str(tmp_path / "path"))
    put = machine("path/bin/x64/nvrtc64_130_0.dll")
    assert find_library(13).path == put
    put = machine("nvidia/cuda_nvrtc/bin/nvrtc64_120_0.dll")
    assert find_library(12).path == put


def test_without_any_both_lines_are_named(machine):
    with pytest.raises(BackendError, match=r"found none\. .*cuda-nvrtc` for CUDA 13 or .*cuda-nvrtc-cu12` for CUDA 12"):
        find_library()


def test_of_the_wrong_generation_the_message_names_what_is_there_and_what_to_install(machine):
    machine("nvidia/cu13/lib/libnvrtc.so.13")
    expected = r"of CUDA 12, .*libnvrtc.so.12\), found that of CUDA 13\. Install it: pip install nvidia-cuda-nvrtc-cu12"
    with pytest.raises(BackendError, match=expected):
        find_library(12)


def test_one_that_does_not_load_is_named(machine):
    machine("nvidia/cu13/lib/libnvrtc.so.13")
    with pytest.raises(BackendError, match=r"wheels of NVIDIA.*libnvrtc.so.13: cannot open.*pip install nvidia"):
        load_library(13)


def test_the_generation_is_that_of_cupy(stand_in):
    assert cupy_generation() == 12
    stand_in.cuda.runtime.runtimeGetVersion = lambda: 13020
    assert cupy_generation() == 13
