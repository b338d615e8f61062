"""Parity shows compiled versions beside NumPy's, each within the bounds that hold for all."""

from tests.parity.test_parity import BOUNDS
from xdl import backend, kernel
from xdl.kernels.numba import slots
from xdl.report.parity import CASES, measure, usable_backends

backend.load("numpy")


def unnamed():
    """A gradient alone leaves no version on the tape: it goes under the name of the first of its slot."""
    grads = [kernel.slots[name].versions["numpy"] for name in ("conv2d_input_grad", "conv2d_weight_grad")]
    return {version.name for versions in grads for version in versions[1:]}


def test_numba_stands_beside_the_backends():
    assert usable_backends()[:2] == ["numpy", "numba"]


def test_compiled_versions_stay_within_the_bounds_and_numpy_s_run_beside_them():
    before = {name: list(slot.versions["numpy"]) for name, slot in kernel.slots.items() if slot in slots.SLOTS}
    cases = [case for case in CASES if case.slot in before]
    assert {case.slot for case in cases} == set(before)
    rows = []
    for way in ("auto", "gemm"):
        kernel.set_convolution(way)
        rows.append(list(measure(["numpy", "numba"], 1, cases)))
    kernel.set_convolution("auto")
    compiled = [row for both in rows for row in both if row.backend == "numba"]
    exact = [row for row in rows[1] if row.backend == "numba"]  # without Winograd's rounding
    ran = {row.version for row in compiled} - {"reference"}  # which puts compiled parts together
    assert ran == set(slots.LOOPS) - unnamed()
    assert {row.version for both in rows for row in both if row.backend == "numpy"} & set(slots.LOOPS) == set()
    assert [row for row in exact if max(row.forward, row.backward or 0) > BOUNDS[row.dtype]] == []
    assert before == {name: kernel.slots[name].versions["numpy"] for name in before}
