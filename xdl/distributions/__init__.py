"""Probability distributions under PyTorch's names: samples with gradients, densities, entropies, divergences."""

from xdl.distributions import constraints, transforms
from xdl.distributions.discrete import Bernoulli, Categorical
from xdl.distributions.distribution import Distribution
from xdl.distributions.independent import Independent
from xdl.distributions.js import js_divergence
from xdl.distributions.kl import kl_divergence, register_kl
from xdl.distributions.normal import MultivariateNormal, Normal
from xdl.distributions.spread import Exponential, Laplace, Uniform
from xdl.distributions.transformed import LogNormal, TransformedDistribution
from xdl.distributions.transforms import (
    AffineTransform,
    ComposeTransform,
    ExpTransform,
    SigmoidTransform,
    TanhTransform,
    Transform,
)

__all__ = [
    "AffineTransform",
    "Bernoulli",
    "Categorical",
    "ComposeTransform",
    "Distribution",
    "ExpTransform",
    "Exponential",
    "Independent",
    "Laplace",
    "LogNormal",
    "MultivariateNormal",
    "Normal",
    "SigmoidTransform",
    "TanhTransform",
    "Transform",
    "TransformedDistribution",
    "Uniform",
    "constraints",
    "js_divergence",
    "kl_divergence",
    "register_kl",
    "transforms",
]
