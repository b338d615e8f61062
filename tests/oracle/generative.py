"""What PyTorch is asked about generative models, as functions of a namespace: values, then gradients."""

from types import SimpleNamespace

import numpy as np

NUMBERS = np.random.RandomState(20)
GIVEN = {
    "logits": 2 * NUMBERS.randn(4, 6),
    "pixels": (NUMBERS.rand(4, 6) > 0.5).astype(float),
    "mean": NUMBERS.randn(4, 3),
    "log_variance": NUMBERS.randn(4, 3),
    "weight": NUMBERS.randn(6, 3),
    "noise": NUMBERS.randn(5, 4, 3),
    "activations": 0.05 + 0.9 * NUMBERS.rand(7, 3),
    "p": NUMBERS.dirichlet(np.ones(5), 3),
    "q": NUMBERS.dirichlet(np.ones(5), 3),
}


def torch_forms():
    """{name: (function of tensors, the names in GIVEN of those that need gradients)}, written with PyTorch alone."""
    import torch
    from torch import distributions as D
    from torch.nn import functional as F

    def elbo(logits, mean, log_variance):
        pixels = torch.tensor(GIVEN["pixels"])
        reconstruction = F.binary_cross_entropy_with_logits(logits, pixels, reduction="none").sum(1)
        kl = D.kl_divergence(D.Normal(mean, (log_variance / 2).exp()), D.Normal(0.0, 1.0))
        return reconstruction, kl, (reconstruction + kl.sum(1)).mean()

    def bound(mean, log_variance, weight):
        pixels, noise = torch.tensor(GIVEN["pixels"]), torch.tensor(GIVEN["noise"])
        q = D.Independent(D.Normal(mean, (log_variance / 2).exp()), 1)
        z = mean + (log_variance / 2).exp() * noise
        pixel = D.Independent(D.Bernoulli(logits=z @ weight.T), 1)
        prior = D.Independent(D.Normal(torch.zeros_like(mean), torch.ones_like(mean)), 1)
        return (torch.logsumexp(pixel.log_prob(pixels) + prior.log_prob(z) - q.log_prob(z), 0) - np.log(len(noise)),)

    def sparsity(activations):
        target = D.Bernoulli(torch.tensor(0.1, dtype=torch.float64))
        return (D.kl_divergence(target, D.Bernoulli(activations.mean(0))).sum(),)

    def top_k(activations):
        values, places = activations.topk(2, 1)
        return (torch.zeros_like(activations).scatter(1, places, values),)

    def js(p, q):
        m = D.Categorical((p + q) / 2)
        return ((D.kl_divergence(D.Categorical(p), m) + D.kl_divergence(D.Categorical(q), m)) / 2,)

    return {
        "elbo": (elbo, ("logits", "mean", "log_variance")),
        "bound": (bound, ("mean", "log_variance", "weight")),
        "sparsity": (sparsity, ("activations",)),
        "top_k": (top_k, ("activations",)),
        "js": (js, ("p", "q")),
    }


def xdl_forms():
    """The same by xdl's functions."""
    import xdl
    from xdl.distributions import Categorical, js_divergence
    from xdl.models import TopK, kl_sparsity
    from xdl.train import elbo_parts, importance_bound, negative_elbo

    def elbo(logits, mean, log_variance):
        output = SimpleNamespace(logits=logits, mean=mean, log_variance=log_variance)
        pixels = xdl.tensor(GIVEN["pixels"])
        return *elbo_parts(output, pixels), negative_elbo(output, pixels)

    def bound(mean, log_variance, weight):
        model = SimpleNamespace(encode=lambda _: (mean, log_variance), decode=lambda z: z @ weight.T)
        return (importance_bound(model, xdl.tensor(GIVEN["pixels"]), samples=len(GIVEN["noise"])),)

    return {
        "elbo": elbo,
        "bound": bound,
        "sparsity": lambda a: (kl_sparsity(a, 0.1),),
        "top_k": lambda a: (TopK(2)(a),),
        "js": lambda p, q: (js_divergence(Categorical(p), Categorical(q)),),
    }
