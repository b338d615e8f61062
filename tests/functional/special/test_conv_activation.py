"""A convolution and its activation in one: the values and gradients of both, bit for bit, and errors of conv2d."""

import pytest

import xdl
from xdl import functional
from xdl.errors import GraphError, ShapeError
from xdl.functional.conv.conv_activation import conv2d_activation
from xdl.functional.elementwise.following import apply

SHAPES = (2, 4, 5, 6), (6, 2, 3, 3), (6,)
SETTINGS = {"padding": (1, 2), "stride": (2, 1), "groups": 2}

ACTIVATIONS = [("relu",), ("gelu",), ("gelu_tanh",), ("leaky_relu", 0.2)]


def leaves(*shapes, dtype="float64"):
    return [xdl.randn(*shape, dtype=dtype, requires_grad=True) for shape in shapes]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("f", ACTIVATIONS)
@pytest.mark.parametrize("shape", [(2, 4, 5, 6), (4, 5, 6), (0, 4, 5, 6)], ids=str)
def test_equals_both_after_each_other(f, shape, dtype):
    x, w, b = leaves(shape, *SHAPES[1:], dtype=dtype)
    y, expected = conv2d_activation(f, x, w, b, **SETTINGS), apply(f, functional.conv2d(x, w, b, **SETTINGS))
    assert y.tolist() == expected.tolist()
    for got, wanted in zip(xdl.grad((y**2).sum(), [x, w, b]), xdl.grad((expected**2).sum(), [x, w, b]), strict=True):
        assert got.tolist() == wanted.tolist()
    without = conv2d_activation(f, x, w, None, padding="same", groups=2)
    assert without.tolist() == apply(f, functional.conv2d(x, w, None, padding="same", groups=2)).tolist()


@pytest.mark.parametrize("f", ACTIVATIONS)
def test_gradients_of_first_and_second_order(f):
    x, w, b = leaves((2, 2, 3, 4), (2, 1, 2, 2), (2,))
    assert xdl.gradcheck(lambda *args: conv2d_activation(f, *args, groups=2), [x, w, b])
    assert xdl.gradgradcheck(lambda *args: conv2d_activation(f, *args, groups=2) ** 2, [x, w, b])


def test_gradients_that_nobody_asks_for_are_left_out():
    x, w, b = xdl.randn(2, 2, 4, 4), *leaves((3, 2, 3, 3), dtype="float32"), xdl.zeros(3)
    conv2d_activation(("relu",), x, w, b).sum().backward()
    assert (x.grad, b.grad) == (None, None)
    assert w.grad.shape == w.shape


def test_what_does_not_fit_is_refused_as_by_conv2d():
    x, w, b = leaves((3, 4, 5, 5), (4, 6, 3, 3), (4,))
    with pytest.raises(ShapeError, match="conv2d"):
        conv2d_activation(("relu",), x, w, b)


def test_a_result_that_is_overwritten_is_noticed():
    x, w, b = leaves((3, 4, 5, 5), (4, 4, 3, 3), (4,))
    y = conv2d_activation(("relu",), x, w, b)
    loss = (y * 2).sum()
    y.add_(1.0)
    with pytest.raises(GraphError):
        loss.backward()
