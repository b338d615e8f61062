"""Every slot on every backend stays within its bound of the float64 references; `xdl parity` shows the same rows."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import xdl
from tests.cuda_on_host.needs import WITHOUT_CUDA, needs_compiler
from xdl import backend, kernel
from xdl import functional as F
from xdl.cli import app as cli
from xdl.cli import parity as cli_parity
from xdl.report.parity import CASES, Case, measure

BOUNDS = {"float32": 2e-6, "float64": 1e-12}
TF32_BOUND = 1e-3
EXACT = ("philox_words", "word_pieces", "embedding", "max_pool2d", "relu")  # only move data in the forward pass
CUDA = [pytest.param("cuda-on-host", marks=needs_compiler), pytest.param("cupy", marks=pytest.mark.gpu)]
BACKENDS = ["numpy", *CUDA]

HIDDEN = 128  # the smallest for which the persistent kernel exists
GATES = ((4 * HIDDEN, 16), (4 * HIDDEN, HIDDEN), (4 * HIDDEN,), (4 * HIDDEN,))
TF32_CASES = (
    Case("conv2d", lambda x, w, b: F.conv2d(x, w, b, padding=1), ((2, 16, 9, 9), (24, 16, 3, 3), (24,))),
    Case(
        "recurrence",
        lambda x, h, c, *w: F.lstm(x, (h, c), *w)[0],
        ((3, 5, 16), (5, HIDDEN), (5, HIDDEN), *GATES),
        None,
        0.1,
    ),
)


@pytest.fixture(scope="module")
def measured():
    """A function that gives the rows of a backend in mode "required", without Winograd's rounding, measured once."""
    rows = {}

    def rows_of(name):
        if name not in rows:
            mode, way = kernel.get_mode(), kernel.get_convolution()
            kernel.set_mode("required")
            kernel.set_convolution("gemm")
            try:
                rows[name] = list(measure([name], repeats=1))
            finally:
                kernel.set_mode(mode)
                kernel.set_convolution(way)
        return rows[name]

    return rows_of


@pytest.fixture
def tf32():
    kernel.set_precision("tf32")
    yield
    kernel.set_precision("float32")


def test_every_slot_has_a_case():
    own = {name for name, slot in kernel.slots.items() if slot.reference.forward.__module__.startswith("xdl.")}
    assert {case.slot for case in CASES} == own


@needs_compiler
def test_the_slots_without_a_cuda_version_are_known():
    backend.load("cuda-on-host")
    assert {name for name in WITHOUT_CUDA if "cuda-on-host" in kernel.slots[name].versions} == set()


@needs_compiler
def test_no_cuda_version_comes_after_one_that_takes_everything():
    backend.load("cuda-on-host")
    orders = {slot.name: slot.versions.get("cuda-on-host", []) for slot in kernel.slots.values()}
    assert orders["conv2d"]
    assert [name for name, versions in orders.items() if not all(v.when for v in versions[:-1])] == []


@pytest.mark.parametrize("name", BACKENDS)
def test_errors_stay_within_the_bounds(measured, name):
    rows = measured(name)
    assert len(rows) == len(CASES) * len(BOUNDS)
    assert [row for row in rows if not row.forward <= BOUNDS[row.dtype]] == []
    assert [row for row in rows if row.backward is not None and not row.backward <= BOUNDS[row.dtype]] == []


def test_winograd_stays_within_its_bound():
    rows = [row for row in measure(["numpy"], 1, CASES) if row.version == "conv2d_winograd"]
    assert {row.dtype for row in rows} == {"float32"}
    assert all(1e-7 < row.forward < 2e-5 and row.backward < 2e-5 for row in rows)


@pytest.mark.parametrize("name", BACKENDS)
def test_what_only_moves_data_is_exact(measured, name):
    rows = [row for row in measured(name) if row.slot in EXACT]
    assert {row.slot for row in rows} == set(EXACT)
    assert [row for row in rows if row.forward != 0] == []


@pytest.mark.parametrize("name", CUDA)
def test_no_slot_of_the_cuda_path_is_a_reference(measured, name):
    assert {row.slot for row in measured(name) if row.version == "reference"} <= WITHOUT_CUDA


@pytest.mark.parametrize("other", CUDA)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dropout_masks_are_equal_bit_for_bit(dtype, other):
    masks = []
    for name in ("numpy", other):
        backend.use(name)
        xdl.manual_seed(7)
        masks.append(F.dropout(xdl.ones((33, 1001), dtype=dtype), 0.3).numpy() != 0)
    assert 0.68 < masks[0].mean() < 0.72
    assert np.array_equal(*masks)


@pytest.mark.parametrize("name", CUDA)
def test_tf32_is_off_by_little_and_only_where_it_is_allowed(tf32, name):
    rows = {(row.slot, row.dtype): row for row in measure([name], 1, TF32_CASES)}
    assert rows["conv2d", "float32"].version == "conv2d_tf32"
    for slot in ("conv2d", "recurrence"):
        assert 1e-5 < rows[slot, "float32"].forward < TF32_BOUND
        assert rows[slot, "float32"].backward < TF32_BOUND
        assert rows[slot, "float64"].forward < BOUNDS["float64"]
    kernel.set_precision("float32")
    for row in measure([name], 1, TF32_CASES):
        assert max(row.forward, row.backward) < BOUNDS[row.dtype]


def test_a_wrong_version_is_seen():
    """The measure is not blind: a version that is off by 1e-5 shows."""
    case = next(case for case in CASES if case.slot == "softmax")
    off = Case(case.slot, lambda x: case.call(x) * (1 if kernel.get_mode() == "reference" else 1 + 1e-5), case.shapes)
    (single, double) = measure(["numpy"], 1, [off])
    assert single.forward == pytest.approx(1e-5, rel=0.1)
    assert double.backward == pytest.approx(1e-5, rel=0.1)


def test_the_command_prints_and_writes_the_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(cli_parity, "measure", lambda backends, repeats: measure(backends, repeats, CASES[:2]))
    files = [tmp_path / "new" / name for name in ("parity.json", "parity.md")]
    given = ["parity", "--backend", "numpy", "--repeats", "1", "--json", str(files[0]), "--markdown", str(files[1])]
    shown = CliRunner().invoke(cli.app, given)
    assert shown.exit_code == 0, shown.output
    content = json.loads(files[0].read_text())
    assert [(row["slot"], row["dtype"]) for row in content["rows"]] == [
        (slot, dtype) for slot in ("linear", "relu") for dtype in ("float32", "float64")
    ]
    assert content["precision"] == "float32"
    lines = files[1].read_text().splitlines()
    assert len(lines) == 2 + 4
    assert lines[2].startswith("| linear | numpy | float32 |")
    for row in content["rows"]:
        assert row["version"] in shown.output
        assert f"{row['forward']:.1e}" in shown.output


def test_an_unknown_backend_is_refused():
    shown = CliRunner().invoke(cli.app, ["parity", "--backend", "numpi"])
    assert isinstance(shown.exception, xdl.errors.BackendError)
    assert "Did you mean 'numpy'?" in str(shown.exception)
