"""The divergence of Kullback and Leibler, KL(p | q) = the mean of ln p(x) - ln q(x) for x of p."""

from __future__ import annotations

from collections.abc import Callable
from math import log, pi, sqrt
from typing import Any, TypeVar

from xdl import linalg
from xdl.creation import full
from xdl.distributions.discrete import Bernoulli, Categorical
from xdl.distributions.distribution import Distribution, MissingFormulaError
from xdl.distributions.independent import Independent
from xdl.distributions.normal import MultivariateNormal, Normal
from xdl.distributions.spread import Exponential, Laplace, Uniform
from xdl.distributions.transformed import TransformedDistribution
from xdl.errors import SettingError
from xdl.functional.elementwise.activation import softplus
from xdl.functional.elementwise.erf import erf
from xdl.functional.elementwise.where import where
from xdl.functional.operands import broadcast_shape
from xdl.tensor import Tensor

Formula = TypeVar("Formula", bound=Callable[[Any, Any], Tensor])
_formulas: dict[tuple[type, type], Callable[[Any, Any], Tensor]] = {}
INFINITY = float("inf")


def register_kl(type_p: type, type_q: type) -> Callable[[Formula], Formula]:
    """Decorates the formula for two classes and all that derive from them: the newest of the nearest is taken."""

    def decorate(formula: Formula) -> Formula:
        _formulas[type_p, type_q] = formula
        return formula

    return decorate


def kl_divergence(p: Distribution, q: Distribution) -> Tensor:
    """KL(p | q), of the batch's shape. Raises MissingFormulaError for a pair without a formula."""
    for above_p in type(p).__mro__:
        for above_q in type(q).__mro__:
            if (above_p, above_q) in _formulas:
                return _formulas[above_p, above_q](p, q)
    pair = f"{type(p).__name__} and {type(q).__name__}"
    raise MissingFormulaError("kl_divergence", "two distributions with a formula", pair, "Add one with register_kl")


@register_kl(Normal, Normal)
def _normals(p: Normal, q: Normal) -> Tensor:
    ratio = (p.scale / q.scale) ** 2
    return (ratio + ((p.loc - q.loc) / q.scale) ** 2 - 1 - ratio.log()) * 0.5


@register_kl(Laplace, Laplace)
def _laplaces(p: Laplace, q: Laplace) -> Tensor:
    ratio, distance = p.scale / q.scale, abs(p.loc - q.loc)
    return -ratio.log() + distance / q.scale + ratio * (-distance / p.scale).exp() - 1


@register_kl(Exponential, Exponential)
def _exponentials(p: Exponential, q: Exponential) -> Tensor:
    ratio = q.rate / p.rate
    return ratio - 1 - ratio.log()


@register_kl(Uniform, Uniform)
def _uniforms(p: Uniform, q: Uniform) -> Tensor:
    outside = (q.low > p.low) | (q.high < p.high)
    return where(outside, INFINITY, ((q.high - q.low) / (p.high - p.low)).log())


@register_kl(Laplace, Normal)
@register_kl(Exponential, Normal)
@register_kl(Uniform, Normal)
def _against_normal(p: Laplace | Exponential | Uniform, q: Normal) -> Tensor:
    """E_p ln q needs the mean and the variance of p alone."""
    squares = (p.variance + (p.mean - q.loc) ** 2) / q.scale**2
    return (log(2 * pi) + squares) * 0.5 + q.scale.log() - p.entropy()


@register_kl(Normal, Laplace)
def _normal_against_laplace(p: Normal, q: Laplace) -> Tensor:
    z = (p.loc - q.loc) / p.scale
    distance = p.scale * (sqrt(2 / pi) * (-0.5 * z * z).exp() + z * erf(z / sqrt(2)))  # E |x - q.loc|
    return (2 * q.scale).log() + distance / q.scale - p.entropy()


@register_kl(Uniform, Exponential)
def _uniform_against_exponential(p: Uniform, q: Exponential) -> Tensor:
    found = q.rate * p.mean - q.rate.log() - p.entropy()
    return where(p.low < 0, INFINITY, found)


@register_kl(Normal, Exponential)
@register_kl(Normal, Uniform)
@register_kl(Laplace, Exponential)
@register_kl(Laplace, Uniform)
@register_kl(Exponential, Uniform)
def _beyond_the_other(p: Any, q: Any) -> Tensor:
    """p has values that q has not."""
    shape = broadcast_shape("kl_divergence", p.batch_shape, q.batch_shape)
    return full(shape, INFINITY, dtype=p.mean.dtype, device=p.mean.device)


@register_kl(Bernoulli, Bernoulli)
def _bernoullis(p: Bernoulli, q: Bernoulli) -> Tensor:
    one = p.probs * (softplus(-q.logits) - softplus(-p.logits))
    zero = (1 - p.probs) * (softplus(q.logits) - softplus(p.logits))
    one = where((q.probs == 0) & (p.probs > 0), INFINITY, where(p.probs == 0, 0.0, one))
    return one + where((q.probs == 1) & (p.probs < 1), INFINITY, where(p.probs == 1, 0.0, zero))


@register_kl(Categorical, Categorical)
def _categoricals(p: Categorical, q: Categorical) -> Tensor:
    terms = p.probs * (p.logits - q.logits)
    terms = where((q.probs == 0) & (p.probs > 0), INFINITY, where(p.probs == 0, 0.0, terms))
    return terms.sum(-1)


@register_kl(MultivariateNormal, MultivariateNormal)
def _multivariate_normals(p: MultivariateNormal, q: MultivariateNormal) -> Tensor:
    product = linalg.solve_triangular(q.scale_tril, p.scale_tril, upper=False)
    z = linalg.solve_triangular(q.scale_tril, (q.loc - p.loc).unsqueeze(-1), upper=False).squeeze(-1)
    squares = (product**2).sum((-2, -1)) + (z**2).sum(-1)
    return q._log_det() - p._log_det() + (squares - p.event_shape[0]) * 0.5  # type: ignore[no-any-return]


@register_kl(Independent, Independent)
def _independents(p: Independent, q: Independent) -> Tensor:
    if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
        found = f"{p.reinterpreted_batch_ndims} and {q.reinterpreted_batch_ndims}"
        raise SettingError("kl_divergence", "events of as many dimensions", found)
    return p.over_parts(kl_divergence(p.base_dist, q.base_dist))


@register_kl(TransformedDistribution, TransformedDistribution)
def _transformed(p: TransformedDistribution, q: TransformedDistribution) -> Tensor:
    """That of the base distributions, for transforms without parameters of the same classes, or the same ones."""
    same = len(p.transforms) == len(q.transforms) and all(
        a is b or (type(a) is type(b) and not vars(a) and not vars(b))
        for a, b in zip(p.transforms, q.transforms, strict=True)
    )
    if not same:
        raise MissingFormulaError("kl_divergence", "the same transforms", f"{p.transforms} and {q.transforms}")
    return kl_divergence(p.base_dist, q.base_dist)
