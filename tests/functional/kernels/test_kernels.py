"""Every kernel slot, every registered version, against its reference: both halves, in memory full of nan.

Both data types, contiguous and strided arguments and cotangents, each gradient asked for alone; blocks of a few values
over two and three threads, where a second run gives the same bits. Every version is reached by some case.
"""

from importlib import import_module
from unittest import mock

import numpy as np
import pytest

from tests.functional.kernels.kernel_cases import kernel_cases
from tests.functional.kernels.kernel_checks import cases, check, strided
from xdl import backend, kernel

backend.load("numpy")
HALVES = ("conv2d", "conv2d_input_grad", "conv2d_weight_grad")
FLOAT32_ONLY = {
    *("gelu_tanh", "conv2d_activation_tiles"),
    *(f"{half}_{way}" for half in HALVES for way in ("winograd", "winograd_strided", "fft", "tiles")),
}
VERSIONS = [(slot.name, v) for slot in kernel.slots.values() for v in slot.versions.get("numpy", ())]
SMALL = 20_000  # elements of all arguments of a case

# Sizes at which work is cut into blocks and shared out to threads, so small that small cases have many of them.
TINY = {
    "activation": {"BLOCK": 1 << 10, "PARALLEL": 1},
    "blocks": {"BLOCK": 1 << 10, "PARALLEL": 1},
    "dropout": {"BLOCK": 1 << 8, "LONG": 1},
    "layout": {"PARALLEL": 1},
    "leaky_relu": {"SMALLEST": 1},
    "norm": {"BLOCK": 1 << 8, "PARALLEL": 1},
    "norm_rows": {"BLOCK": 1 << 8, "WIDTH": 1 << 5, "PARALLEL": 1},
    "philox": {"CHUNK": 1 << 8, "LONG": 1},
    "pointwise": {"SMALLEST": 1, "BLOCK": 1 << 10, "PARALLEL": 1},
    "pool": {"BLOCK": 1 << 8, "PARALLEL": 1},
    "recurrent.steps": {"PARALLEL": 1},
    "rows": {"BLOCK": 1 << 10, "PARALLEL": 1, "LEAD": 1 << 8},
    "conv.im2col": {"ROWS": 1, "LONG": 1, "BLOCK": 1, "PARALLEL": 1},
    "conv.im2col_last": {"BLOCK": 1},
    "conv.im2col_rows": {"BLOCK": 1},
    "conv.winograd": {"BLOCK": 1, "FEW": 1, "LARGE": 1, "CHUNK": 1},
    "conv.fourier": {"BLOCK": 1, "CHUNK": 1},
    "conv.pointwise": {"PIXELS": 1 << 4},
}


def fitting(slot, version, dtype, largest=np.inf, arrange=lambda x: x):
    """{name: arguments} of the cases that a version takes."""
    found = {}
    for label, args in cases(slot, dtype).items():
        arrays = [x for x in args if isinstance(x, np.ndarray)]
        args = [arrange(x) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x for x in args]
        if sum(x.size for x in arrays) <= largest and (version.when is None or version.when(*args)):
            found[label] = args
    return found


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("slot", "version"), VERSIONS, ids=lambda v: getattr(v, "name", v))
def test_version_against_reference(slot, version, dtype):
    taken = fitting(slot, version, dtype)
    for label, args in taken.items():
        check(slot, version, label, args, dtype, count=3 if dtype == "float32" else 1)
    assert len(taken) >= (0 if dtype == "float64" and version.name in FLOAT32_ONLY else 3)


SLOTS = "batch_norm", "batch_norm_activation", "batch_norm_add_relu", "recurrence"
SEVERAL = [(slot, version) for slot, version in VERSIONS if slot in SLOTS]


@pytest.mark.parametrize("used", [(0,), (1,), (2,), (0, 2), (1, 2)], ids=str)
@pytest.mark.parametrize(("slot", "version"), SEVERAL, ids=lambda v: getattr(v, "name", v))
def test_of_several_outputs_only_some_are_used(slot, version, used):
    for label, args in fitting(slot, version, "float64", 500).items():
        check(slot, version, label, args, "float64", used=used)


def test_the_versions_of_several_outputs_are_known():
    found = set()
    for slot, version in VERSIONS:
        if version.backward is not None:
            args = next(iter(fitting(slot, version, "float32", SMALL).values()))
            found |= {version.name} if isinstance(version.forward(*args)[0], tuple) else set()
    assert found == {version.name for _, version in SEVERAL}


@pytest.fixture
def tiny_blocks(monkeypatch):
    """Blocks of a few values, and threads for all of them."""

    blocks, rows = import_module("xdl.kernels.numpy.blocks"), import_module("xdl.kernels.numpy.rows")
    for name, sizes in TINY.items():
        for size, value in sizes.items():
            monkeypatch.setattr(f"xdl.kernels.numpy.{name}.{size}", value)
    monkeypatch.setattr("xdl.kernels.numba.sharing.WORTH", 0)
    monkeypatch.setattr("xdl.kernels.numba.sharing.FORK", 0)
    monkeypatch.setattr("xdl.kernels.numba.sharing.ROWS", 2)
    for size, value in {"BLOCK": 1 << 7, "QUERIES": 2, "FEW": 0, "LEAST": 1}.items():
        monkeypatch.setattr(f"xdl.kernels.numba.attention.plan.{size}", value)
    monkeypatch.setattr(blocks, "_scratch", blocks._Scratch())  # what remembers such sizes: this, and the next
    rows.row_blocks.cache_clear()
    yield
    monkeypatch.undo()
    rows.row_blocks.cache_clear()


@pytest.mark.parametrize(("slot", "version"), VERSIONS, ids=lambda v: getattr(v, "name", v))
def test_small_blocks_over_threads(slot, version, tiny_blocks):
    dtype = "float32" if version.name in FLOAT32_ONLY else "float64"
    taken = fitting(slot, version, dtype, SMALL)
    assert taken
    for label, args in taken.items():
        check(slot, version, label, args, dtype, count=2)
        check(slot, version, label, args, dtype, count=3, repeat=True)


@pytest.mark.parametrize(("slot", "version"), VERSIONS, ids=lambda v: getattr(v, "name", v))
def test_strided_arguments_and_cotangents(slot, version):
    dtype = "float32" if version.name in FLOAT32_ONLY else "float64"
    for label, args in fitting(slot, version, dtype, SMALL).items():
        check(slot, version, label, args, dtype, arrange=strided)
    for label, args in fitting(slot, version, dtype, SMALL, strided).items():
        check(slot, version, label, args, dtype, count=2)


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
@pytest.mark.parametrize(("n", "c"), [(1, 1 << 22), (512, 1000), (4096, 256), (1024, 8192), (100_000, 33)])
def test_row_blocks_are_all_rows_once(n, c, threads):
    from xdl.kernels.numpy import rows as rows_numpy

    blocks = rows_numpy.row_blocks(n, c, 4, threads)
    assert [row for block in blocks for row in range(n)[block]] == list(range(n))
    assert all(block.stop > block.start for block in blocks)
    assert len(blocks) >= min(n, threads)
    most = max(rows_numpy.BLOCK + rows_numpy.LEAD // 4, 2 * c)
    assert max(block.stop - block.start for block in blocks) * c <= most


def test_every_slot_has_cases():
    names = kernel_cases(lambda *shape: np.zeros(shape), lambda _, n: np.zeros(n, np.int64)).keys()
    assert set(kernel.slots) == set(names)


COMPILED = 20  # the priority of versions compiled by Numba, in whose place NumPy's run where there is no Numba


def unreached(slots):
    """The versions that run for no case, and why; NumPy's own among themselves."""
    left = []
    for slot in slots:
        every = slot.versions.get("numpy", [])
        compiled, others = ([v for v in every if (v.priority == COMPILED) is wanted] for wanted in (True, False))
        left += unreached_among(slot, compiled) + unreached_among(slot, others)
    return left


def unreached_among(slot, versions):
    """Those of the versions that run for no case where the slot has no others."""
    with mock.patch.dict(slot.versions, {"numpy": versions}):
        slot.forget()
        lines = {
            line
            for dtype in ("float32", "float64")
            for args in cases(slot.name, dtype).values()
            for line in slot.explain(*args).splitlines()
        }
    slot.forget()
    verdicts, left = {line.partition(" (takes")[0] for line in lines}, []
    for name in [f"{slot.name}: {version.name} " for version in versions]:
        if f"{name}runs" not in verdicts:
            left += sorted(verdict for verdict in verdicts if verdict.startswith(name))
    return left


def test_every_version_is_reached_by_a_case():
    assert unreached(kernel.slots.values()) == []


@pytest.mark.parametrize(
    ("settings", "why"),
    [({"priority": 1}, "shadowed by sum_sorted"), ({"when": lambda *_: False}, "does not fit")],
    ids=["shadowed", "fits nowhere"],
)
def test_a_version_that_nothing_reaches_is_found(settings, why):
    slot = kernel.slots["sum_at"]
    slot.register("numpy", name="planted", **settings)(slot.reference)
    try:
        assert unreached([slot]) == [f"sum_at: planted {why}"]
    finally:
        slot.versions["numpy"] = [v for v in slot.versions["numpy"] if v.name != "planted"]
        slot.forget()


def test_versions_of_equal_priority_never_take_the_same_arguments_unless_they_are_chosen():
    both = []
    for slot in kernel.slots.values():
        for label, args in cases(slot.name, "float32").items():
            fits = [v for v in slot.versions.get("numpy", ()) if v.when is None or v.when(*args)]
            priorities = [v.priority for v in fits if ("numpy", v.priority) not in slot._choices]
            both += [f"{slot.name} {label}"] if len(priorities) != len(set(priorities)) else []
    assert both == []
