"""Every function, and a write to each of its inputs between forward and backward pass: noticed, or without effect."""

import gc
import weakref

import numpy as np
import pytest

import xdl
from tests.functional.cases import DIFFERENTIABLE
from tests.functional.namespaces import Xdl
from xdl.errors import GraphError


def gradients(case, written=None):
    """The gradients of the case's inputs; the input of that number is overwritten before the backward pass."""
    xdl.manual_seed(0)
    space = Xdl()
    inputs = [space.tensor(x, i in case.differentiable()) for i, x in enumerate(case.inputs())]
    found = space.call(case)(space, *inputs)
    outputs = [y for y in (found if isinstance(found, tuple | list) else [found]) if y.requires_grad]
    if written is not None:
        with xdl.no_grad():
            values = np.array(inputs[written].numpy())
            new = ~values if values.dtype == bool else np.full_like(values, 0 if values.dtype.kind in "iu" else 0.37)
            inputs[written][...] = xdl.Tensor(new)
    sum((y * (i + 1)).sum() for i, y in enumerate(outputs)).backward()
    return [None if t.grad is None else t.grad.numpy() for t in inputs]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("case", DIFFERENTIABLE, ids=lambda case: case.id)
def test_a_written_input_is_noticed(case):
    before = gradients(case)
    for i in range(len(before)):
        try:
            after = gradients(case, i)
        except GraphError:
            continue
        for a, b in zip(before, after, strict=True):
            assert (a is None) == (b is None)
            if a is not None:
                np.testing.assert_array_equal(a, b, err_msg=f"input {i} was written")


UNREAD = {
    "w + x": lambda w, x: w + x,
    "x - w": lambda w, x: x - w,
    "w / 2": lambda w, _: w / 2,
    "sum": lambda w, x: w.sum() * x,
    "mean": lambda w, x: w.mean(0) * x,
    "reshape": lambda w, x: w.reshape(3, 1) + x,
    "T": lambda w, x: w.mT + x,
    "cat": lambda w, x: xdl.cat([w, x]),
    "stack": lambda w, x: xdl.stack([x, w]),
    "a slice": lambda w, x: w[:1] * x,
    "where": lambda w, x: w.where(x > 0, x),
    "float64": lambda w, x: w.double() + x,
}


@pytest.mark.parametrize("name", UNREAD)
def test_a_leaf_may_be_written_where_its_values_are_not_read(name):
    w, x = xdl.ones(1, 3, requires_grad=True), xdl.tensor([[1.0, -2.0, 3.0]])
    expected = xdl.grad(UNREAD[name](w, x).sum(), w)[0].tolist()
    y = UNREAD[name](w, x)
    with xdl.no_grad():
        w.mul_(5)
    y.sum().backward()
    assert w.grad.tolist() == expected


READ = {
    "w * w": lambda w: w * w,
    "w @ w.T": lambda w: w @ w.mT,
    "sin": lambda w: xdl.sin(w),
    "a user's rule": lambda w: Doubled.apply(w),
}


class Doubled(xdl.autograd.Function):
    """2 x, whose backward reads x all the same."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * 2

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 2 + x * 0


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("name", READ)
def test_a_leaf_whose_values_are_read_stays_refused(name, create_graph):
    w = xdl.ones(1, 3, requires_grad=True)
    y = READ[name](w)
    with xdl.no_grad():
        w.mul_(5)
    with pytest.raises(GraphError, match="written in place since"):
        y.sum().backward(create_graph=create_graph)


def test_writes_leave_no_cycle_of_references():
    gc.disable()
    try:
        w = xdl.tensor([1.0, 2.0], dtype="float64", requires_grad=True)
        base, plain = w * 1, xdl.zeros(2, 2, dtype="float64")
        base[0] += 1
        base.T[1:] *= w[0]
        plain[0] = w
        plain.reshape(4)[1:3].mul_(w[0])
        gone = [weakref.ref(base), weakref.ref(plain)]
        del base, plain
        assert [ref() for ref in gone] == [None, None]
    finally:
        gc.enable()


def gradients_with_results(case, in_place):
    """The gradients of the case's inputs, of twice its floating results plus one; by writes into them, or not."""
    xdl.manual_seed(0)
    space = Xdl()
    inputs = [space.tensor(x, i in case.differentiable()) for i, x in enumerate(case.inputs())]
    found = space.call(case)(space, *inputs)
    outputs = [y for y in (found if isinstance(found, tuple | list) else [found]) if y.requires_grad]
    changed = [y.mul_(2).add_(1) if in_place else y * 2 + 1 for y in outputs]
    sum((y * (i + 1)).sum() for i, y in enumerate(changed)).backward()
    return [None if t.grad is None else t.grad.numpy() for t in inputs]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("case", DIFFERENTIABLE, ids=lambda case: case.id)
def test_a_result_that_is_written_keeps_its_gradient(case):
    try:
        found = gradients_with_results(case, in_place=True)
    except GraphError:  # expanded results; operations of several results and kernels that keep another form of them
        return
    for a, b in zip(found, gradients_with_results(case, in_place=False), strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: xdl.nn.functional.max_pool2d(x, 2),
        lambda x: xdl.nn.functional.max_pool1d(x[0], 2),
        lambda x: x.relu(),
        lambda x: x.softmax(-1),
        lambda x: x**2,
        lambda x: x.clamp(0.2, 0.7),
        lambda x: x.amax(-1),
    ],
)
def test_what_is_added_to_a_result_in_place_leaves_its_gradient(function):
    def gradient(write):
        x = xdl.tensor(np.random.RandomState(0).uniform(size=(1, 2, 4, 4)), requires_grad=True)
        y = function(x)
        write(y).sum().backward()
        return x.grad.numpy()

    def part(y):
        y[..., :1] = 0.0
        return y

    np.testing.assert_array_equal(gradient(lambda y: y.add_(1)), gradient(lambda y: y + 1))
    assert (gradient(part) != gradient(lambda y: y)).any()
    np.testing.assert_array_equal(gradient(part), gradient(lambda y: xdl.cat([y[..., :1] * 0.0, y[..., 1:]], -1)))
