"""Distributions without an oracle: samples against densities, gradients against differences, errors, other backends."""

import math

import numpy as np
import pytest

import xdl
from tests.distributions.made import LOC, MADE, SCALE, values
from xdl import distributions as D
from xdl.distributions import Categorical, Normal, constraints
from xdl.errors import DataError, DtypeError, KindError, SettingError, ShapeError

COUNT = 40_000
SAMPLED = {name: MADE[name] for name in MADE if "Transformed" not in name and "none" not in name}


def made(name, requires_grad=False):
    make, parameters = MADE[name]
    return make(D, *[xdl.tensor(p, requires_grad=requires_grad) for p in parameters])


@pytest.mark.parametrize("name", SAMPLED)
def test_moments_of_samples(name):
    """The mean and variance of 40,000 samples are within 5 standard errors; the mean of -log_prob is the entropy."""
    d = made(name)
    x = d.sample((COUNT,))
    assert x.shape == (COUNT, *d.batch_shape, *d.event_shape)
    assert not x.requires_grad
    if "Categorical" not in name:
        mean, variance = d.mean.numpy(), d.variance.numpy()
        assert (np.abs(x.numpy().mean(0) - mean) < 5 * np.sqrt(variance / COUNT)).all()
        np.testing.assert_allclose(x.numpy().var(0), variance, rtol=0.1)
    surprise = -d.log_prob(x).numpy()
    error = 5 * surprise.std(0) / math.sqrt(COUNT) + 1e-6
    assert (np.abs(surprise.mean(0) - d.entropy().numpy()) < error).all()


@pytest.mark.parametrize("name", [n for n in MADE if n.split()[0] in ("Uniform", "Exponential", "Laplace", "Normal")])
def test_samples_follow_the_cdf(name):
    """Kolmogorov's distance of 40,000 samples, at a level of 1e-6."""
    d = made(name)
    u = np.sort(d.cdf(d.sample((COUNT,))).numpy().astype("float64"), 0)
    steps = np.arange(1, COUNT + 1).reshape(COUNT, *[1] * (u.ndim - 1)) / COUNT
    assert np.abs(u - steps).max() < 2.7 / math.sqrt(COUNT)


def test_classes_come_as_often_as_their_probabilities_say():
    p = np.array([0.5, 0.0, 0.2, 0.3, 0.0])
    x = Categorical(xdl.tensor(p)).sample((COUNT,)).numpy()
    found = np.bincount(x, minlength=5) / COUNT
    assert (np.abs(found - p) <= 5 * np.sqrt(p * (1 - p) / COUNT)).all()


@pytest.mark.parametrize("name", [name for name in MADE if made(name).has_rsample])
def test_samples_have_gradients(name):
    make, parameters = MADE[name]

    def sample(*tensors):
        xdl.manual_seed(3)
        return make(D, *tensors).rsample((4,))

    assert xdl.gradcheck(sample, [xdl.tensor(p, requires_grad=True) for p in parameters])


@pytest.mark.parametrize("name", MADE)
def test_densities_have_gradients(name):
    make, parameters = MADE[name]
    value = xdl.tensor(values(name))
    if name.split()[0] not in ("Bernoulli", "Categorical") and "none" not in name:
        value.requires_grad_()

    def density(value, *tensors):
        return make(D, *tensors).log_prob(value)

    assert xdl.gradcheck(density, [value, *[xdl.tensor(p, requires_grad=True) for p in parameters]])


def test_a_seed_fixes_samples_on_every_backend(each_backend):
    xdl.manual_seed(5)
    found = [d.sample((3,)).numpy() for d in (Normal(0.0, 1.0), D.Laplace(0.0, 1.0), D.Bernoulli(0.3))]
    xdl.use("numpy")
    xdl.manual_seed(5)
    expected = [d.sample((3,)).numpy() for d in (Normal(0.0, 1.0), D.Laplace(0.0, 1.0), D.Bernoulli(0.3))]
    for x, y in zip(found, expected, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", MADE)
def test_a_device_is_not_waited_for(name, strict, no_synchronization):
    make, parameters = MADE[name]
    expected = made(name).log_prob(xdl.tensor(values(name))).numpy()
    xdl.use(strict.name)
    tensors = [xdl.tensor(p, requires_grad=True) for p in parameters]
    value = xdl.tensor(values(name))
    with no_synchronization():
        d = make(D, *tensors)
        d.sample((2,))
        y = d.log_prob(value)
        y.sum().backward()
    np.testing.assert_allclose(y.numpy(), expected, rtol=1e-12, atol=1e-12)


def test_a_policy_gradient():
    """REINFORCE (R. Williams, 1992): the mean of (reward) d log_prob is the gradient of the mean reward."""
    logits = xdl.tensor(np.array([0.1, -0.2, 0.3]), requires_grad=True)
    policy, rewards = Categorical(logits=logits), xdl.tensor(np.array([1.0, 2.0, 4.0]))
    actions = policy.sample((COUNT,))
    (-policy.log_prob(actions) * -rewards[actions]).mean().backward()
    p = policy.probs.detach().numpy()
    exact = p * (rewards.numpy() - (p * rewards.numpy()).sum())
    np.testing.assert_allclose(logits.grad.numpy(), exact, atol=0.05)


ERRORS = [
    ("scale", lambda: Normal(0.0, -1.0), DataError, ["Normal", "scale greater than 0"]),
    ("scale in a batch", lambda: Normal(xdl.zeros(3), xdl.tensor([1.0, 0.0, 2.0])), DataError, ["(1,)"]),
    ("loc", lambda: Normal(float("nan"), 1.0), DataError, ["loc", "not nan"]),
    ("probs", lambda: D.Bernoulli(1.5), DataError, ["Bernoulli", "probs in [0.0, 1.0]"]),
    ("both", lambda: D.Bernoulli(0.5, 0.5), SettingError, ["either probs or logits", "both"]),
    ("neither", lambda: D.Categorical(), SettingError, ["Categorical", "neither"]),
    ("weights", lambda: Categorical(xdl.tensor([0.5, -0.5, 1.0])), DataError, ["Categorical", "at least 0"]),
    ("no weight", lambda: Categorical(xdl.zeros(2, 3)), DataError, ["not all 0"]),
    ("no class", lambda: Categorical(xdl.zeros(2, 0)), ShapeError, ["(..., K)"]),
    ("empty interval", lambda: D.Uniform(1.0, 1.0), DataError, ["high - low"]),
    ("rate", lambda: D.Exponential(0.0), DataError, ["rate"]),
    ("a list", lambda: Normal([0.0], 1.0), DtypeError, ["Normal", "loc", "list"]),
    ("shapes", lambda: Normal(xdl.zeros(2), xdl.ones(3)), ShapeError, ["Normal", "(2,) and (3,)"]),
    ("value of a class", lambda: Categorical(xdl.ones(3)).log_prob(xdl.tensor(3)), DataError, ["numbers 0 to 2"]),
    ("half a class", lambda: Categorical(xdl.ones(3)).log_prob(xdl.tensor(0.5)), DataError, ["whole numbers"]),
    ("value of a coin", lambda: D.Bernoulli(0.5).log_prob(xdl.tensor(0.5)), DataError, ["of 0 and 1"]),
    ("value outside", lambda: D.Uniform(0.0, 1.0).log_prob(xdl.tensor(2.0)), DataError, ["inside [low, high]"]),
    ("negative value", lambda: D.Exponential(1.0).cdf(xdl.tensor(-1.0)), DataError, ["at least 0"]),
    ("value of nan", lambda: Normal(0.0, 1.0).log_prob(xdl.tensor(float("nan"))), DataError, ["not nan"]),
    ("value", lambda: Normal(0.0, 1.0).log_prob(0.5), DtypeError, ["log_prob", "float"]),
    ("value's shape", lambda: Normal(xdl.zeros(2), 1.0).log_prob(xdl.zeros(3)), ShapeError, ["(3,) and (2,)"]),
    ("event's shape", lambda: D.Independent(Normal(xdl.zeros(2), 1.0), 1).log_prob(xdl.zeros(3)), ShapeError, ["2"]),
    ("covariance", lambda: D.MultivariateNormal(xdl.zeros(2), -xdl.eye(2)), DataError, ["positive definite"]),
    ("not symmetric", lambda: D.MultivariateNormal(xdl.zeros(2), xdl.ones(2, 2).tril()), DataError, ["symmetric"]),
    ("two matrices", lambda: D.MultivariateNormal(xdl.zeros(2), xdl.eye(2), xdl.eye(2)), SettingError, ["one of"]),
    ("no factor", lambda: D.MultivariateNormal(xdl.zeros(2), scale_tril=xdl.ones(2, 2)), DataError, ["triangular"]),
    ("matrix", lambda: D.MultivariateNormal(xdl.zeros(2), xdl.eye(3)), ShapeError, ["(..., n, n)", "(3, 3)"]),
    ("too many dims", lambda: D.Independent(Normal(xdl.zeros(2), 1.0), 2), SettingError, ["[0, 1]"]),
    ("rsample", lambda: D.Bernoulli(0.5).rsample(), NotImplementedError, ["Bernoulli", "rsample"]),
    ("divergence", lambda: D.kl_divergence(Normal(0, 1), D.Bernoulli(0.5)), NotImplementedError, ["Normal and Bern"]),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "said"), [case[1:] for case in ERRORS], ids=[case[0] for case in ERRORS])
def test_errors(call, error, said):
    with pytest.raises(error) as raised:
        call()
    assert [part for part in said if part not in str(raised.value)] == []


def test_checks_can_be_switched_off():
    assert Normal(0.0, -1.0, validate_args=False).scale.item() == -1
    outside = D.Uniform(0.0, 1.0, validate_args=False)
    assert outside.log_prob(xdl.tensor([2.0, 1.0, 0.0])).tolist() == [-math.inf, -math.inf, 0.0]
    D.Distribution.set_default_validate_args(False)
    try:
        assert D.Exponential(-1.0).rate.item() == -1
    finally:
        D.Distribution.set_default_validate_args(True)


def test_divergences_of_classes_of_your_own():
    class Mine(Normal):
        pass

    assert D.kl_divergence(Mine(0.0, 1.0), Normal(0.0, 1.0)).item() == 0

    @D.register_kl(Mine, Normal)
    def mine(p, q):
        return p.loc * 0 + 7

    assert D.kl_divergence(Mine(0.0, 1.0), Mine(0.0, 1.0)).item() == 7
    assert D.kl_divergence(Normal(0.0, 1.0), Mine(0.0, 1.0)).item() == 0


def test_divergences_are_the_means_of_differences_of_log_prob():
    for name, other in (("Normal", 0.7), ("Laplace", 0.7), ("Exponential", 0.7), ("Categorical", 0.7)):
        make, parameters = MADE[name]
        p, q = made(name), make(D, *[xdl.tensor(x * other + 0.1) for x in parameters])
        x = p.sample((COUNT,))
        difference = (p.log_prob(x) - q.log_prob(x)).numpy()
        error = 5 * difference.std(0) / math.sqrt(COUNT)
        assert (np.abs(difference.mean(0) - D.kl_divergence(p, q).numpy()) <= error).all(), name


def test_what_is_printed_and_expanded():
    assert repr(Normal(0.0, 1.0)) == "Normal(loc: 0.0, scale: 1.0)"
    assert repr(D.Bernoulli(logits=xdl.zeros(3))) == "Bernoulli(logits: (3,))"
    d = Normal(xdl.tensor(LOC), xdl.tensor(SCALE)).expand((5, 2, 3))
    assert (d.batch_shape, type(d)) == ((5, 2, 3), Normal)
    assert Categorical(xdl.ones(4)).expand((2,)).param_shape == (2, 4)
    assert D.Independent(d, 1).expand((7, 5, 2)).batch_shape == (7, 5, 2)
    assert constraints.simplex.check(xdl.tensor([[0.5, 0.5], [0.5, 0.6]])).tolist() == [True, False]
    x = xdl.tensor([0.3])
    assert D.AffineTransform(1.0, 2.0).inv.inv(x).tolist() == D.AffineTransform(1.0, 2.0)(x).tolist()


@pytest.mark.parametrize("shape", ["ab", 3, (-1,), (2.5,), None])
def test_shapes_of_samples_that_are_none_are_refused(shape):
    for d in (Normal(0.0, 1.0), Categorical(xdl.ones(4)), D.Exponential(1.0)):
        with pytest.raises(ShapeError, match=rf"{type(d).__name__}\.sample: expected"):
            d.sample(shape)


def test_what_is_no_transform_is_refused():
    for wrong in (3, [D.ExpTransform(), "exp"]):
        with pytest.raises(KindError, match="a transform or a list of them as transforms"):
            D.TransformedDistribution(Normal(0.0, 1.0), wrong)
