"""The settings that pick kernels are recorded with a run, and a resume says which of them differ."""

import io
import json
import re
import sys

import pytest

import xdl
from xdl import kernel, kernel_options
from xdl.runs.resume import find_run, resume
from xdl.runs.start import RunRequest, start

OTHER = {"kernel_mode": "reference", "precision": "tf32", "convolution": "gemm", "threads": 2, "numba": None}
SET = {
    "kernel_mode": kernel.set_mode,
    "precision": kernel.set_precision,
    "convolution": kernel.set_convolution,
    "threads": xdl.set_num_threads,
}


@pytest.fixture
def folder(tmp_path):
    """The folder of a run that was started and never performed."""
    xdl.set_num_threads(1)
    before = kernel.options()
    yield start("mlp", RunRequest({"epochs": "1"}), out=tmp_path, stream=io.StringIO()).run.folder.path
    for name, setter in SET.items():
        setter(before[name])


def notes(folder):
    stream = io.StringIO()
    resume(find_run(str(folder), folder.parents[1]), RunRequest({}), stream=stream)
    return [line for line in stream.getvalue().splitlines() if line.startswith("note:")]


def test_a_run_records_all_of_them(folder):
    about = json.loads((folder / "run.json").read_text())
    assert kernel.options() == {name: about[name] for name in OTHER}
    assert notes(folder) == []


@pytest.mark.parametrize("name", SET)
def test_a_resume_says_what_differs(folder, name):
    before = kernel.options()[name]
    SET[name](OTHER[name])
    assert notes(folder) == [f"note: {name} was {before} and is {OTHER[name]} now, so the last digits may differ"]
    about = json.loads((folder / "run.json").read_text())
    assert about[name] == OTHER[name]
    assert about["changed"][-1][name] == [before, OTHER[name]]


def test_a_resume_with_other_compiled_versions_says_so(folder):
    about = json.loads((folder / "run.json").read_text())
    about["numba"] = "0.68.1, loops 0123abcd"
    (folder / "run.json").write_text(json.dumps(about))
    assert notes(folder)[0].startswith("note: numba was 0.68.1, loops 0123abcd and is ")


def test_a_run_from_before_an_option_was_recorded_says_nothing_of_it(folder):
    about = json.loads((folder / "run.json").read_text())
    del about["convolution"]
    (folder / "run.json").write_text(json.dumps(about))
    kernel.set_convolution("gemm")
    assert notes(folder) == []


def test_numba_is_found_but_not_imported(tmp_path, monkeypatch):
    monkeypatch.setattr(kernel_options, "_fast", "now")
    monkeypatch.setattr("xdl.kernels.numba.choice._decided", [])
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "numba", None)
        assert kernel.options()["numba"] is False
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    (tmp_path / "numba.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    assert re.fullmatch("([0-9.]+|unknown), loops [0-9a-f]{8}", kernel.options()["numba"])
    assert "numba" not in sys.modules
    monkeypatch.setattr(kernel_options, "_fast", "off")
    assert kernel.options()["numba"] is False
