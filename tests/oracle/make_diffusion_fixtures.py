"""Writes diffusion.npz: what PyTorch gives for one training step of a diffusion model on points, in float64.

python -m tests.oracle.make_diffusion_fixtures

The step is that of Ho et al. 2020, algorithm 1, written down in PyTorch's own words: the waves of the time, the
residual network, the noised points, the loss, and one update by Adam. Weights, times and noise are those that xdl
draws from the seed.
"""

from functools import cache
from math import log
from pathlib import Path

import numpy as np

import xdl
from xdl import optim
from xdl.models.diffusion import Diffusion, TimeMLP, cosine_betas

FILE = Path(__file__).with_name("diffusion.npz")
TIMES, FEATURES, HIDDEN, BLOCKS, WAVES, BATCH, SEED, RATE = 10, 2, 6, 2, 4, 5, 5, 0.01


def points():
    """A batch of points."""
    return np.random.default_rng(0).normal(size=(BATCH, FEATURES))


def process():
    """The model, with weights from the seed, in float64."""
    xdl.manual_seed(SEED)
    return Diffusion(TimeMLP(FEATURES, HIDDEN, BLOCKS, WAVES), cosine_betas(TIMES)).to("float64")


def step(model):
    """What a step of xdl leaves: the loss, the denoiser's guess after it, gradients and parameters, by name."""
    optimizer = optim.Adam(model.parameters(), RATE)
    loss = model.loss(xdl.tensor(points()))
    loss.backward()
    optimizer.step()
    with xdl.no_grad():
        guess = model.denoiser(xdl.tensor(points()), xdl.arange(1, BATCH + 1))
    found = {"loss": loss.detach().numpy(), "guess": guess.numpy()}
    for path, parameter in model.denoiser.named_parameters():
        found[path], found[f"{path} gradient"] = parameter.detach().numpy(), parameter.grad.numpy()
    return found


def fixtures():
    """{name: array}, as `step` names them, of PyTorch."""
    import torch

    theirs = process()
    weights = {
        path: torch.tensor(p.detach().numpy().copy(), requires_grad=True)
        for path, p in theirs.denoiser.named_parameters()
    }
    x = torch.tensor(points())
    t = torch.tensor(xdl.randint(1, TIMES + 1, (BATCH,)).numpy())
    noise = torch.tensor(xdl.randn_like(xdl.tensor(points())).numpy())
    betas = torch.tensor(cosine_betas(TIMES), dtype=torch.float64)
    left = torch.cat([torch.ones(1, dtype=torch.float64), torch.cumprod(1 - betas, 0)])
    a = left.float().double()[t][:, None]  # xdl keeps them in float32
    optimizer = torch.optim.Adam(list(weights.values()), RATE)
    guessed = _denoised(torch, weights, a.sqrt() * x + (1 - a).sqrt() * noise, t)
    loss = torch.nn.functional.mse_loss(guessed, noise)
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        guess = _denoised(torch, weights, x, torch.arange(1, BATCH + 1))
    found = {"loss": loss.detach().numpy(), "guess": guess.numpy()}
    for path, parameter in weights.items():
        found[path], found[f"{path} gradient"] = parameter.detach().numpy(), parameter.grad.numpy()
    return found


def _denoised(torch, weights, x, t):
    """The residual network, by PyTorch's functions."""
    linear, silu = torch.nn.functional.linear, torch.nn.functional.silu
    half = WAVES // 2
    angles = t[:, None] * torch.exp(-log(10_000) / (half - 1) * torch.arange(half, dtype=torch.float64))
    waves = torch.cat([angles.sin(), angles.cos()], dim=1)
    h = linear(x, weights["into.weight"], weights["into.bias"])
    for i in range(BLOCKS):
        inner = linear(h, weights[f"first.{i}.weight"], weights[f"first.{i}.bias"])
        inner = silu(inner + linear(waves, weights[f"times.{i}.weight"]))
        h = h + linear(inner, weights[f"second.{i}.weight"], weights[f"second.{i}.bias"])
    return linear(silu(h), weights["out.weight"], weights["out.bias"])


@cache
def read():
    """What `fixtures` returned when the file was written."""
    with np.load(FILE, allow_pickle=False) as file:
        return dict(file)


if __name__ == "__main__":
    np.savez_compressed(FILE, **fixtures())
    print(f"{FILE.name}: {FILE.stat().st_size} bytes")
