"""relu(a + b) in one pass: the value, gradients of first and second order, and operands that it hands on."""

import pytest

import xdl
from xdl import functional
from xdl.functional.elementwise.add_relu import add_relu


@pytest.mark.parametrize("shapes", [((3, 5), (3, 5)), ((3, 5), (5,)), ((), ())], ids=str)
def test_equals_relu_of_the_sum(shapes):
    a, b = (xdl.randn(*shape, dtype="float64", requires_grad=True) for shape in shapes)
    y, expected = add_relu(a, b), functional.relu(a + b)
    assert y.tolist() == expected.tolist()
    for got, wanted in zip(xdl.grad(y.sum() ** 2, [a, b]), xdl.grad(expected.sum() ** 2, [a, b]), strict=True):
        assert got.tolist() == wanted.tolist()
    assert xdl.gradcheck(add_relu, [a, b])
    assert xdl.gradgradcheck(lambda a, b: add_relu(a, b) ** 2, [a, b])


def test_an_operand_that_is_used_again_keeps_a_gradient_of_its_own():
    a, b = (xdl.tensor([1.0, -3.0, 2.0], requires_grad=True) for _ in range(2))
    (add_relu(a * 1, b * 1) + a * 2 + b * 3).sum().backward()
    assert (a.grad.tolist(), b.grad.tolist()) == ([3, 2, 3], [4, 3, 4])
