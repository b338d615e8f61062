"""The models of bench/ that generate: they compute what xdl's own do, in xdl and in PyTorch."""

import numpy as np
import pytest

import xdl
from xdl.models import VAE
from xdl.train import negative_elbo

PIXELS = (np.random.RandomState(0).rand(4, 784) > 0.8).astype("float32")
NOISE = np.random.RandomState(1).randn(4, 20).astype("float32")


def own_loss(state):
    model = VAE((1, 28, 28))
    model.load_state_dict(state)
    model.sample = lambda m, v: m + (v * 0.5).exp() * xdl.tensor(NOISE)
    return negative_elbo(model(xdl.tensor(PIXELS)), xdl.tensor(PIXELS)).item()


def test_the_loss_is_that_of_the_library(bench, monkeypatch):
    generative = bench("generative.steps").steps
    net = generative.vae_net(xdl.nn)
    monkeypatch.setattr(xdl, "randn_like", lambda _: xdl.tensor(NOISE))
    found = generative.negative_elbo(xdl, net, xdl.tensor(PIXELS)).item()
    assert found == pytest.approx(own_loss(net.state_dict()), rel=1e-6)


@pytest.mark.torch
def test_pytorch_computes_the_same(bench, monkeypatch):
    import torch

    generative = bench("generative.steps").steps
    net = generative.vae_net(torch.nn)
    monkeypatch.setattr(torch, "randn_like", lambda _: torch.tensor(NOISE))
    found = generative.negative_elbo(torch, net, torch.tensor(PIXELS)).item()
    state = {name: xdl.tensor(value.detach().numpy()) for name, value in net.state_dict().items()}
    assert found == pytest.approx(own_loss(state), rel=1e-5)


def test_each_step_trains(bench):
    generative = bench("generative.steps").steps
    for name in generative.GENERATIVE:
        run = generative.generative("xdl", name)
        run()
        run()


def after_two_steps(steps, framework, make):
    """The weights of a machine after two steps of CD-1 in which every uniform number is 1/2."""
    v = framework.tensor(PIXELS[:, :30])
    weights = np.random.RandomState(2).randn(5, 30).astype("float32")
    parameters = [framework.tensor(weights), framework.zeros(30), framework.zeros(5)]
    run = make(framework, parameters, v)
    run()
    run()
    return [parameter.detach().numpy() for parameter in parameters]


@pytest.mark.torch
def test_a_step_of_contrastive_divergence_is_pytorchs(bench, monkeypatch):
    import torch

    steps = bench("generative.steps").steps
    monkeypatch.setattr(torch, "rand_like", lambda x: torch.full_like(x, 0.5))
    monkeypatch.setattr("xdl.models.energy.rbm.rand_like", lambda x: 0 * x + 0.5)
    found = after_two_steps(steps, xdl, steps.cd1_of_task)
    expected = after_two_steps(steps, torch, steps.cd1_written_out)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
        assert np.abs(one).max() > 0
