"""Tensors that become a view of themselves: `x.unsqueeze_(0)`, and what shares their memory or hangs on the tape."""

import numpy as np
import pytest

import xdl
from xdl.errors import GraphError, ShapeError

STEPS = {
    "unsqueeze_": lambda x: x.unsqueeze_(1),
    "squeeze_": lambda x: x.squeeze_(0),
    "transpose_": lambda x: x.transpose_(0, -1),
    "swapaxes_": lambda x: x.swapaxes_(0, 1),
    "swapdims_": lambda x: x.swapdims_(1, 2),
}


def program(F, step):
    """Values and gradients where x becomes a view of itself between its other views, and all are written."""
    w = F.tensor(np.arange(6.0).reshape(1, 2, 3), requires_grad=True)
    x = w * 2
    before = x[:, 1:]
    assert step(x) is x
    after = x[..., :1]
    before.mul_(3)
    after.add_(w.sum())
    x.mul_(x.detach().clone())
    (x.tanh().sum() + (before * before).sum() + after.sum()).backward()
    return [t.detach().numpy() for t in (x, before, after, w.grad)]


@pytest.mark.torch
@pytest.mark.parametrize("name", STEPS)
def test_views_and_gradients_are_those_of_pytorch(name):
    import torch

    for a, b in zip(program(xdl, STEPS[name]), program(torch, STEPS[name]), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_shapes_in_place():
    x = xdl.arange(6).reshape(2, 3)
    y = x.t_()
    assert y is x
    assert x.tolist() == [[0, 3], [1, 4], [2, 5]]
    x.unsqueeze_(-1).squeeze_()
    assert x.shape == (3, 2)
    with pytest.raises(ShapeError):
        x.unsqueeze_(5)
    with pytest.raises(GraphError, match="no leaf"):
        xdl.ones(2, requires_grad=True).unsqueeze_(0)


def test_another_size_keeps_the_first_elements():
    x = xdl.arange(6)
    assert x.resize_(2, 2).tolist() == [[0, 1], [2, 3]]
    assert x.resize_(5).tolist() == [0, 1, 2, 3, 0]
    assert x.resize_as_(xdl.ones(1, 5)).shape == (1, 5)
    assert x.resize_(0).numel() == 0
    with pytest.raises(GraphError):
        (xdl.ones(2, requires_grad=True) * 2).resize_(1)
    with pytest.raises(ShapeError):
        x.resize_(-1)


@pytest.mark.torch
@pytest.mark.parametrize("shape", [(3, 3), (7, 3), (3, 7), (3, 3, 3), (1, 4)])
@pytest.mark.parametrize("wrap", [False, True])
def test_filled_diagonals_are_those_of_pytorch(shape, wrap):
    import torch

    assert xdl.zeros(*shape).fill_diagonal_(2, wrap).tolist() == torch.zeros(*shape).fill_diagonal_(2, wrap).tolist()
    with pytest.raises(ShapeError):
        xdl.zeros(3).fill_diagonal_(1)
    with pytest.raises(ShapeError):
        xdl.zeros(3, 2, 3).fill_diagonal_(1)


def test_new_tensors_by_the_oldest_name():
    x = xdl.ones(2, dtype="float64")
    assert (x.new(2, 3).shape, x.new().shape, x.new([1, 2]).tolist()) == ((2, 3), (0,), [1.0, 2.0])
    assert x.new([1]).dtype == x.new(2).dtype == "float64"
