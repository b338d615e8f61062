"""Batch normalization and its activation in one: values, gradients and running statistics of both, bit for bit."""

import pytest

import xdl
from xdl import functional
from xdl.errors import GraphError
from xdl.functional.elementwise.following import apply
from xdl.functional.norm.batch_norm import counting_batch_norm
from xdl.functional.norm.batch_norm_activation import normalized_and

ACTIVATIONS = [("relu",), ("gelu",), ("gelu_tanh",), ("leaky_relu", 0.2)]


def joined(f, x, weight=None, bias=None, running=(None, None), training=True):
    return counting_batch_norm(x, *running, None, weight, bias, training, 0.1, 1e-5, normalized_and(f))


def leaves(*shapes, dtype="float64"):
    return [xdl.randn(*shape, dtype=dtype, requires_grad=True) for shape in shapes]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("f", ACTIVATIONS)
@pytest.mark.parametrize("shape", [(4, 3, 5, 6), (4, 3)], ids=str)
def test_equals_both_after_each_other(f, shape, training, dtype):
    x, w, b = leaves(shape, (3,), (3,), dtype=dtype)
    running, others = ((xdl.randn(3, dtype=dtype), xdl.rand(3, dtype=dtype) + 1) for _ in range(2))
    for mine, theirs in zip(running, others, strict=True):
        mine.copy_(theirs)
    y, z = joined(f, x, w, b, running, training), functional.batch_norm(x, *others, w, b, training)
    expected = apply(f, z)
    assert y.tolist() == expected.tolist()
    assert [t.tolist() for t in running] == [t.tolist() for t in others]
    for got, wanted in zip(xdl.grad((y**2).sum(), [x, w, b]), xdl.grad((expected**2).sum(), [x, w, b]), strict=True):
        assert got.tolist() == wanted.tolist()


@pytest.mark.parametrize("shape", [(4, 2, 3), (5, 2), (3, 2, 2, 1)], ids=str)
@pytest.mark.parametrize("f", ACTIVATIONS)
def test_gradients_of_first_and_second_order(f, shape):
    x, w, b = leaves(shape, (2,), (2,))
    assert xdl.gradcheck(lambda *args: joined(f, *args), [x, w, b])
    assert xdl.gradgradcheck(lambda *args: joined(f, *args) ** 2, [x, w, b])
    given = xdl.randn(2, dtype="float64"), xdl.rand(2, dtype="float64") + 1
    assert xdl.gradgradcheck(lambda *args: joined(f, *args, given, False) ** 2, [x, w, b])


def test_a_result_that_is_overwritten_is_noticed():
    x, w, b = leaves((4, 3, 5), (3,), (3,))
    y = joined(("relu",), x, w, b)
    loss = (y * 2).sum()
    y.add_(1.0)
    with pytest.raises(GraphError):
        loss.backward()
