"""The VAE of bench/: its loss is xdl's own, in xdl and in PyTorch, and its weights load into `models.VAE`."""

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
