"""Nothing in forward, backward and update makes the host wait for the device, on the stand-in for CuPy.

Allowed are functions whose result's shape depends on values, and cuSOLVER's answers, without which singular matrices
would give wrong numbers. One case of each function is run always; all of them, second gradients and the larger networks
under the mark tools.
"""

from dataclasses import replace

import pytest

import xdl
from tests.cuda_on_host.needs import needs_compiler
from tests.functional.cases import CASES, FAMILIES
from tests.functional.namespaces import Xdl, evaluate
from tests.models.zoo import CHECKED, build
from tests.optim.runs import RUNS, parameters, set_gradients
from tests.stand_in_cupy import counted
from xdl import models, nn, optim

pytestmark = [needs_compiler, pytest.mark.filterwarnings("ignore::RuntimeWarning")]
F = Xdl()
READS_THE_COUNT = "BatchNorm1d of all batches equally"  # momentum None: the mean over all batches so far
SMALL = {
    "MLP": (lambda: models.MLP((64, 32, 10)), (64,)),
    "LeNet5": (lambda: models.LeNet5(), (1, 28, 28)),
    "softmax": (lambda: models.SoftmaxRegression(784, 10), (1, 28, 28)),
}
LARGE = {name: (lambda name=name: build(name), CHECKED[name][3]) for name in CHECKED}
LARGE |= {"BookCNN": (lambda: models.BookCNN(), (1, 28, 28))}


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


def first_of_each(cases):
    """One case of each function, without second gradients."""
    return [replace(case, second="") for case in {case.name: case for case in reversed(list(cases))}.values()]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__.removeprefix("tests.functional."))
def test_one_case_of_each_function(family):
    assert waits(first_of_each(family.cases())) == {}


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


def training(model, shape, steps):
    """What training steps cost beyond their inputs; the second finds an optimizer with its state."""
    x, y = xdl.randn(3, *shape), xdl.tensor([1, 0, 3])
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    with counted() as costs:
        for _ in range(steps):
            optimizer.zero_grad()
            output = model(x)
            loss = nn.CrossEntropyLoss()(output, y)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
    assert loss.item() > 0
    return costs


@pytest.mark.parametrize("name", SMALL)
def test_a_training_step(name):
    make, shape = SMALL[name]
    assert training(make(), shape, 2).waits == {}


@pytest.mark.tools
@pytest.mark.parametrize("name", LARGE)
def test_a_training_step_of_the_others(name):
    make, shape = LARGE[name]
    assert training(make(), shape, 1).waits == {}


@pytest.mark.parametrize("run", {run.id.split()[0]: run for run in RUNS}.values(), ids=lambda run: run.id)
def test_an_update_of_each_optimizer(run):
    assert updates(run).waits == {}


@pytest.mark.tools
@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.id)
def test_an_update_with_every_option(run):
    assert updates(run).waits == {}


def updates(run):
    """What three updates cost."""
    p = parameters(F, "float32")
    optimizer = run.make(optim, p)
    with counted() as costs:
        for step in range(3):
            set_gradients(F, optimizer, p, step, "float32")
            optimizer.step()
    return costs
