"""x.where(condition, other): PyTorch's method, which takes x where the condition holds."""

import pytest

import xdl
from xdl.errors import DtypeError
from xdl.gradcheck import gradcheck


def test_the_method_takes_itself_where_the_condition_holds():
    x, condition = xdl.tensor([1.0, 2.0, 3.0]), xdl.tensor([True, False, True])
    assert x.where(condition, 0.0).tolist() == [1.0, 0.0, 3.0]
    assert x.where(condition, -x).tolist() == xdl.where(condition, x, -x).tolist() == [1.0, -2.0, 3.0]
    assert x.where(other=5.0, condition=condition).tolist() == [1.0, 5.0, 3.0]


def test_a_mask_may_be_chosen_from_too():
    mask, condition = xdl.tensor([True, True, False]), xdl.tensor([True, False, False])
    assert mask.where(condition, xdl.tensor([False, False, True])).tolist() == [True, False, True]


def test_gradients_go_where_the_values_came_from():
    x, y = (xdl.tensor([[1.0, 2.0], [3.0, 4.0]], dtype="float64", requires_grad=True) for _ in range(2))
    condition = xdl.tensor([[True, False], [False, True]])
    gradcheck(lambda a, b: a.where(condition, b**2), (x, y))


def test_a_condition_that_is_no_mask_is_refused():
    with pytest.raises(DtypeError, match="bool"):
        xdl.ones(2).where(xdl.ones(2), 0.0)
