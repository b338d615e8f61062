"""Every distribution beside PyTorch's: what it tells, and the gradients of that for its parameters and the value."""

import numpy as np
import pytest

import xdl
from tests.distributions.made import COVARIANCE, LOC, MADE, PROBS, SCALE, TRIANGLE, values
from tests.functional.namespaces import Torch, Xdl
from tests.oracle.compare import assert_close
from xdl import distributions
from xdl.errors import XdlError

pytestmark = pytest.mark.torch
ATTRIBUTES = ("mean", "mode", "stddev", "variance", "batch_shape", "event_shape", "has_rsample")
CALLS = ("entropy", "perplexity", "enumerate_support")
OF_VALUES = ("log_prob", "cdf")
PAIRS = [
    ("Normal", "Normal that broadcasts"), ("Normal", "Normal of a number"), ("Uniform", "Uniform"),
    ("Exponential", "Exponential"), ("Laplace", "Laplace"), ("LogNormal", "LogNormal"), ("Bernoulli", "Bernoulli"),
    ("Bernoulli of logits", "Bernoulli"), ("Categorical", "Categorical of logits"), ("Independent", "Independent"),
    ("MultivariateNormal", "MultivariateNormal by its inverse"), ("MultivariateNormal by L", "MultivariateNormal"),
    ("TransformedDistribution by tanh", "TransformedDistribution by tanh"), ("Laplace", "Normal"),
    ("Exponential", "Normal"), ("Uniform", "Normal that broadcasts"), ("Normal", "Laplace"),
]  # fmt: skip


class Namespaces:
    """torch.distributions with the transforms beside the distributions, as xdl has both."""

    def __init__(self):
        import torch

        self.torch = torch.distributions

    def __getattr__(self, name):
        return getattr(self.torch, name, None) or getattr(self.torch.transforms, name)


def both():
    """(F, D) of xdl and of PyTorch."""
    return (Xdl(), distributions), (Torch(), Namespaces())


def told(F, D, name):
    """All that a distribution tells of itself and of values, and gradients."""
    make, parameters = MADE[name]
    tensors = [F.tensor(p, True) for p in parameters]
    d, found = make(D, *tensors), {}
    for attribute in ATTRIBUTES:
        found[attribute] = attempt(lambda attribute=attribute: getattr(d, attribute))
    for call in CALLS:
        found[call] = attempt(getattr(d, call))
    value = F.tensor(values(name), values(name).dtype.kind == "f")
    for call in OF_VALUES:
        found[call] = attempt(lambda call=call: getattr(d, call)(value))
    found["icdf"] = attempt(lambda: d.icdf(F.tensor(np.random.RandomState(3).uniform(0.1, 0.9, (4, 2, 3)), False)))
    found["expanded"] = attempt(lambda: d.expand((4, *d.batch_shape)).log_prob(value))
    leaves = [*tensors, *([value] if value.requires_grad else [])]
    for call in ("log_prob", "entropy", "cdf", "icdf", "expanded"):
        y = found[call]
        if hasattr(y, "requires_grad") and y.requires_grad and "Multi" not in name:
            found |= {f"{call}/{i}": g for i, g in enumerate(gradients(F, y, leaves))}
    return {key: F.host(x) if hasattr(x, "requires_grad") else x for key, x in found.items()}


def attempt(call):
    try:
        return call()
    except (NotImplementedError, XdlError):
        return "none"


def gradients(F, y, leaves):
    found = F.gradients([y.sum()], leaves, None, create_graph=True)  # which keeps the graph
    return [g if g is not None else "none" for g in found]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", MADE)
def test_it_tells_what_pytorch_tells(name):
    found, expected = (told(*namespace, name) for namespace in both())
    assert [key for key, x in found.items() if isinstance(x, str) and not isinstance(expected[key], str)] == []
    for key, x in found.items():
        if isinstance(x, np.ndarray) and not isinstance(expected.get(key), str):
            assert_close(x, expected[key], "float64", f"{name}: {key}")
        elif isinstance(x, bool | tuple):
            assert x == expected[key], key


@pytest.mark.parametrize(("p", "q"), PAIRS)
def test_divergences(p, q):
    results = []
    for F, D in both():
        tensors = [[F.tensor(x, True) for x in MADE[name][1]] for name in (p, q)]
        first, second = MADE[p][0](D, *tensors[0]), MADE[q][0](D, *[t * 1.1 for t in tensors[1]])
        y = D.kl_divergence(first, second)
        found = [y, *F.gradients([y.sum()], tensors[0] + tensors[1], None)]
        results.append([x if x is None else F.host(x) for x in found])
    for i, (x, expected) in enumerate(zip(*results, strict=True)):
        if "Multi" in p and i:  # PyTorch's gradient of a triangle or a symmetric matrix is spread otherwise
            continue
        assert_close(x, expected, "float64", f"{p}, {q}: {i}")


def test_impossible_values_have_infinite_divergence():
    for make in (
        lambda D, t: D.kl_divergence(D.Bernoulli(t([0.0, 0.5, 1.0])), D.Bernoulli(t([0.0, 1.0, 0.5]))),
        lambda D, t: D.kl_divergence(D.Categorical(t([[0.0, 1, 1], [1, 1, 0]])), D.Categorical(t([1.0, 0, 1]))),
        lambda D, t: D.kl_divergence(D.Uniform(t([-0.5, 0.0, 0.1]), t([1.0, 1.0, 2.0])), D.Exponential(t([2.0]))),
        lambda D, t: D.kl_divergence(D.Normal(t([0.0, 1.0]), t([1.0])), D.Exponential(t([2.0, 1.0]))),
        lambda D, t: D.kl_divergence(D.Normal(t([0.0, 1.0]), t([1.0])), D.Uniform(t([2.0, 1.0]), t([3.0]))),
        lambda D, t: D.kl_divergence(D.Laplace(t([0.0, 1.0]), t([1.0])), D.Exponential(t([2.0, 1.0]))),
        lambda D, t: D.kl_divergence(D.Laplace(t([0.0, 1.0]), t([1.0])), D.Uniform(t([2.0, 1.0]), t([3.0]))),
        lambda D, t: D.kl_divergence(D.Exponential(t([2.0, 1.0])), D.Uniform(t([0.0, 1.0]), t([3.0]))),
        lambda D, t: D.kl_divergence(D.Uniform(t([0.0, 0.0]), t([1.0, 1.0])), D.Uniform(t([0.1, 0.0]), t([2.0, 2.0]))),
    ):
        found, expected = (F.host(make(D, lambda x, F=F: F.tensor(np.array(x), False))) for F, D in both())
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


def test_the_names_are_pytorchs():
    import torch.distributions as theirs

    places = (theirs, theirs.transforms)
    assert [n for n in distributions.__all__ if not any(hasattr(place, n) for place in places)] == ["js_divergence"]
    assert xdl.distributions is distributions
    assert PROBS.shape == LOC.shape == SCALE.shape
    assert COVARIANCE.shape == TRIANGLE.shape
