"""Writes adversarial.npz: what PyTorch gives for one step of a WGAN with gradient penalty, in float64.

python -m tests.oracle.make_adversarial_fixtures

The step is that of Gulrajani et al. 2017, algorithm 1, written down in PyTorch's own words: two updates of the critic,
each on a batch of its own, then one of the generator. Weights, noise and shares are those that xdl draws from the seed.
"""

from functools import cache, partial
from pathlib import Path

import numpy as np

import xdl
from xdl import nn, optim
from xdl.models import MLP
from xdl.train import Adversarial
from xdl.train.adversarial import Wasserstein

FILE = Path(__file__).with_name("adversarial.npz")
NOISE, SIZES, BATCH, PENALTY, SEED = 3, (2, 6, 5), 4, 10.0, 5
ADAM = {"lr": 0.01, "betas": (0.0, 0.9)}


def real_batches():
    """Two batches of points."""
    return list(np.random.default_rng(0).normal(size=(2, BATCH, SIZES[0])))


def pair():
    """The task, with weights from the seed, in float64."""
    xdl.manual_seed(SEED)
    generator = MLP((NOISE, *SIZES[:0:-1], SIZES[0]), nn.Tanh).to("float64")
    critic = MLP((*SIZES, 1), partial(nn.LeakyReLU, 0.2)).to("float64")
    optimizers = (optim.Adam(one.parameters(), **ADAM) for one in (generator, critic))
    return Adversarial(generator, critic, *optimizers, noise=(NOISE,), objective=Wasserstein(), penalty=PENALTY)


def left(task, measures):
    """What a step of xdl has left: parameters, gradients and measures, by name."""
    found = {f"{name} loss": measures[f"{name}_loss"].numpy() for name in ("critic", "generator")}
    for name in ("generator", "critic"):
        for path, parameter in getattr(task, name).named_parameters():
            found[f"{name} {path}"] = parameter.numpy()
            found[f"{name} {path} gradient"] = parameter.grad.numpy()
    return found


def fixtures():
    """{name: array}, as `left` names them, of PyTorch; the critic's loss is that of the first batch."""
    import torch

    task = pair()
    theirs = {name: _as_torch(torch, getattr(task, name)) for name in ("generator", "critic")}
    generator, critic = theirs["generator"], theirs["critic"]
    of_generator, of_critic = (torch.optim.Adam(one.parameters(), **ADAM) for one in (generator, critic))
    found = {}
    for x in map(torch.tensor, real_batches()):
        noise = torch.tensor(xdl.randn(BATCH, NOISE, dtype="float64").numpy())
        fake = generator(noise)
        share = torch.tensor(xdl.rand(BATCH, dtype="float64").numpy())[:, None]
        between = (share * x + (1 - share) * fake).detach().requires_grad_()
        (slope,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
        penalty = PENALTY * ((slope.norm(2, dim=1) - 1) ** 2).mean()
        loss = critic(fake.detach()).mean() - critic(x).mean() + penalty
        of_critic.zero_grad()
        loss.backward()
        gradients = [p.grad.clone() for p in critic.parameters()]
        of_critic.step()
        found.setdefault("critic loss", loss.detach().numpy())
    loss = -critic(fake).mean()
    of_generator.zero_grad()
    loss.backward()
    of_generator.step()
    found["generator loss"] = loss.detach().numpy()
    for (path, _), p, gradient in zip(task.critic.named_parameters(), critic.parameters(), gradients, strict=True):
        found[f"critic {path}"], found[f"critic {path} gradient"] = p.detach().numpy(), gradient.numpy()
    for (path, _), p in zip(task.generator.named_parameters(), generator.parameters(), strict=True):
        found[f"generator {path}"], found[f"generator {path} gradient"] = p.detach().numpy(), p.grad.numpy()
    return found


def _as_torch(torch, model):
    """The same network in PyTorch, with the same weights."""
    layers = []
    for layer in model.layers:
        if isinstance(layer, nn.Linear):
            linear = torch.nn.Linear(layer.in_features, layer.out_features, dtype=torch.float64)
            linear.load_state_dict({name: torch.tensor(p.numpy().copy()) for name, p in layer.named_parameters()})
            layers.append(linear)
        elif not isinstance(layer, nn.Flatten):
            layers.append(torch.nn.Tanh() if isinstance(layer, nn.Tanh) else torch.nn.LeakyReLU(0.2))
    return torch.nn.Sequential(*layers)


@cache
def read():
    """What `fixtures` returned when the file was written."""
    with np.load(FILE, allow_pickle=False) as file:
        return dict(file)


if __name__ == "__main__":
    np.savez_compressed(FILE, **fixtures())
    print(f"{FILE.name}: {FILE.stat().st_size} bytes")
