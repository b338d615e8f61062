"""The divergence of Jensen and Shannon: JS(p, q) = (KL(p | m) + KL(q | m)) / 2 with m = (p + q) / 2 (Lin 1991)."""

from __future__ import annotations

from xdl.distributions.discrete import Bernoulli, Categorical
from xdl.distributions.distribution import Distribution, MissingFormulaError
from xdl.distributions.kl import kl_divergence
from xdl.errors import ShapeError, expect
from xdl.tensor import Tensor


def js_divergence(p: Distribution, q: Distribution) -> Tensor:
    """JS(p, q), of the batch's shape, in nats: 0 where p = q, ln 2 where no value has a probability in both.

    For two Bernoulli or two Categorical, whose mixture m is one of their kind. PyTorch has no such function. Raises
    MissingFormulaError for others, ShapeError for another number of classes.
    """
    mixture: Distribution
    if isinstance(p, Categorical) and isinstance(q, Categorical):
        classes = (p.probs.shape[-1], q.probs.shape[-1])
        expect(classes[0] == classes[1], ShapeError, "js_divergence", "as many classes in both", classes)
        mixture = Categorical(probs=(p.probs + q.probs) * 0.5, validate_args=False)
    elif isinstance(p, Bernoulli) and isinstance(q, Bernoulli):
        mixture = Bernoulli(probs=(p.probs + q.probs) * 0.5, validate_args=False)
    else:
        pair = f"{type(p).__name__} and {type(q).__name__}"
        raise MissingFormulaError("js_divergence", "two Bernoulli, or two Categorical", pair)
    return (kl_divergence(p, mixture) + kl_divergence(q, mixture)) * 0.5
