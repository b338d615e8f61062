"""The report that is made on a GPU in one call: all of it on the CPU, and what it does when a section goes wrong."""

import json
import subprocess
import sys
from math import nan
from types import SimpleNamespace

import numpy as np
import pytest

from tests.cuda_on_host.cases.families import FAMILIES
from tests.cuda_on_host.needs import needs_compiler
from tests.house.source import ROOT
from xdl import backend
from xdl.backends import cupy as cupy_backend

SCRIPT = ROOT / "bench" / "gpu_report.py"


@needs_compiler
def test_all_sections_pass_on_the_cpu(tmp_path, bench):
    out = tmp_path / "results" / "report.json"
    command = [sys.executable, str(SCRIPT), "--dry-run", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stdout
    content = json.loads(out.read_text())
    sections = content["sections"]
    assert content["dry_run"] is True
    assert list(sections) == [section.name for section in bench("gpu_report").SECTIONS]
    assert {name for name, result in sections.items() if not result["ok"]} == set()
    assert [path.name for path in out.parent.iterdir()] == ["report.json"]
    names = [row["name"] for row in sections["kernels"]["rows"]]
    assert "probes float32 mma" in names
    assert {name.split()[0] for name in names} == set(FAMILIES)
    timed = ("lstm", "convolution", "functions", "steps")
    assert all(row["xdl"] > 0 for name in timed for row in sections[name]["rows"])
    assert all(row["first"] > 0 for row in sections["compilation"]["rows"])
    assert {row["name"].partition(":")[0] for row in sections["launches"]["rows"]} == {"host", "step"}
    assert done.stdout.index("sanitizer: ok") < done.stdout.index("lenet 28x28, batch 64  precision float32")
    assert [row["name"] for row in content["figures"]] == [figure.name for figure in bench("gpu_figures").FIGURES]
    assert {row["measured"] for row in content["figures"]} == {"not measured"}
    assert done.stdout.count(" | not measured") >= len(content["figures"])


def test_the_figures_come_in_time(bench):
    report, figures = bench("gpu_report"), bench("gpu_figures")
    *before, sanitizer, compiled = report.SECTIONS
    assert sum(section.seconds for section in before) <= report.BUDGET <= 540
    assert {figure.section for figure in figures.FIGURES} <= {section.name for section in before}
    assert (sanitizer.name, compiled.name) == ("sanitizer", "compiled")


@pytest.mark.skipif(cupy_backend.status().usable, reason="a GPU is here")
def test_without_a_gpu_it_says_what_is_missing_and_stops(tmp_path):
    out = tmp_path / "report.json"
    done = subprocess.run([sys.executable, str(SCRIPT), "--out", str(out)], capture_output=True, text=True)
    assert done.returncode == 1
    sections = json.loads(out.read_text())["sections"]
    assert list(sections) == ["environment"]
    assert cupy_backend.status().cause in sections["environment"]["rows"][-1]["state"]
    assert cupy_backend.status().cause in done.stdout


@pytest.fixture
def run_section(bench, monkeypatch, tmp_path):
    """Runs a section whose program is the given text."""
    report = bench("gpu_report")
    (tmp_path / "bench").mkdir()
    monkeypatch.setattr(report, "ROOT", tmp_path)

    def run(program, limit=20.0):
        (tmp_path / "bench" / "gpu_sections.py").write_text(program)
        return report.run_section(report.Section("any", 60), False, limit)

    return run


def test_a_section_that_hangs_keeps_its_rows(run_section):
    found = run_section('import time\nprint(\'{"name": "first"}\', flush=True)\ntime.sleep(60)', limit=3.0)
    assert (found["ok"], found["ended"], found["rows"]) == (False, "stopped after 3 s", [{"name": "first"}])


def test_a_section_that_crashes_keeps_its_message(run_section):
    found = run_section("print('{\"name\": \"first\"}')\nraise RuntimeError('an illegal memory access')")
    assert (found["ok"], found["ended"], len(found["rows"])) == (False, "exit code 1", 1)
    assert "an illegal memory access" in found["messages"]


def test_a_wrong_row_fails_the_section_and_is_shown(run_section, bench):
    found = run_section('print(\'{"name": "kernel a"}\\n{"name": "kernel b", "ok": false, "error": 0.5}\')')
    assert found["ok"] is False
    shown = bench("gpu_report").table({"kernels": found})
    assert "kernel b  ok False  error 0.5" in shown
    assert "kernel a" not in shown


def test_a_section_without_rows_fails(run_section):
    assert run_section("")["ok"] is False


def test_no_section_starts_when_the_time_is_over(bench, monkeypatch, tmp_path):
    report = bench("gpu_report")
    monkeypatch.setattr(report, "BUDGET", 0)
    results = report.run_all(list(report.SECTIONS[1:3]), True, tmp_path / "report.json")
    assert [(result["ok"], result["ended"]) for result in results.values()] == [
        (False, "not started: the time was over")
    ] * 2


def test_outputs_start_as_nan_and_results_are_noted(bench):
    zeros = SimpleNamespace(empty=lambda shape, dtype: np.zeros(shape, dtype), to_host=lambda x: x, shared_limit=7)
    watched = bench("gpu_sections").WatchedDevice(zeros)
    assert np.isnan(watched.empty((2, 3), "float64")).all()
    assert (watched.empty((3,), "int32") == -1).all()
    assert watched.empty((0, 3), "float32").shape == (0, 3)
    assert watched.shared_limit == 7
    for value in (1.0, 1.0, nan):
        watched.to_host(np.array([value]))
    assert watched.digests[0] == watched.digests[1] != watched.digests[2]


@pytest.fixture
def torch():
    """What `beside` asks of PyTorch on a card."""
    flags = {"cudnn": SimpleNamespace(allow_tf32=False)}
    flags["cuda"] = SimpleNamespace(matmul=SimpleNamespace(allow_tf32=False))
    return SimpleNamespace(cuda=SimpleNamespace(synchronize=None), backends=SimpleNamespace(**flags))


def test_ratios_compare_with_pytorch(bench, monkeypatch, torch):
    timings = bench("gpu_timings")
    times, layers = iter([2.0, 0.5, 6.0, 3.0, 5.0]), []

    def seconds(run, *_settings):
        run()
        layers.append(torch.backends.cudnn.allow_tf32)
        return next(times)

    monkeypatch.setattr(timings, "seconds", seconds)
    backend.use("numpy")

    def broken():
        raise RuntimeError("no compiler")

    theirs = {"eager": lambda: lambda: None, "compiled": lambda: lambda: None, "other": broken}
    row = timings.beside("a", lambda: None, theirs, torch, False, captured=lambda: lambda: None)
    assert (row["xdl"], row["ratio"], row["ratio_default"], row["ratio_to_best"]) == (2.0, 3.0, 2.5, 1.5)
    assert (row["ratio_captured"], row["ratio_default_captured"]) == (12.0, 10.0)
    assert row["torch other"] == "RuntimeError: no compiler"
    assert layers == [False] * 4 + [True]
    assert torch.backends.cudnn.allow_tf32 is False
    times = iter([2.0])
    assert "ratio" not in timings.beside("a", lambda: None, theirs, None, False)


def test_figures_take_the_worst_of_their_rows(bench):
    figures = bench("gpu_figures")
    conv = [{"name": f"conv {i}, forward and backward", "precision": "tf32", "ratio": 0.7 + 0.2 * i} for i in range(2)]
    conv += [{**conv[0], "precision": "float32", "ratio": 0.1}, {**conv[0], "name": "conv 0, forward", "ratio": 0.2}]
    results = {
        "convolution": {"rows": conv},
        "functions": {"rows": [{"name": "GELU forward", "ratio": 1.5, "ratio_default": 1.4}]},
        "launches": {
            "rows": [
                {"name": figures.LAUNCH, "us": 7.0},
                {"name": "step: lenet 28x28, batch 64", "launches": 61},
                {"name": "step: mlp 32-32-32-10, batch 16", "launches": 19},
            ]
        },
    }
    rows = {row["name"]: row for row in figures.figures(results, dry_run=False)}
    worst = rows["convolution up to 128 channels, TF32, forward and backward"]
    assert (worst["measured"], worst["reached"], worst["default precision"]) == (0.7, False, "not measured")
    assert (rows["GELU"]["reached"], rows["GELU"]["default precision"]) == (True, 1.4)
    assert rows["host cost of a launch, us"]["reached"] is True
    assert rows["launches of a step of LeNet"]["reached"] is False
    assert "reached" not in rows["launches of a step of an MLP"]  # CuPy's own are not among them
    shown = figures.figures_table(list(rows.values()))
    assert "| GELU | at least 1 | 1.5, reached | 1.4 |" in shown
    assert "| softmax | at least 1 | not measured | not measured |" in shown
    assert all(row["measured"] == "not measured" for row in figures.figures(results, dry_run=True))


def test_rows_of_figures_are_rows_of_the_report(bench):
    """The names that figures look for are those that sections give on a card."""
    timings, steps, figures = bench("gpu_timings"), bench("gpu_steps"), bench("gpu_figures")
    lstm = [f"LSTM T={t} B={b} H={h} forward" for t, b, h in timings.LSTMS]
    names = {"lstm": lstm, "convolution": ["conv 3x3"], "functions": [f"{name} forward" for name in steps.FUNCTIONS]}
    names["steps"] = list(steps.step_names(False))
    names["launches"] = [f"step: {name}" for name in (*steps.COUNTED, lstm[0])] + [f"host: {bench('launches').LAUNCH}"]
    for figure in figures.FIGURES:
        assert any(name.startswith(figure.rows) for name in names[figure.section]), figure.name
    launches = {figure.workload for figure in figures.FIGURES} - {""}
    assert launches <= json.loads(figures.BUDGET.read_text()).keys()


@needs_compiler
def test_the_cost_of_a_launch_is_printed(bench, monkeypatch, capsys):
    launches = bench("launches")
    monkeypatch.setattr(launches, "LAUNCHES", 2)
    launches.main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(launches.LAUNCH)
    assert all(float(line.split()[-2]) > 0 and line.endswith(" us") for line in lines)


@pytest.mark.torch
def test_the_calls_to_measure_run_in_pytorch_too(bench):
    timings, workloads = bench("gpu_timings"), bench("workloads")
    torch = __import__("torch")
    timings.lstm_forward("torch", 2, 2, 8)()
    timings.lstm_both("torch", 2, 2, 8)()
    timings.conv_forward("torch", 1, 4, 6, 4, 3, channels_last=True)()
    timings.conv_both("torch", 1, 4, 6, 4, 3, channels_last=True)()
    for name in bench("gpu_steps").FUNCTIONS:
        bench("gpu_steps").function_both("torch", name, (2, 3, 4, 4))()
    workloads.step("torch", workloads.LENET, lambda model: model.to(memory_format=torch.channels_last))()
