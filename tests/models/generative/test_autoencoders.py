"""Autoencoders: shapes, gradients, the penalty by hand, and a training step on every backend."""

from itertools import pairwise
from math import log, prod

import numpy as np
import pytest

import xdl
from xdl import nn, optim
from xdl.errors import SettingError, ShapeError
from xdl.func import numerical_gradients_of
from xdl.gradcheck import gradcheck, gradgradcheck
from xdl.models import ConvAutoencoder, DenseAutoencoder, TopK, kl_sparsity
from xdl.train import Reconstruction

BUILD = {
    "dense": lambda: DenseAutoencoder((1, 5, 4), (7, 3)),
    "sigmoid code": lambda: DenseAutoencoder((1, 5, 4), (3,), code=nn.Sigmoid),
    "conv": lambda: ConvAutoencoder((1, 5, 4), (2, 3), 3),
}


@pytest.mark.parametrize("name", BUILD)
def test_codes_and_images_have_their_shapes(name):
    model = BUILD[name]()
    x = xdl.rand(2, 1, 5, 4)
    code = model.encode(x)
    assert code.shape == (2, 3)
    assert model.decode(code).shape == x.shape
    assert (model(x) == model.decode(code)).all()
    assert 0 < float(model(x).min()) < float(model(x).max()) < 1


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 28, 28), (1, 7, 9), (2, 1, 6), (1, 13, 30)])
def test_images_of_any_size_come_back_in_theirs(shape):
    x = xdl.rand(2, *shape)
    assert ConvAutoencoder(shape, (2, 3, 4), 5)(x).shape == x.shape


def test_a_dense_one_counts_by_hand():
    model = DenseAutoencoder((1, 28, 28), (512, 256, 32))
    sizes = (784, 512, 256, 32, 256, 512, 784)
    count = sum(a * b + b for a, b in pairwise(sizes))
    assert sum(prod(p.shape) for p in model.parameters()) == count


@pytest.mark.parametrize("name", BUILD)
def test_gradients_of_the_whole_autoencoder(name):
    model = BUILD[name]().to("float64")
    x = xdl.rand(2, 1, 5, 4, dtype="float64", requires_grad=True)
    assert gradcheck(lambda x: (model(x) - x).square().mean(), [x])
    assert gradgradcheck(lambda x: (model(x) - x).square().mean(), [x])

    def loss():
        return (model(x) - x).square().mean()

    model.zero_grad()
    loss().backward()
    parameters = list(model.parameters())
    for p, expected in zip(parameters, numerical_gradients_of(loss, parameters), strict=True):
        np.testing.assert_allclose(p.grad.numpy(), expected, atol=1e-7)


def test_the_penalty_is_that_of_its_formula_and_0_at_the_target():
    a = xdl.tensor([[0.2, 0.05], [0.4, 0.15]], dtype="float64")
    by_hand = sum(0.1 * log(0.1 / m) + 0.9 * log(0.9 / (1 - m)) for m in (0.3, 0.1))
    assert float(kl_sparsity(a, 0.1)) == pytest.approx(by_hand, rel=1e-12)
    assert float(kl_sparsity(xdl.full((4, 3), 0.05, dtype="float64"), 0.05)) == pytest.approx(0, abs=1e-12)
    dead = kl_sparsity(xdl.zeros(4, 3, requires_grad=True), 0.05)
    assert np.isfinite(dead.item())
    dead.backward()


def test_gradients_of_the_penalty_and_of_the_largest():
    a = xdl.rand(5, 4, dtype="float64", requires_grad=True)
    assert gradcheck(lambda a: kl_sparsity(a, 0.2), [a])
    assert gradgradcheck(lambda a: kl_sparsity(a, 0.2), [a])
    assert gradcheck(lambda a: (TopK(2)(a) ** 2).sum(), [a])


def test_the_largest_are_kept():
    x = xdl.tensor([[3.0, -1, 2, 0], [-5, -6, -7, -8]])
    assert TopK(2)(x).tolist() == [[3, 0, 2, 0], [-5, -6, 0, 0]]


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (lambda: DenseAutoencoder((4,), ()), SettingError, "at least one size"),
        (lambda: DenseAutoencoder((4,), (0,)), SettingError, "at least 1"),
        (lambda: DenseAutoencoder((), (2,)), SettingError, "a shape"),
        (lambda: ConvAutoencoder((8, 8), (4,), 2), SettingError, r"a shape \(C, H, W\)"),
        (lambda: ConvAutoencoder((1, 8, 8), (), 2), SettingError, "channels"),
        (lambda: TopK(0), SettingError, "k >= 1"),
        (lambda: TopK(5)(xdl.zeros(2, 4)), SettingError, "k of at most 4"),
        (lambda: TopK(1)(xdl.zeros(4)), ShapeError, r"TopK: expected codes \(N, K\)"),
        (lambda: kl_sparsity(xdl.zeros(4), 0.1), ShapeError, r"\(N, K\)"),
        (lambda: kl_sparsity(xdl.zeros(4, 1), 1.0), SettingError, "0 < target < 1"),
        (lambda: Reconstruction(nn.Identity(), None, weight_of_sparsity=-1.0), SettingError, ">= 0"),
    ],
)
def test_what_is_refused(make, error, said):
    with pytest.raises(error, match=said):
        make()


@pytest.mark.parametrize("name", BUILD)
def test_a_step_looks_at_no_value(name, strict, no_synchronization):
    xdl.use("array_api_strict")
    model = BUILD[name]()
    task = Reconstruction(
        model, optim.Adam(model.parameters()), lambda x: x + 0.1 * xdl.randn_like(x), lambda z: z.abs().mean(), 0.1
    )
    x = xdl.rand(3, 1, 5, 4)
    with no_synchronization():
        measures = task.train_step((x, xdl.tensor([0, 1, 2])))
    loss, error, sparsity = (measures[name].item() for name in ("loss", "error", "sparsity"))
    assert loss == pytest.approx(error + 0.1 * sparsity, rel=1e-5)
