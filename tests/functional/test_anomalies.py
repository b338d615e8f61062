"""No function raises a false alarm under detect_anomaly: finite inputs, results and gradients are let through."""

import numpy as np
import pytest

import xdl
from tests.functional.cases import DIFFERENTIABLE
from tests.functional.test_gradients import function_and_inputs

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def gradients(case):
    """The results and the gradients of a case."""
    function, inputs = function_and_inputs(case)
    outputs = function(*inputs)
    wanted = [inputs[i] for i in case.differentiable()]
    found = xdl.grad(outputs, wanted, [xdl.ones_like(y) for y in outputs])
    return [t.numpy() for t in (*inputs, *outputs, *found) if t is not None]


def test_finite_cases_pass():
    finite = [case for case in DIFFERENTIABLE if all(np.isfinite(x).all() for x in gradients(case))]
    ordinary = [case for case in DIFFERENTIABLE if " special" not in case.id]
    assert len(finite) > 0.9 * len(ordinary)
    with xdl.detect_anomaly():
        for case in finite:
            gradients(case)
