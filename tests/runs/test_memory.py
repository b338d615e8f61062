"""Runs whose settings ask for more memory than there is: what is asked for is named, and nothing useless offered."""

import numpy as np
import pytest

from tests.cli.in_process import xdl
from xdl import creation
from xdl.errors import DeviceMemoryError
from xdl.experiments import find
from xdl.runs.memory import in_words, too_little_memory
from xdl.train import Checkpoints

BEYOND = 2**40, 2**18  # no address space holds so many numbers


@pytest.mark.usefixtures("without_figures")
@pytest.mark.parametrize(("experiment", "name"), [("char-lstm", "hidden"), ("translate-char", "hidden")])
def test_a_size_beyond_memory_is_named_and_no_resume_is_offered(experiment, name, tmp_path):
    ended = xdl("run", experiment, "--quick", "--set", f"{name}={10**12}", "--out", tmp_path)
    assert ended.code == 1
    (line,) = ended.errors.splitlines()
    assert line.startswith(f"xdl: xdl run {experiment}: expected ")
    assert f"above the defaults: {name}={10**12}" in line
    assert "--resume" not in line
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_run_with_a_checkpoint_may_be_resumed(tmp_path, monkeypatch):
    def too_large(_, run):
        run.folder.write_json(Checkpoints.last, {})
        np.empty(BEYOND)

    monkeypatch.setattr(find("softmax-regression").load(), "run", too_large)
    ended = xdl("run", "softmax-regression", "--set", "batch_size=70", "--out", tmp_path)
    kept, error = ended.errors.splitlines()
    assert "--resume" in kept
    assert "memory for an array (1099511627776, 262144) of float64, 2 EiB, found" in error
    assert "batch_size=70 (default 32)" in error


def test_the_words():
    error = too_little_memory("xdl run x", MemoryError(), {"width": (2, 3), "on": True}, {"width": (2, 4), "on": False})
    assert "memory for all that the run holds" in str(error)
    assert error.hint == "Take smaller values of width"
    on_device = DeviceMemoryError("cupy", "room for 2 GiB", "1 GiB free", "Take a smaller batch")
    assert "room for 2 GiB, found 1 GiB free" in str(too_little_memory("xdl run x", on_device, {"n": 2}, {"n": 1}))
    assert [in_words(size) for size in (999, 2048, 3 << 30)] == ["999 bytes", "2 KiB", "3 GiB"]


def test_more_elements_than_any_machine_holds():
    with pytest.raises(DeviceMemoryError, match="memory"):
        creation.zeros(10**10, 10**10)
