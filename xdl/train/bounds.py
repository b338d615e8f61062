"""What a variational autoencoder learns by, and how good it is, in nats an image: bounds of ln p(x).

    ln p(x) >= ELBO = E_q[ln p(x|z)] - KL(q(z|x) || p(z)),   p(z) = N(0, I)          (Kingma and Welling 2014)
    KL_j = (m_j^2 + v_j - 1 - ln v_j) / 2                    for each unit j of the code
    ln p(x) >= L_S = E ln 1/S sum_s p(x|z_s) p(z_s) / q(z_s|x) >= ELBO               (Burda, Grosse, Salakhutdinov 2016)

L_1 is the ELBO, and L_S grows to ln p(x) with S. They are likelihoods of images whose pixels are 0 or 1. Of grey ones
the first term is a cross entropy that says how far images are from what was given, and not ln p(x) of anything.
"""

from __future__ import annotations

from math import log
from typing import Any, NamedTuple

from xdl.distributions import Normal
from xdl.errors import SettingError, ShapeError, expect
from xdl.functional import binary_cross_entropy_with_logits
from xdl.tensor import Tensor


class ElboParts(NamedTuple):
    """reconstruction (N,): -ln p(x|z); kl (N, K): of each unit of the code. ELBO = -reconstruction - kl.sum(1)."""

    reconstruction: Tensor
    kl: Tensor

    @property
    def elbo(self) -> Tensor:
        """(N,), in nats: at most ln p(x) in the mean."""
        return -(self.reconstruction + self.kl.sum(1))


def bernoulli_nats(logits: Tensor, target: Tensor) -> Tensor:
    """-ln p of pixels: the cross entropy, summed up, (...,) for logits (..., D) and pixels (..., D).

    Raises ShapeError for other shapes.
    """
    return binary_cross_entropy_with_logits(logits, target, reduction="none").sum(-1)


def gaussian_kl(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(m_j, v_j) || N(0, 1)) of each element, of the shape of both; see above. Raises ShapeError."""
    same = mean.shape == log_variance.shape
    expect(same, ShapeError, "gaussian_kl", f"log_variance of shape {mean.shape}", log_variance.shape)
    return (mean * mean + log_variance.exp() - 1 - log_variance) * 0.5


def elbo_parts(output: Any, input: Tensor) -> ElboParts:
    """The two parts of the ELBO of images (N, ...), for one z each.

    output: what a `models.VAE` made of them: logits (N, D), mean and log_variance (N, K). Raises ShapeError.
    """
    reconstruction = bernoulli_nats(output.logits, input.flatten(1))
    return ElboParts(reconstruction, gaussian_kl(output.mean, output.log_variance))


def negative_elbo(output: Any, input: Tensor) -> Tensor:
    """-ELBO as a loss, 0-d: the mean over images of both parts, in nats. The arguments are those of `elbo_parts`."""
    return -elbo_parts(output, input).elbo.mean()


def importance_bound(model: Any, input: Tensor, *label: Tensor, samples: int = 50) -> Tensor:
    """L_S (N,) of images (N, ...), with S = samples codes of q(z|x) each, all at once: (S, N, D) numbers.

    model: a `models.VAE`; label: what a `ConditionalVAE` is told. Raises SettingError for fewer than one sample.
    """
    expect(samples >= 1, SettingError, "importance_bound", "samples >= 1", samples)
    mean, log_variance = model.encode(input, *label)
    q = Normal(mean, (log_variance * 0.5).exp(), validate_args=False)
    z = q.rsample((samples,))
    x = input.flatten(1)
    nats = bernoulli_nats(model.decode(z, *label), x.expand(samples, *x.shape))
    prior = Normal(mean * 0, 1.0, validate_args=False)
    weights = (prior.log_prob(z) - q.log_prob(z)).sum(-1) - nats
    return weights.logsumexp(0) - log(samples)
