"""Training steps of models that generate, written once for xdl and for PyTorch: `generative(library, name)`.

A step is zero_grad, forward with its draws, the loss, backward and Adam's update; of a Boltzmann machine it is one of
contrastive divergence.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from generative.pairs import PAIRS, pair

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


def cd1(framework: Any, visible: int = PIXELS, hidden: int = 200, batch: int = 100) -> Callable[[], None]:
    """A step of contrastive divergence (CD-1) of a machine 784-200, 100 images: xdl's task, or the same in PyTorch."""
    pixels = np.random.default_rng(0).random((batch, visible), dtype=np.float32)
    v = framework.tensor((pixels > 0.8).astype(np.float32))
    start = framework.randn(hidden, visible) * 0.01
    parameters = [start, framework.zeros(visible), framework.zeros(hidden)]
    return (cd1_of_task if framework.__name__ == "xdl" else cd1_written_out)(framework, parameters, v)


def cd1_of_task(framework: Any, parameters: list[Any], v: Any) -> Callable[[], None]:
    """`train.ContrastiveDivergence` with SGD and momentum. The parameters are written to."""
    from xdl.models.energy import RBM
    from xdl.train import ContrastiveDivergence

    model = RBM(v.shape[1], len(parameters[2]))
    for parameter, value in zip(model.parameters(), parameters, strict=True):
        parameter.data = value
    optimizer = framework.optim.SGD(model.parameters(), lr=0.05, momentum=0.5)
    task = ContrastiveDivergence(model, optimizer)
    parameters[:] = model.parameters()

    def run() -> None:
        task.train_step(v)

    return run


def cd1_written_out(framework: Any, parameters: list[Any], v: Any) -> Callable[[], None]:
    """The same step, with the reconstruction error that xdl's task measures in each."""
    weight, b, c = parameters
    optimizer = framework.optim.SGD(parameters, lr=0.05, momentum=0.5)

    def run() -> None:
        with framework.no_grad():
            p = framework.sigmoid(framework.addmm(c, v, weight.T))
            h = (framework.rand_like(p) < p).to(p.dtype)
            mean = framework.sigmoid(framework.addmm(b, h, weight))
            own = (framework.rand_like(mean) < mean).to(mean.dtype)
            q = framework.sigmoid(framework.addmm(c, own, weight.T))
            weight.grad = q.T @ own / len(v) - p.T @ v / len(v)
            b.grad, c.grad = own.mean(0) - v.mean(0), q.mean(0) - p.mean(0)
            ((v - framework.sigmoid(framework.addmm(b, p, weight))) ** 2).mean()
            optimizer.step()

    return run


GENERATIVE: dict[str, Callable[[Any], Callable[[], None]]] = {
    "vae 784-400-20, batch 128": vae,
    "rbm 784-200 by CD-1, batch 100": cd1,
    **{name: partial(pair, name) for name in PAIRS},
}


def generative(library: str, name: str) -> Callable[[], None]:
    """One training step of the named workload in "xdl" or "torch"."""
    return GENERATIVE[name](__import__(library))
