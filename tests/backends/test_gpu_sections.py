"""The sections of bench/gpu_report.py that check, as they run on a GPU, on the stand-in for CuPy."""

import pytest

from tests.cuda_on_host.needs import needs_compiler
from tests.stand_in_cupy import counted
from xdl.kernels.cuda.conv import pool as pool_cuda
from xdl.kernels.cuda.launch import SOURCES
from xdl.kernels.cuda.signature import read_signatures
from xdl.report import parity

FEW = ("probes", "average_pool", "adam")


@pytest.fixture
def sections(stand_in, bench, monkeypatch):
    found = bench("gpu_sections")
    monkeypatch.setattr(found, "FAMILIES", {name: found.FAMILIES[name] for name in FEW})
    return found


def test_the_environment_names_the_gpu(sections):
    rows = {row["name"]: row for row in sections.environment(False)}
    assert rows["device"]["gpu"] == "Stand-in GPU"
    assert rows["device"]["compute"] == "9.0"
    assert rows["device"]["driver_cuda"] == 12080
    assert rows["device"]["nvrtc"] == [12, 9]
    assert "state" in rows["PyTorch"]
    assert all(row.get("ok", True) for row in rows.values())


@needs_compiler
def test_kernels_are_checked_with_full_sizes(sections):
    with counted() as costs:
        rows = list(sections.kernels(False))
    assert {row["name"].split()[0] for row in rows} == set(FEW)
    assert [row for row in rows if not row["ok"]] == []
    assert {"average_pool_forward", "adam_step"} <= costs.launches.by_name().keys()


@needs_compiler
def test_a_kernel_that_leaves_an_element_out_is_seen(sections, monkeypatch, stand_in):
    def forgetful(device, x, out, *_rest):
        return device.empty((*x.shape[:2], *out), str(x.dtype))

    monkeypatch.setattr(pool_cuda, "average_pool_forward", forgetful)
    monkeypatch.setattr(sections, "FAMILIES", {"average_pool": sections.FAMILIES["average_pool"]})
    wrong = [row for row in sections.kernels(False) if not row["ok"]]
    assert wrong
    assert {row["error"] for row in wrong} == {"infinite or NaN"}


@needs_compiler
def test_results_that_differ_between_runs_are_seen(sections, monkeypatch):
    assert all(row["ok"] for row in sections.determinism(False))
    made = iter(range(1000))
    to_host = sections.WatchedDevice.to_host
    monkeypatch.setattr(
        sections.WatchedDevice, "to_host", lambda self, x: to_host(self, x.astype("float64") + next(made))
    )
    monkeypatch.setattr(sections, "FAMILIES", {"adam": sections.FAMILIES["adam"]})
    assert not any(row["ok"] for row in sections.determinism(False))


@needs_compiler
def test_slots_are_measured(sections, monkeypatch):
    monkeypatch.setattr(parity, "CASES", parity.CASES[:2])
    measure = parity.measure
    monkeypatch.setattr(parity, "measure", lambda names, repeats: measure(names, repeats, parity.CASES))
    rows = list(sections.slots(False))
    assert [row["name"] for row in rows] == [f"{slot} float{bits}" for slot in ("linear", "relu") for bits in (32, 64)]
    assert all(row["ok"] for row in rows)


def test_a_sanitizer_that_is_missing_is_named(sections, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert list(sections.sanitizer(False)) == [{"name": "compute-sanitizer", "state": "not installed"}]


def test_a_sanitizer_that_finds_something_fails(sections, monkeypatch, tmp_path):
    program = tmp_path / "compute-sanitizer"
    program.write_text("#!/bin/sh\necho found by $2\n[ $2 = memcheck ]\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    rows = list(sections.sanitizer(False))
    assert [(row["name"], row["ok"]) for row in rows] == [
        ("memcheck", True),
        ("racecheck", False),
        ("synccheck", False),
    ]
    assert rows[1]["output"] == "found by racecheck\n"


@needs_compiler
def test_launches_are_counted_as_the_stand_in_counts_them(stand_in, bench):
    steps = bench("gpu_steps")
    device = steps.gpu_timings.device(False)
    run = steps.step("xdl", steps.SMALL_MLP)
    run()
    with counted() as costs:
        run()
    kernels = {name for file in SOURCES.values() for name in read_signatures(file)}
    own = sum(number for name, number in costs.launches.by_name().items() if name in kernels)
    assert steps.counted(device, run) == (own, costs.products.total())
    assert own >= 5
    assert not {"launch", "product"} & vars(device).keys()


@needs_compiler
def test_the_host_cost_of_a_launch_queues_nothing(stand_in, bench, monkeypatch):
    launches = bench("launches")
    monkeypatch.setattr(launches, "LAUNCHES", 2)
    device = launches.IdleCard()
    with counted() as costs:
        found = dict(launches.costs(device, rounds=1))
    assert launches.LAUNCH in found
    assert all(0 < microseconds < 1e5 for microseconds in found.values())
    assert costs.launches.total() == 0


@needs_compiler
@pytest.mark.parametrize("name", ["compilation", "convolution", "functions", "steps", "launches"])
def test_what_is_measured_runs_on_a_card(stand_in, bench, monkeypatch, name):
    sections, timings, steps, launches = (bench(n) for n in ("gpu_sections", "gpu_timings", "gpu_steps", "launches"))
    small = {name: (make, tuple(min(size, 8) for size in shape)) for name, (make, shape) in steps.FUNCTIONS.items()}
    monkeypatch.setattr(timings, "ROUNDS", 1)
    monkeypatch.setattr(timings, "ROUND_SECONDS", 0.0)
    monkeypatch.setattr(timings, "LSTMS", ((3, 2, 128),))
    monkeypatch.setattr(timings, "CONVOLUTIONS", ((1, 8, 6, 8, 3),))
    monkeypatch.setattr(steps, "FUNCTIONS", small)
    monkeypatch.setattr(steps, "COUNTED", (steps.SMALL_MLP,))
    monkeypatch.setattr(steps, "step_names", lambda _dry_run: (steps.SMALL_MLP,))
    monkeypatch.setattr(launches, "LAUNCHES", 2)
    for module in (timings, steps):
        monkeypatch.setattr(module, "torch_on_gpu", lambda _dry_run: None)
    rows = list(sections.SECTIONS[name](False))
    assert all(value > 0 for row in rows for value in row.values() if isinstance(value, int | float))
    assert len(rows) == {"compilation": 4, "convolution": 4, "functions": 8, "steps": 1, "launches": 6}[name]
