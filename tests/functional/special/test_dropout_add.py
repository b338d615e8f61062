"""Dropout before a shortcut: the mask of dropout, the value and gradients of both, and operands that it hands on."""

import pytest

import xdl
from xdl import functional
from xdl.errors import DtypeError, SettingError
from xdl.functional.elementwise.dropout_add import dropout_add


def again(function, *args):
    """With the masks that the last call had."""
    xdl.manual_seed(3)
    return function(*args)


@pytest.mark.parametrize("shapes", [((3, 50), (3, 50)), ((3, 50), (50,)), ((), ())], ids=str)
@pytest.mark.parametrize(("p", "training"), [(0.3, True), (0.3, False), (0, True), (1, True)])
def test_equals_dropout_and_a_sum(shapes, p, training):
    x, r = (xdl.randn(*shape, dtype="float64", requires_grad=True) for shape in shapes)
    y = again(dropout_add, x, r, p, training)
    expected = again(lambda: r + functional.dropout(x, p, training))
    assert y.tolist() == expected.tolist()
    for got, wanted in zip(xdl.grad((y**2).sum(), [x, r]), xdl.grad((expected**2).sum(), [x, r]), strict=True):
        assert got.tolist() == wanted.tolist()
    assert xdl.gradcheck(lambda *args: again(dropout_add, *args, p, training), [x, r])
    assert xdl.gradgradcheck(lambda *args: again(dropout_add, *args, p, training) ** 2, [x, r])


def test_an_operand_that_is_used_again_keeps_a_gradient_of_its_own():
    x, r = (xdl.ones(4, requires_grad=True) for _ in range(2))
    a, b = x * 1, r * 1
    (again(dropout_add, a, b) + a * 2 + b * 3).sum().backward()
    kept = again(functional.dropout, xdl.ones(4))
    assert (x.grad.tolist(), r.grad.tolist()) == ((kept + 2).tolist(), [4.0] * 4)


def test_only_the_shortcut_needs_a_gradient():
    r = xdl.ones(4, requires_grad=True)
    dropout_add(xdl.ones(4), r).sum().backward()
    assert r.grad.tolist() == [1.0] * 4


def test_what_dropout_refuses_is_refused():
    with pytest.raises(SettingError, match="p <= 1"):
        dropout_add(xdl.ones(4), xdl.ones(4), 1.5)
    with pytest.raises(DtypeError, match="dropout"):
        dropout_add(xdl.ones(4, dtype="int64"), xdl.ones(4, dtype="int64"))
