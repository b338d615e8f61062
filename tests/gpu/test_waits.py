"""Nothing in forward, backward and update makes the host wait for the device, on the stand-in for CuPy.

Allowed are functions whose result's shape depends on values, and cuSOLVER's answers, without which singular matrices
would give wrong numbers. test_budget.py looks at one case of each function; here are all of them, second gradients, the
larger networks and every option of the optimizers, under the mark tools.
"""

from dataclasses import replace

import pytest

import xdl
from tests.cuda_on_host.needs import needs_compiler
from tests.functional.cases import CASES
from tests.functional.namespaces import evaluate
from tests.gpu.workloads import LARGE, READS_THE_COUNT, F, of_training, of_update
from tests.optim.runs import RUNS
from tests.stand_in_cupy import counted

pytestmark = [needs_compiler, pytest.mark.filterwarnings("ignore::RuntimeWarning")]


@pytest.fixture(autouse=True)
def on_cupy(stand_in):
    xdl.use("cupy")


def waits(cases):
    """Where the host waited in cases that must not: (what, place) -> the ids of the cases."""
    found = {}
    for case in cases:
        if case.dynamic or case.id == READS_THE_COUNT:
            continue
        with counted() as costs:
            evaluate(F, case, "float32")
        for what, place in costs.waits:
            if not what.startswith("linalg."):
                found.setdefault((what, place), []).append(case.id)
    return found


@pytest.mark.tools
@pytest.mark.parametrize("start", range(8))
def test_all_cases_and_second_gradients(start):
    assert waits(CASES[start::8]) == {}


def test_what_waits_is_seen():
    reading = next(case for case in CASES if case.id == "nonzero")
    assert reading.dynamic
    ((what, place),) = waits([replace(reading, dynamic=False)])
    assert what == "nonzero"
    assert place.startswith("xdl/functional/index/order.py:")


@pytest.mark.tools
@pytest.mark.parametrize("name", LARGE)
def test_a_training_step_of_the_others(name):
    assert of_training(*LARGE[name]).waits == {}


@pytest.mark.tools
@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.id)
def test_an_update_with_every_option(run):
    assert of_update(run).waits == {}
