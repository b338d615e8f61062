"""Weights made of other parameters: weight and spectral normalization in both of PyTorch's forms, and one's own."""

from copy import deepcopy

import numpy as np
import pytest

import xdl
from tests.functional.namespaces import Torch, Xdl
from xdl import nn
from xdl.errors import KindError, SettingError, ShapeError
from xdl.nn.utils import parametrizations, parametrize

X = np.random.RandomState(0).standard_normal((4, 3, 6, 6))
FORMS = ("hooks", "parametrizations")
LAYERS = {
    "Linear": lambda nn: nn.Linear(6, 5),
    "Conv2d": lambda nn: nn.Conv2d(3, 4, 3),
    "ConvTranspose2d": lambda nn: nn.ConvTranspose2d(3, 2, 3),
}
SETTINGS = {
    "weight_norm": ({}, {"dim": 1}, {"dim": None}),
    "spectral_norm": ({}, {"n_power_iterations": 3}, {"dim": 1, "eps": 1e-3}),
}
CASES = [(form, norm, layer, s) for form in FORMS for norm in SETTINGS for layer in LAYERS for s in SETTINGS[norm]]


def normalized(F, form, norm, layer, settings):
    """A layer in float64 with its normalization."""
    utils = F.nn.utils if form == "hooks" else F.nn.utils.parametrizations
    return getattr(utils, norm)(LAYERS[layer](F.nn).double(), **settings)


def steps(F, module):
    """Outputs and gradients of three steps of plain descent in training, then the output in evaluation."""
    found = []
    x = F.tensor(X, False)
    for _ in range(3):
        y = module(x)
        (y * y).sum().backward()
        found.append(F.host(y))
        for name, p in sorted(module.named_parameters()):
            found += [name, F.host(p.grad)]
            p.data -= 0.001 * p.grad
            p.grad = None
    module.eval()
    return [*found, F.host(module(x))]


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("form", "norm", "layer", "settings"), CASES)
def test_beside_pytorch(form, norm, layer, settings):
    ours, theirs = (normalized(F, form, norm, layer, settings) for F in (Xdl(), Torch()))
    state = {name: t.numpy().copy() for name, t in theirs.state_dict().items()}
    assert [*ours.state_dict()] == [*state]
    ours.load_state_dict(state)
    for found, expected in zip(steps(Xdl(), ours), steps(Torch(), theirs), strict=True):
        if isinstance(expected, str):
            assert found == expected
        else:
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9 * max(1.0, abs(expected).max()))
    theirs.load_state_dict({name: Torch().tensor(t.numpy(), False) for name, t in ours.state_dict().items()})


@pytest.mark.parametrize(("form", "norm", "layer", "settings"), CASES)
def test_the_weight_is_what_its_name_says(form, norm, layer, settings):
    xdl.manual_seed(1)
    module = normalized(Xdl(), form, norm, layer, settings)
    plain = deepcopy(module) if form == "parametrizations" else module
    for _ in range(30):
        module(xdl.tensor(X))
    w, first = module.weight.numpy(), 1 if layer == "ConvTranspose2d" else 0
    dim = settings.get("dim", first if norm == "spectral_norm" else 0)
    matrix = w.reshape(1, -1) if dim is None else np.moveaxis(w, dim, 0).reshape(w.shape[dim], -1)
    if norm == "spectral_norm":
        np.testing.assert_allclose(np.linalg.norm(matrix, 2), 1, atol=1e-3)
    else:
        g = module.weight_g if form == "hooks" else module.parametrizations.weight.original0
        np.testing.assert_allclose(np.linalg.norm(matrix, axis=1), g.numpy().reshape(-1), rtol=1e-12)
    assert plain.weight.shape == w.shape


@pytest.mark.parametrize("norm", SETTINGS)
def test_hooks_are_taken_off(norm):
    module = getattr(nn.utils, norm)(nn.Linear(3, 2)).eval()
    x = xdl.randn(4, 3)
    before = module(x).numpy().copy()
    with pytest.raises(SettingError, match="not normalized already"):
        getattr(nn.utils, norm)(module)
    assert getattr(nn.utils, f"remove_{norm}")(module) is module
    assert [name for name, _ in module.named_parameters()] == ["bias", "weight"]
    assert set(module.state_dict()) == {"weight", "bias"}
    np.testing.assert_allclose(module(x).numpy(), before, atol=1e-6)
    with pytest.raises(SettingError, match=f"remove_{norm}"):
        getattr(nn.utils, f"remove_{norm}")(module)
    with pytest.raises(SettingError, match="name of a parameter"):
        getattr(nn.utils, norm)(module, "other")


class Symmetric(nn.Module):
    """A matrix made of its upper triangle."""

    def forward(self, x):
        return xdl.triu(x) + xdl.triu(x, 1).mT

    def right_inverse(self, value):
        return xdl.triu(value)


class Doubled(nn.Module):
    """Twice a matrix; its inverse is not told."""

    def forward(self, x):
        return x * 2


def test_a_parametrization_of_ones_own():
    linear = nn.Linear(3, 3)
    original = linear.weight
    assert parametrize.register_parametrization(linear, "weight", Symmetric()) is linear
    assert type(linear).__name__ == "ParametrizedLinear"
    assert isinstance(linear, nn.Linear)
    assert parametrize.is_parametrized(linear)
    assert parametrize.is_parametrized(linear, "weight")
    assert not parametrize.is_parametrized(linear, "bias")
    assert linear.parametrizations.weight.original is original
    assert [*linear.state_dict()] == ["bias", "parametrizations.weight.original"]
    linear(xdl.ones(2, 3)).sum().backward()
    assert original.grad is not None
    assert (linear.weight == linear.weight.mT).all()
    assert nn.Linear(3, 3).weight.is_leaf  # the class of other layers is as it was


def test_assigning_goes_through_the_inverse():
    linear = nn.Linear(2, 2)
    parametrize.register_parametrization(linear, "weight", Symmetric())
    linear.weight = xdl.tensor([[1.0, 2.0], [2.0, 3.0]])
    assert linear.weight.tolist() == [[1, 2], [2, 3]]
    assert linear.parametrizations.weight.original.tolist() == [[1, 2], [0, 3]]
    parametrize.register_parametrization(linear, "weight", Doubled())
    assert linear.weight.tolist() == [[2, 4], [4, 6]]
    with pytest.raises(KindError, match="Doubled"):
        linear.weight = xdl.ones(2, 2)


@pytest.mark.parametrize("leave", [True, False])
def test_parametrizations_are_removed(leave):
    linear = nn.Linear(2, 2)
    weight = linear.weight
    before = weight.numpy().copy()
    parametrize.register_parametrization(linear, "weight", Doubled())
    parametrize.remove_parametrizations(linear, "weight", leave_parametrized=leave)
    assert type(linear) is nn.Linear
    assert linear.weight is weight
    np.testing.assert_array_equal(weight.numpy(), before * (2 if leave else 1))
    assert set(linear.state_dict()) == {"weight", "bias"}
    with pytest.raises(SettingError, match="parametrized tensor"):
        parametrize.remove_parametrizations(linear, "weight")


def test_several_originals_become_one_parameter():
    linear = parametrizations.weight_norm(nn.Linear(3, 2))
    with pytest.raises(SettingError, match="leave_parametrized=True"):
        parametrize.remove_parametrizations(linear, "weight", leave_parametrized=False)
    before = linear.weight.tolist()
    parametrize.remove_parametrizations(linear, "weight")
    assert isinstance(linear.weight, nn.Parameter)
    assert linear.weight.tolist() == before


def test_cached_computes_once():
    calls = []

    class Counted(Doubled):
        def forward(self, x):
            calls.append(1)
            return x * 2

    linear = nn.Linear(2, 2)
    parametrize.register_parametrization(linear, "weight", Counted())
    calls.clear()
    with parametrize.cached(), parametrize.cached():
        assert linear.weight is linear.weight
    assert len(calls) == 1
    linear(xdl.ones(1, 2))
    assert len(calls) == 2


def test_what_changes_shape_is_refused_and_changes_nothing():
    class Wider(nn.Module):
        def forward(self, x):
            return xdl.cat([x, x])

    linear = nn.Linear(2, 2)
    with pytest.raises(ShapeError, match=r"\(2, 2\) of float32.*\(4, 2\)"):
        parametrize.register_parametrization(linear, "weight", Wider())
    assert type(linear) is nn.Linear
    assert isinstance(linear.weight, nn.Parameter)
    parametrize.register_parametrization(linear, "weight", Wider(), unsafe=True)
    assert linear.weight.shape == (4, 2)
    with pytest.raises(SettingError, match="'other'"):
        parametrize.register_parametrization(linear, "other", Wider())


def test_two_passes_of_a_critic_are_one_graph():
    """The power method writes its vectors between the passes; gradients of both are as they were."""
    for form in FORMS:
        critic = normalized(Xdl(), form, "spectral_norm", "Linear", {})
        (critic(xdl.tensor(X)).sum() - critic(xdl.tensor(2 * X)).sum()).backward()
        assert all(p.grad is not None for p in critic.parameters())
