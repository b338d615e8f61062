"""Training steps of two networks against each other, the same in xdl and in PyTorch: of images and of points.

A step is one of the critic, on real samples and on made ones, then one of the generator by the same samples, each with
zero_grad, forward, loss, backward and Adam's update; the noise is drawn anew in every step. The generator's step goes
back through the critic, whose weights' gradients are not computed, as `xdl.train.Adversarial` has it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

DCGAN = "dcgan 28x28, batch 64"
POINTS = "gan on points 2-64-64-2, batch 64"
GENERATORS = (DCGAN, POINTS)
NOISE = {DCGAN: 64, POINTS: 2}
SHAPES = {DCGAN: (64, 1, 28, 28), POINTS: (64, 2)}
WIDTH = 32


def generator(library: str, name: str) -> Callable[[], None]:
    """One training step of the named pair in "xdl" or "torch"."""
    framework: Any = __import__(library)
    nn, functional, optim = framework.nn, framework.nn.functional, framework.optim
    make, judge = (_dcgan if name == DCGAN else _points)(nn)
    of_make, of_judge = (optim.Adam(one.parameters(), lr=2e-4, betas=(0.5, 0.999)) for one in (make, judge))
    real = framework.tensor(np.random.default_rng(0).standard_normal(SHAPES[name], dtype=np.float32))
    batch, noise = SHAPES[name][0], NOISE[name]
    learned = list(judge.parameters())

    def run() -> None:
        made = make(framework.randn(batch, noise))
        loss = functional.softplus(-judge(real)).mean() + functional.softplus(judge(made.detach())).mean()
        of_judge.zero_grad()
        loss.backward()
        of_judge.step()
        for parameter in learned:
            parameter.requires_grad_(False)
        loss = functional.softplus(-judge(made)).mean()
        of_make.zero_grad()
        loss.backward()
        of_make.step()
        for parameter in learned:
            parameter.requires_grad_(True)

    return run


def _dcgan(nn: Any) -> tuple[Any, Any]:
    """The networks of `xdl.models.adversarial.dcgan` for 28x28 pixels, with each library's own first weights."""
    make = nn.Sequential(
        nn.Linear(NOISE[DCGAN], 2 * WIDTH * 49, bias=False),
        nn.Unflatten(1, (2 * WIDTH, 7, 7)),
        nn.BatchNorm2d(2 * WIDTH),
        nn.ReLU(),
        nn.ConvTranspose2d(2 * WIDTH, WIDTH, 4, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(WIDTH),
        nn.ReLU(),
        nn.ConvTranspose2d(WIDTH, 1, 4, stride=2, padding=1),
        nn.Tanh(),
    )
    judge = nn.Sequential(
        nn.Conv2d(1, WIDTH, 4, stride=2, padding=1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(WIDTH, 2 * WIDTH, 4, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(2 * WIDTH),
        nn.LeakyReLU(0.2),
        nn.Flatten(),
        nn.Linear(2 * WIDTH * 49, 1),
    )
    return make, judge


def _points(nn: Any) -> tuple[Any, Any]:
    """The networks of `xdl run gan-points`."""
    make = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
    judge = nn.Sequential(nn.Linear(2, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))
    return make, judge
