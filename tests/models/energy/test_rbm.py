"""Restricted Boltzmann machines against sums over all their states, by plain loops."""

from itertools import product

import numpy as np
import pytest

import xdl
from xdl.errors import SettingError, ShapeError
from xdl.models.energy import RBM, GaussianRBM, exact, log_likelihood, log_partition, pseudo_log_likelihood

V, H = 5, 3
KINDS = [RBM, GaussianRBM]


def made(kind=RBM, visible=V, hidden=H, dtype="float64", seed=0):
    """A machine with weights that matter."""
    values = np.random.default_rng(seed)
    model = kind(visible, hidden).to(dtype)
    for parameter in model.parameters():
        parameter.data = xdl.tensor(values.standard_normal(parameter.shape), dtype=dtype)
    return model


def data(kind=RBM, n=4, visible=V, dtype="float64"):
    values = np.random.default_rng(1).standard_normal((n, visible))
    return xdl.tensor(values if kind is GaussianRBM else values > 0, dtype=dtype)


def states(units):
    return np.array(list(product([0.0, 1.0], repeat=units)))


def energies(model, v, h):
    """E(v, h) by loops, for lists of v and of h: (len(v), len(h))."""
    W, b, c = (p.numpy() for p in model.parameters())
    found = np.zeros((len(v), len(h)))
    for n, one in enumerate(v):
        for m, other in enumerate(h):
            own = 0.5 * sum((one - b) ** 2) if isinstance(model, GaussianRBM) else -sum(b * one)
            found[n, m] = own - sum(c * other) - sum(other[j] * W[j, i] * one[i] for j in range(H) for i in range(V))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_energies_and_conditionals_are_those_of_the_sum_over_states(kind):
    model, v = made(kind), data(kind)
    of = energies(model, v.numpy(), states(H))
    for m, h in enumerate(states(H)):
        found = model.energy(v, xdl.tensor(h).unsqueeze(0))
        np.testing.assert_allclose(found.numpy(), of[:, m], rtol=1e-12)
    np.testing.assert_allclose(model.free_energy(v).numpy(), -np.log(np.exp(-of).sum(1)), rtol=1e-12)
    p = np.exp(-of) / np.exp(-of).sum(1, keepdims=True)
    np.testing.assert_allclose(model(v).numpy(), p @ states(H), rtol=1e-12)


def test_the_visible_units_given_the_hidden_ones():
    model, h = made(), xdl.tensor([[1.0, 0, 1]], dtype="float64")
    of = np.exp(-energies(model, states(V), h.numpy()))[:, 0]
    np.testing.assert_allclose(model.visible_mean(h).numpy()[0], of @ states(V) / of.sum(), rtol=1e-12)
    gaussian = made(GaussianRBM)
    W, b, _ = (p.numpy() for p in gaussian.parameters())
    np.testing.assert_allclose(gaussian.visible_mean(h).numpy()[0], b + W[0] + W[2], rtol=1e-12)


@pytest.mark.parametrize("block", [1, 2, 12])
def test_the_partition_function_is_the_sum_over_all_states(monkeypatch, block):
    monkeypatch.setattr(exact, "BLOCK", block)
    model = made()
    every = np.exp(-energies(model, states(V), states(H)))
    assert log_partition(model).item() == pytest.approx(np.log(every.sum()), rel=1e-12)
    likelihood = np.exp(log_likelihood(model, xdl.tensor(states(V))).detach().numpy())
    np.testing.assert_allclose(likelihood, every.sum(1) / every.sum(), rtol=1e-12)


def test_the_density_of_real_visible_units_integrates_to_1():
    model = made(GaussianRBM, visible=2)
    grid = np.linspace(-9, 9, 241)
    places = xdl.tensor(np.stack(np.meshgrid(grid, grid), -1).reshape(-1, 2))
    density = np.exp(log_likelihood(model, places).detach().numpy())
    assert density.sum() * (grid[1] - grid[0]) ** 2 == pytest.approx(1, abs=1e-6)


def test_the_pseudo_likelihood_is_the_product_over_units_given_all_others():
    model, v = made(), data()
    expected = np.zeros(len(v))
    for i in range(V):
        turned = v.numpy().copy()
        turned[:, i] = 1 - turned[:, i]
        one, other = (np.exp(-model.free_energy(xdl.tensor(x)).detach().numpy()) for x in (v.numpy(), turned))
        expected += np.log(one / (one + other))
    np.testing.assert_allclose(pseudo_log_likelihood(model, v).detach().numpy(), expected, rtol=1e-10)
    with pytest.raises(SettingError, match=r"binary visible units, found GaussianRBM"):
        pseudo_log_likelihood(made(GaussianRBM), v)


@pytest.mark.parametrize("kind", KINDS)
def test_the_statistics_are_the_gradient_of_the_free_energy(kind):
    model, v = made(kind), data(kind)
    model.free_energy(v).mean().backward()
    with xdl.no_grad():
        found = model.statistics(v, model(v))
    for parameter, one in zip(model.parameters(), found, strict=True):
        np.testing.assert_allclose(one.numpy(), -parameter.grad.numpy(), rtol=1e-12, atol=1e-15)


OF = {
    "free_energy": lambda model, v: model.free_energy(v),
    "energy": lambda model, v: model.energy(v, model(v)),
    "reconstruct": lambda model, v: model.reconstruct(v),
    "log_likelihood": log_likelihood,
    "pseudo_log_likelihood": pseudo_log_likelihood,
}
FORMULAS = [(kind, of) for kind in KINDS for of in OF if (kind, of) != (GaussianRBM, "pseudo_log_likelihood")]


@pytest.mark.parametrize(("kind", "of"), FORMULAS)
def test_gradients(kind, of):
    model = made(kind)
    names = [name for name, _ in model.named_parameters()]

    def function(v, *parameters):
        vars(model).update(zip(names, parameters, strict=True))
        return OF[of](model, v)

    given = [data(kind), *model.parameters()]
    given = [x.detach().clone().requires_grad_() for x in given]
    assert xdl.gradcheck(function, given)
    assert xdl.gradgradcheck(function, given)


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_chain_has_the_moments_of_the_model(kind):
    xdl.manual_seed(0)
    model = made(kind, dtype="float32")
    for parameter in model.parameters():
        parameter.data = 0.6 * parameter.detach()
    own = model.gibbs(model.noise(10000), 20)
    with xdl.no_grad():
        h = xdl.tensor(states(H), dtype="float32")
        share = (model.log_sum_visible(model.visible_input(h)) + h @ model.hidden_bias).softmax(0)
        expected = share @ model.visible_mean(h)
    np.testing.assert_allclose(own.numpy().mean(0), expected.numpy(), atol=0.03)
    assert model.gibbs(own, 0) is own


def test_fitted_biases_are_the_best_ones_of_a_machine_without_weights():
    model, v = RBM(V, H), data(dtype="float32")
    model.weight.data = 0 * model.weight.detach()
    model.fit_biases(v)
    np.testing.assert_allclose(model.visible_mean(xdl.zeros(1, H)).numpy()[0], (v.numpy().sum(0) + 1) / 6, rtol=1e-5)
    gaussian = GaussianRBM(V, H)
    gaussian.fit_biases(v)
    np.testing.assert_allclose(gaussian.visible_bias.numpy(), v.numpy().mean(0), rtol=1e-6)


def test_units_that_do_not_fit_are_refused():
    model = made()
    with pytest.raises(ShapeError, match=r"RBM: expected visible units \(N, 5\), found \(2, 4\)"):
        model(xdl.zeros(2, 4, dtype="float64"))
    with pytest.raises(ShapeError, match=r"RBM: expected hidden units \(N, 3\), found \(3,\)"):
        model.visible_mean(xdl.zeros(3, dtype="float64"))
    with pytest.raises(SettingError, match="RBM: expected units of both kinds"):
        RBM(0, 3)
    with pytest.raises(SettingError, match=r"gibbs: expected steps of at least 0, found -1"):
        model.gibbs(data(), -1)
    with pytest.raises(SettingError, match=r"noise: expected n of at least 1, found 0"):
        model.noise(0)
    with pytest.raises(SettingError, match=r"at most 20 hidden units.* found 21"):
        log_partition(RBM(2, 21))


@pytest.mark.parametrize("kind", KINDS)
def test_on_the_strict_backend_no_value_is_looked_at(kind, strict, no_synchronization):
    xdl.use("array_api_strict")
    model = kind(V, H)
    v = model.noise(4)
    with no_synchronization():
        model.gibbs(v, 2)
        loss = -log_likelihood(model, v).mean()
        loss.backward()
    assert np.isfinite(loss.item())
    if kind is RBM:
        assert np.isfinite(pseudo_log_likelihood(model, v).sum().item())


def test_free_energy_and_features_are_scikit_learns():
    from sklearn.neural_network import BernoulliRBM

    theirs, v = BernoulliRBM(H).fit(np.zeros((2, V))), data()
    model = made()
    theirs.components_, theirs.intercept_visible_, theirs.intercept_hidden_ = (p.numpy() for p in model.parameters())
    np.testing.assert_allclose(model.free_energy(v).numpy(), theirs._free_energy(v.numpy()), rtol=1e-12)
    np.testing.assert_allclose(model(v).numpy(), theirs.transform(v.numpy()), rtol=1e-12)
