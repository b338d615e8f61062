"""A linear layer and its activation in one: the values and gradients of both, bit for bit, and operands it hands on."""

import pytest

import xdl
from xdl import functional
from xdl.errors import GraphError, ShapeError
from xdl.functional.elementwise.following import apply
from xdl.functional.products.linear_activation import linear_activation

ACTIVATIONS = [("relu",), ("gelu",), ("gelu_tanh",), ("leaky_relu", 0.2)]


def leaves(*shapes):
    return [xdl.randn(*shape, dtype="float64", requires_grad=True) for shape in shapes]


@pytest.mark.parametrize("f", ACTIVATIONS)
@pytest.mark.parametrize("shapes", [((3, 5), (4, 5), (4,)), ((2, 3, 5), (4, 5), (4,)), ((5,), (4, 5), (4,))], ids=str)
def test_equals_both_after_each_other(f, shapes):
    x, w, b = leaves(*shapes)
    y, expected = linear_activation(x, w, b, f), apply(f, functional.linear(x, w, b))
    assert y.tolist() == expected.tolist()
    for got, wanted in zip(xdl.grad(y.sum() ** 2, [x, w, b]), xdl.grad(expected.sum() ** 2, [x, w, b]), strict=True):
        assert got.tolist() == wanted.tolist()
    without = linear_activation(x, w, None, f)
    assert without.tolist() == apply(f, functional.linear(x, w)).tolist()


@pytest.mark.parametrize("f", ACTIVATIONS)
def test_gradients_of_first_and_second_order(f):
    x, w, b = leaves((3, 5), (4, 5), (4,))
    assert xdl.gradcheck(lambda *args: linear_activation(*args, f), [x, w, b])
    assert xdl.gradgradcheck(lambda *args: linear_activation(*args, f) ** 2, [x, w, b])


def test_what_the_slot_does_not_take_is_refused_as_by_linear():
    x, w, b = leaves((3, 5), (4, 6), (4,))
    with pytest.raises(ShapeError, match="linear"):
        linear_activation(x, w, b, ("relu",))


def test_a_result_that_is_overwritten_is_noticed():
    x, w, b = leaves((3, 5), (4, 5), (4,))
    y = linear_activation(x, w, b, ("relu",))
    loss = (y * 2).sum()
    y.add_(1.0)
    with pytest.raises(GraphError):
        loss.backward()
