"""Losses and bounds of models that generate, against what PyTorch gave, gradients included."""

import numpy as np
import pytest

import xdl
from tests.oracle.generative import GIVEN, xdl_forms
from tests.oracle.make_generative_fixtures import FILE, fixtures, read
from xdl.distributions import normal

NAMES = ("elbo", "bound", "sparsity", "top_k", "js")


@pytest.fixture(autouse=True)
def _given_noise(monkeypatch):
    monkeypatch.setattr(normal, "normal_noise", lambda *_: xdl.tensor(GIVEN["noise"]))


@pytest.mark.parametrize("name", NAMES)
def test_values_and_gradients_are_pytorchs(name):
    expected = {key: value for key, value in read().items() if key.startswith(f"{name} ")}
    arguments = [key.rpartition(" ")[2] for key in expected if " gradient " in key]
    tensors = [xdl.tensor(GIVEN[argument], requires_grad=True) for argument in arguments]
    values = xdl_forms()[name](*tensors)
    total = sum(value.sum() for value in values)
    total.backward()
    found = {f"{name} value {i}": value.detach().numpy() for i, value in enumerate(values)}
    found |= {f"{name} gradient {a}": t.grad.numpy() for a, t in zip(arguments, tensors, strict=True)}
    assert found.keys() == expected.keys()
    for key, value in found.items():
        np.testing.assert_allclose(value, expected[key], rtol=1e-10, atol=1e-12, err_msg=key)


def test_all_of_the_file_is_compared_and_it_is_small():
    assert {key.split()[0] for key in read()} == set(NAMES) == set(xdl_forms())
    assert FILE.stat().st_size < 30_000


@pytest.mark.torch
def test_the_file_is_what_pytorch_gives_now():
    now = fixtures()
    assert now.keys() == read().keys()
    for key, value in now.items():
        np.testing.assert_allclose(value, read()[key], rtol=1e-12, atol=1e-14, err_msg=key)
