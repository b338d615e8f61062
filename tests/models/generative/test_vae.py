"""Variational autoencoders: gradients through the samples, the bounds by integration, steps on every backend."""

from math import log, pi, prod

import numpy as np
import pytest

import xdl
from xdl import optim
from xdl.errors import SettingError, ShapeError
from xdl.func import numerical_gradients_of
from xdl.gradcheck import gradcheck, gradgradcheck
from xdl.models import VAE, ConditionalVAE
from xdl.train import Loop, Variational, elbo_parts, gaussian_kl, importance_bound, negative_elbo

LABELS = xdl.tensor([2, 0, 1])
BUILD = {
    "vae": lambda: (VAE((1, 3, 2), 5, 2), ()),
    "conditional": lambda: (ConditionalVAE((1, 3, 2), 3, 5, 2), (LABELS,)),
}


def binary(*shape, dtype="float64"):
    return (xdl.rand(*shape) > 0.5).to(dtype)


@pytest.mark.parametrize("name", BUILD)
def test_shapes(name):
    model, told = BUILD[name]()
    x = binary(3, 1, 3, 2, dtype="float32")
    output = model(x, *told)
    assert [part.shape for part in output] == [(3, 6), (3, 2), (3, 2)]
    assert model.images(output.mean, *told).shape == x.shape
    parts = elbo_parts(output, x)
    assert (parts.reconstruction.shape, parts.kl.shape, parts.elbo.shape) == ((3,), (3, 2), (3,))
    assert importance_bound(model, x, *told, samples=4).shape == (3,)


def test_parameters_by_hand():
    model, conditional = VAE((1, 28, 28)), ConditionalVAE((1, 28, 28), 10)
    counts = [sum(prod(p.shape) for p in m.parameters()) for m in (model, conditional)]
    plain = 784 * 400 + 400 + 2 * (400 * 20 + 20) + 20 * 400 + 400 + 400 * 784 + 784
    assert counts == [plain, plain + 2 * 10 * 400]


@pytest.mark.parametrize("name", BUILD)
def test_gradients_of_the_loss_go_through_the_samples(name):
    model, told = BUILD[name]()
    model.to("float64")
    x = binary(3, 1, 3, 2)

    def loss():
        xdl.manual_seed(3)  # the same noise for each
        return negative_elbo(model(x, *told), x)

    loss().backward()
    parameters = list(model.parameters())
    for p, expected in zip(parameters, numerical_gradients_of(loss, parameters), strict=True):
        np.testing.assert_allclose(p.grad.numpy(), expected, atol=1e-7)
    assert float(model.log_variance.weight.grad.abs().max()) > 0


def test_gradients_of_the_kl_and_of_the_bound():
    mean, log_variance = (xdl.randn(3, 2, dtype="float64", requires_grad=True) for _ in range(2))
    assert gradcheck(gaussian_kl, [mean, log_variance])
    assert gradgradcheck(gaussian_kl, [mean, log_variance])
    model, _ = BUILD["vae"]()
    model.to("float64")
    x = xdl.rand(3, 1, 3, 2, dtype="float64", requires_grad=True)

    def bound(x):
        xdl.manual_seed(3)
        return importance_bound(model, x, samples=4)

    assert gradcheck(bound, [x])
    assert gradgradcheck(bound, [x])


def test_the_kl_is_that_of_its_formula():
    found = gaussian_kl(xdl.tensor([[0.0, 2.0]]), xdl.tensor([[0.0, log(4.0)]])).tolist()
    assert found == [pytest.approx([0, (4 + 4 - 1 - log(4)) / 2], abs=1e-6)]


def test_bounds_grow_to_the_likelihood():
    """With one number of the code, p(x) is an integral that a sum over a fine line gives."""
    xdl.manual_seed(1)
    model = VAE((5,), 6, 1).to("float64")
    model.decoder[0].weight.detach().mul_(3)  # so that the code matters
    model.decoder[2].weight.detach().mul_(3)
    x = binary(4, 5)
    z = xdl.linspace(-9, 9, 4001, dtype="float64").reshape(-1, 1, 1)
    logits = model.decode(z.expand(4001, 4, 1)).detach().numpy()
    nats = (np.logaddexp(0, logits) - logits * x.numpy()).sum(2)
    density = np.exp(-nats - z[:, :, 0].numpy() ** 2 / 2 - log(2 * pi) / 2)
    exact = np.log(density.sum(0) * 18 / 4000)
    means = []
    for samples, repeats in ((1, 4000), (10, 4000), (1000, 1000)):
        many = [importance_bound(model, x, samples=samples).detach().numpy() for _ in range(repeats)]
        means.append(np.mean(many, 0))
    assert (means[0] < means[1] + 0.02).all()
    assert (means[1] < exact + 0.02).all()
    np.testing.assert_allclose(means[2], exact, atol=0.01)
    elbos = np.mean([elbo_parts(model(x), x).elbo.detach().numpy() for _ in range(2000)], 0)
    np.testing.assert_allclose(means[0], elbos, atol=0.1)
    assert (exact - elbos > 0.05).any()


@pytest.mark.parametrize("name", BUILD)
def test_a_step_looks_at_no_value(name, strict, no_synchronization):
    xdl.use("array_api_strict")
    model, told = BUILD[name]()
    task = Variational(model, optim.Adam(model.parameters()), beta=2.0)
    x = binary(3, 1, 3, 2, dtype="float32")
    label = xdl.tensor([2, 0, 1])
    with no_synchronization():
        measures = task.train_step((x, label))
        bound = importance_bound(model, x, *((label,) if told else ()), samples=3)
    found = {name: measures[name].item() for name in ("loss", "reconstruction", "kl", "negative_elbo")}
    assert found["loss"] == pytest.approx(found["reconstruction"] + 2 * found["kl"], rel=1e-6)
    assert found["negative_elbo"] == pytest.approx(found["reconstruction"] + found["kl"], rel=1e-6)
    assert np.isfinite(bound.numpy()).all()


def test_beta_0_lets_the_kl_grow_and_a_large_one_collapses_it():
    kl = {}
    for beta in (0.0, 20.0):
        xdl.manual_seed(0)
        model = VAE((8,), 16, 3)
        x = binary(32, 8, dtype="float32")
        loop = Loop(Variational(model, optim.Adam(model.parameters(), lr=0.01), beta))
        kl[beta] = loop.fit([x] * 10, epochs=30)[-1]["train_kl"]
    assert kl[20.0] < 0.05 < 3 < kl[0.0]


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (lambda: VAE((1, 8, 8), 0), SettingError, "at least 1"),
        (lambda: ConditionalVAE((1, 8, 8), 0), SettingError, "num_classes >= 1"),
        (lambda: BUILD["conditional"]()[0](xdl.zeros(2, 1, 3, 2), LABELS), ShapeError, r"labels \(2,\)"),
        (lambda: importance_bound(None, xdl.zeros(1), samples=0), SettingError, "samples >= 1"),
        (lambda: gaussian_kl(xdl.zeros(2, 3), xdl.zeros(3)), ShapeError, "log_variance of shape"),
        (lambda: Variational(VAE((4,)), None, beta=-1.0), SettingError, "beta >= 0"),
    ],
)
def test_what_is_refused(make, error, said):
    with pytest.raises(error, match=said):
        make()
