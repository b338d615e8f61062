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
