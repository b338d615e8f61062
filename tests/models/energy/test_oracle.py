"""Boltzmann machines beside PyTorch: free energies, exact likelihoods, and the gradients of these."""

import json

import numpy as np
import pytest

import xdl
from tests.models.energy.oracle import FILE, HIDDEN, VISIBLE, fixtures, inputs
from xdl.models import energy


@pytest.mark.parametrize("kind", ["RBM", "GaussianRBM"])
def test_numbers_and_gradients_are_pytorchs(kind):
    expected = json.loads(FILE.read_text())[kind]
    *parameters, v = inputs(kind)
    model = getattr(energy, kind)(VISIBLE, HIDDEN).to("float64")
    for parameter, value in zip(model.parameters(), parameters, strict=True):
        parameter.data = xdl.tensor(value)
    likelihood = energy.log_likelihood(model, xdl.tensor(v)).mean()
    likelihood.backward()
    found = {"free_energy": model.free_energy(xdl.tensor(v)).detach(), "log_likelihood": likelihood.detach()}
    found |= {name: parameter.grad for name, parameter in model.named_parameters()}
    assert found.keys() == expected.keys()
    for name, value in found.items():
        np.testing.assert_allclose(value.numpy(), expected[name], rtol=1e-10, atol=1e-12, err_msg=name)


@pytest.mark.torch
def test_the_file_is_what_pytorch_gives_now():
    stored = json.loads(FILE.read_text())
    for kind, values in fixtures().items():
        for name, value in values.items():
            np.testing.assert_allclose(value, stored[kind][name], rtol=1e-12, atol=1e-14)
