"""Every differentiable case: first and second derivatives against finite differences in float64."""

import pytest

import xdl
from tests.functional.cases import SMOOTH
from tests.functional.namespaces import Xdl

F = Xdl()


def function_and_inputs(case):
    """The case as a function of all inputs that returns what depends on them."""
    inputs = [F.tensor(x, i in case.differentiable()) for i, x in enumerate(case.inputs())]

    def function(*arguments):
        result = case.call(F, *arguments)
        outputs = list(result) if isinstance(result, tuple) else [result]
        differentiable = [y for y in outputs if y.requires_grad]
        assert differentiable
        return differentiable

    return function, inputs


@pytest.mark.parametrize("case", SMOOTH, ids=lambda case: case.id)
def test_first_and_second_derivatives(case):
    assert xdl.gradcheck(*function_and_inputs(case))
    assert xdl.gradgradcheck(*function_and_inputs(case))
