"""No wrong argument of a public function meets an error from inside: each is taken, or refused by a typed error."""

import numpy as np
import pytest

import xdl
from tests.functional.arguments.wrong import MADE, calls, faults
from xdl.errors import DtypeError, SettingError, ShapeError
from xdl.functional.typed_errors import fits, typed

RIGHT = calls(2)


@pytest.mark.parametrize("name", [name for name in xdl.functional.__all__ if name in RIGHT])
def test_wrong_arguments_are_taken_or_refused(name):
    with np.errstate(all="ignore"):
        assert faults(name, RIGHT[name]) == []


@pytest.mark.parametrize("name", MADE)
def test_wrong_arguments_of_what_makes_tensors(name):
    assert faults(name, [MADE[name]]) == []


def test_every_public_function_has_a_right_call_to_spoil():
    assert sorted(set(xdl.functional.__all__) - set(RIGHT)) == []


def test_an_error_from_inside_is_found():
    def broken(input, dim=0):
        return input.shape[dim]

    xdl.functional.broken = broken
    try:
        found = faults("broken", [((xdl.ones(2),), {})])
    finally:
        del xdl.functional.broken
    assert any("IndexError" in line for line in found)
    assert any("AttributeError" in line for line in found)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: xdl.sum(3), DtypeError, r"sum: expected a Tensor as input, found int"),
        (lambda: xdl.ones(2).sum("rows"), SettingError, r"sum: expected int \| tuple\[int, ...\] \| None as dim"),
        (lambda: xdl.cat(3), SettingError, r"cat: expected .* as tensors, found 3"),
        (lambda: xdl.ones(2, 2).transpose(0, "a"), SettingError, r"transpose: expected int as dim1, found 'a'"),
        (lambda: xdl.ones(2).unsqueeze(7), ShapeError, "unsqueeze"),
        (lambda: xdl.linear(xdl.ones(2), [1.0]), DtypeError, "linear: expected a Tensor as weight, found list"),
        (lambda: xdl.matmul(xdl.ones(2), None), DtypeError, "matmul: expected a Tensor as other, found NoneType"),
    ],
)
def test_the_argument_is_named(call, error, says):
    with pytest.raises(error, match=says):
        call()


def test_a_call_that_python_itself_refuses_stays_as_it_is():
    with pytest.raises(TypeError, match="unexpected keyword argument 'dimension'"):
        xdl.sum(xdl.ones(2), dimension=0)


def test_types_by_annotations():
    assert fits(3, "int") and not fits(True, "int") and fits(True, "int | bool")  # noqa: PT018
    assert fits((1, 2), "int | tuple[int, ...]") and not fits((1, "a"), "int | tuple[int, ...]")  # noqa: PT018
    assert fits([xdl.ones(1)], "Sequence[Tensor]") and not fits([1], "Sequence[Tensor]")  # noqa: PT018
    assert fits(None, "Dim") and fits(1.5, "Operand") and fits(object(), "Any")  # noqa: PT018
    assert not fits("1", "float") and fits((1, 2.0), "tuple[int, float]")  # noqa: PT018


def test_what_works_is_handed_through():
    def double(x):
        return 2 * x

    assert typed(double)(4) == 8
    assert typed(double).__wrapped__ is double
