"""Generators and critics: shapes, labels, gradients, equality with PyTorch, spectral norms of a whole critic."""

import numpy as np
import pytest

import xdl
from xdl import gradcheck, nn
from xdl.errors import SettingError
from xdl.models.adversarial import DCGANCritic, DCGANGenerator, DenseCritic, DenseGenerator, spectral
from xdl.models.mlp import MLP

SHAPES = [(1, 8, 8), (3, 12, 12), (1, 28, 28)]
PAIRS = {
    "dense": (DenseGenerator, lambda shape, classes: DenseCritic(shape, (6, 5), classes)),
    "dcgan": (DCGANGenerator, lambda shape, classes: DCGANCritic(shape, 4, classes)),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", PAIRS)
def test_images_have_the_shape_and_scores_are_one_each(name, shape):
    make, critic_of = PAIRS[name]
    generator, critic = make(5, shape, num_classes=0), critic_of(shape, 0)
    images = generator(xdl.randn(3, 5))
    assert images.shape == (3, *shape)
    assert float(images.abs().max()) < 1
    assert critic(images).shape == (3, 1)


@pytest.mark.parametrize("name", PAIRS)
def test_labels_change_what_is_made_and_scored(name):
    make, critic_of = PAIRS[name]
    generator, critic = make(5, (1, 8, 8), num_classes=3).eval(), critic_of((1, 8, 8), 3).eval()
    noise = xdl.randn(1, 5).expand(2, -1)
    images = generator(noise, xdl.tensor([0, 2]))
    assert (images[0] != images[1]).any()
    scores = critic(images[:1].expand(2, -1, -1, -1), xdl.tensor([0, 2]))
    assert scores[0].item() != scores[1].item()
    for network, x in ((generator, noise), (critic, images)):
        with pytest.raises(SettingError, match="expected labels of 3 classes, found none"):
            network(x)
    with pytest.raises(SettingError, match="expected no labels"):
        make(5, (1, 8, 8))(noise, xdl.tensor([0, 2]))
    with pytest.raises(SettingError, match="expected no labels"):
        critic_of((1, 8, 8), 0)(images, xdl.tensor([0, 2]))


@pytest.mark.parametrize("name", PAIRS)
def test_gradients_through_both(name):
    make, critic_of = PAIRS[name]
    sizes = {"width": 2} if name == "dcgan" else {"hidden": (4,)}
    generator = make(3, (1, 4, 4), **sizes).to("float64")
    critic = critic_of((1, 4, 4), 0).to("float64")
    with xdl.no_grad():
        for p in (*generator.parameters(), *critic.parameters()):
            p[...] = p * 5 if p.ndim > 1 else p + 0.1  # larger than at the start, where slopes are tiny
    noise = xdl.randn(4, 3, dtype="float64", requires_grad=True)
    assert gradcheck(lambda z: critic(generator(z)), [noise])


@pytest.mark.torch
def test_the_numbers_are_pytorchs():
    import torch

    generator, critic = DCGANGenerator(5, (1, 8, 8), 4).to("float64"), DCGANCritic((1, 8, 8), 4).to("float64")
    layers = [
        torch.nn.Linear(5, 32, bias=False),
        torch.nn.Unflatten(1, (8, 2, 2)),
        torch.nn.BatchNorm2d(8),
        torch.nn.ReLU(),
        torch.nn.ConvTranspose2d(8, 4, 4, 2, 1, bias=False),
        torch.nn.BatchNorm2d(4),
        torch.nn.ReLU(),
        torch.nn.ConvTranspose2d(4, 1, 4, 2, 1),
        torch.nn.Tanh(),
    ]
    judges = [
        torch.nn.Conv2d(1, 4, 4, 2, 1),
        torch.nn.LeakyReLU(0.2),
        torch.nn.Conv2d(4, 8, 4, 2, 1, bias=False),
        torch.nn.BatchNorm2d(8),
        torch.nn.LeakyReLU(0.2),
        torch.nn.Flatten(),
        torch.nn.Linear(32, 1),
    ]
    theirs = [torch.nn.Sequential(*some).double() for some in (layers, judges)]
    for ours, other in zip((generator.layers, critic.layers), theirs, strict=True):
        other.load_state_dict({key: torch.tensor(value.numpy()) for key, value in ours.state_dict().items()})
    noise = np.random.default_rng(0).normal(size=(6, 5))
    found, expected = critic(generator(xdl.tensor(noise))), theirs[1](theirs[0](torch.tensor(noise)))
    np.testing.assert_allclose(found.numpy(), expected.detach().numpy(), rtol=1e-10, atol=1e-12)
    found.sum().backward()
    expected.sum().backward()
    for (name, p), q in zip(generator.layers.named_parameters(), theirs[0].parameters(), strict=True):
        np.testing.assert_allclose(p.grad.numpy(), q.grad.numpy(), rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("shape", [(1, 8, 10), (1, 10, 10), (0, 8, 8), (8, 8)])
def test_shapes_that_do_not_fit_are_refused(shape):
    for make in (lambda: DCGANGenerator(4, shape), lambda: DCGANCritic(shape)):
        with pytest.raises(SettingError, match=r"a shape \(C, S, S\), S a multiple of 4"):
            make()


def test_a_spectral_critic_of_linear_layers_has_a_slope_of_1_at_most():
    xdl.manual_seed(0)
    critic = MLP((6, 30, 30, 1), nn.LeakyReLU)
    with xdl.no_grad():
        for p in critic.parameters():
            p *= 4.0
    x = xdl.randn(200, 6, requires_grad=True)

    def steepest(network):
        (slope,) = xdl.grad(network(x).sum(), [x])
        return slope.square().sum(1).sqrt().max().item()

    assert steepest(critic) > 2
    spectral(critic)
    for _ in range(30):
        critic(x)
    assert steepest(critic.eval()) < 1.001
    convolutions = spectral(DCGANCritic((1, 8, 8), 4, batch_norm=False)).layers
    assert [name for name, _ in convolutions.named_parameters() if "original" in name] == [
        f"{i}.parametrizations.weight.original" for i in (0, 2, 5)
    ]
