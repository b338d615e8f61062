"""Training steps of models that generate, written once for xdl and for PyTorch: `generative(library, name)`.

A step is zero_grad, forward with its draws, the loss, backward and Adam's update.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

PIXELS = 784


def vae_net(nn: Any, hidden: int = 400, latent: int = 20) -> Any:
    """The layers of `xdl.models.VAE` for images of 28x28, under its names."""

    class Net(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.hidden = nn.Linear(PIXELS, hidden)
            self.mean, self.log_variance = nn.Linear(hidden, latent), nn.Linear(hidden, latent)
            self.decoder = nn.Sequential(nn.Linear(latent, hidden), nn.ReLU(), nn.Linear(hidden, PIXELS))

    return Net()


def negative_elbo(framework: Any, net: Any, x: Any) -> Any:
    """-ELBO of images (N, 784) of 0 and 1, their mean in nats, for one code each."""
    F = framework.nn.functional
    h = F.relu(net.hidden(x))
    mean, log_variance = net.mean(h), net.log_variance(h)
    z = mean + (log_variance * 0.5).exp() * framework.randn_like(mean)
    nats = F.binary_cross_entropy_with_logits(net.decoder(z), x, reduction="sum")
    kl = (mean * mean + log_variance.exp() - 1 - log_variance).sum() * 0.5
    return (nats + kl) / len(x)


def vae(framework: Any, batch: int = 128) -> Callable[[], None]:
    """A step of a VAE 784-400-20, 128 images."""
    net = vae_net(framework.nn)
    optimizer = framework.optim.Adam(net.parameters())
    pixels = np.random.default_rng(0).random((batch, PIXELS), dtype=np.float32)
    x = framework.tensor((pixels > 0.8).astype(np.float32))

    def run() -> None:
        optimizer.zero_grad()
        negative_elbo(framework, net, x).backward()
        optimizer.step()

    return run


GENERATIVE: dict[str, Callable[[Any], Callable[[], None]]] = {"vae 784-400-20, batch 128": vae}


def generative(library: str, name: str) -> Callable[[], None]:
    """One training step of the named workload in "xdl" or "torch"."""
    return GENERATIVE[name](__import__(library))
