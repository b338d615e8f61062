"""A generator and a critic of points or numbers, and how they are trained: the settings, and what they make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import pi

import xdl
from xdl import nn, optim
from xdl.models import MLP
from xdl.models.adversarial import spectral
from xdl.optim.lr_scheduler import LambdaLR
from xdl.runs.settings import setting
from xdl.tensor import Tensor
from xdl.train import Callback, Schedule
from xdl.train.adversarial import Adversarial, LogOdds, Objective, Wasserstein

OBJECTIVES: dict[str, Callable[[float], Objective]] = {
    "minimax": lambda smoothing: LogOdds(minimax=True, smoothing=smoothing),
    "non-saturating": lambda smoothing: LogOdds(smoothing=smoothing),
    "wasserstein": lambda _: Wasserstein(),
}
LEAKY = partial(nn.LeakyReLU, 0.2)


@dataclass(frozen=True)
class Recipe:
    """Two fully connected networks, and Adam for each."""

    objective: str = setting("non-saturating", "what the two minimize", choices=tuple(OBJECTIVES))
    width: int = setting(64, "units of each hidden layer, in both networks", low=1)
    layers: int = setting(2, "hidden layers of both networks", low=1, high=8)
    noise: int = setting(2, "normal numbers that a sample is made of", low=1)
    lr: float = setting(0.001, "learning rate of Adam, for both", above=0)
    beta1: float = setting(0.5, "Adam's share of the last mean gradient", low=0, high=0.999)
    beta2: float = setting(0.999, "Adam's share of the last mean square", low=0, high=0.9999)
    batch_size: int = setting(64, "real samples in a batch, and as many made ones", low=2)
    critic_steps: int = setting(1, "steps of the critic for one of the generator", low=1, high=100)
    leaky: bool = setting(True, "LeakyReLU in the critic in place of ReLU")
    smoothing: float = setting(0.0, "how far the target of real samples lies below 1", low=0, high=0.49)
    batch_norm: bool = setting(False, "batch normalization in the generator")
    spectral: bool = setting(False, "spectral normalization in the critic")
    clip: float = setting(0.0, "limit of the critic's weights; 0: none", low=0)
    penalty: float = setting(0.0, "factor of the gradient penalty; 0: none", low=0)
    average: float = setting(
        0.0, "share of the last average in that of the generator's weights; 0: no average", low=0, high=0.9999
    )
    decay: float = setting(0.0, "share of the steps, the last ones, in which the rates fall to 0", low=0, high=1)
    octaves: int = setting(
        0, "pairs of a sine and a cosine of each number that the critic sees beside it", low=0, high=8
    )
    standardize: bool = setting(False, "the networks work with samples less the data's mean, in units of their std")


class Units(nn.Module):
    """Samples (N, D) in the data's own units: x std + mean; with inverse=True (x - mean) / std. Nothing is learned."""

    mean: nn.Buffer
    std: nn.Buffer

    def __init__(self, dimensions: int, *, inverse: bool = False) -> None:
        self.inverse = inverse
        self.register_buffer("mean", xdl.zeros(dimensions))
        self.register_buffer("std", xdl.ones(dimensions))

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return (x - self.mean) / self.std if self.inverse else x * self.std + self.mean


class Waves(nn.Module):
    """x beside sin(f x) and cos(f x), f = pi/2 2**i for i = 0..octaves-1: (N, D) to (N, D (1 + 2 octaves)).

    A network of ReLUs learns slow changes first (Rahaman et al. 2019); with waves among its inputs it learns fast ones
    as soon (Tancik et al. 2020, "Fourier features let networks learn high frequency functions"). The longest wave has
    period 4: the width of data that have about unit std. Nothing is learned.
    """

    def __init__(self, octaves: int) -> None:
        self.octaves = octaves

    def features(self, dimensions: int) -> int:
        """How many numbers come out for so many that go in."""
        return dimensions * (1 + 2 * self.octaves)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        angles = [pi / 2 * 2**i * x for i in range(self.octaves)]
        return xdl.cat([x, *(wave for angle in angles for wave in (angle.sin(), angle.cos()))], 1)


def generator_of(recipe: Recipe, dimensions: int) -> nn.Module:
    """The untrained generator of samples (N, dimensions)."""
    network = MLP((recipe.noise, *[recipe.width] * recipe.layers, dimensions), batch_norm=recipe.batch_norm)
    return nn.Sequential(network, Units(dimensions)) if recipe.standardize else network


def critic_of(recipe: Recipe, dimensions: int) -> nn.Module:
    """The untrained critic: scores (N, 1)."""
    waves = Waves(recipe.octaves)
    sizes = (waves.features(dimensions), *[recipe.width] * recipe.layers, 1)
    critic = MLP(sizes, LEAKY if recipe.leaky else nn.ReLU)
    network: nn.Module = spectral(critic) if recipe.spectral else critic
    network = nn.Sequential(waves, network) if recipe.octaves else network
    return nn.Sequential(Units(dimensions, inverse=True), network) if recipe.standardize else network


def task_of(recipe: Recipe, real: Tensor) -> Adversarial:
    """The pair, with new weights. real: (N, D) samples of the data, which say what their mean and std are."""
    generator, critic = (make(recipe, real.shape[1]) for make in (generator_of, critic_of))
    for module in (*generator.modules(), *critic.modules()):
        if isinstance(module, Units):
            module.mean.copy_(real.mean(0))
            module.std.copy_(real.std(0))
    of_generator, of_critic = (
        optim.Adam(one.parameters(), recipe.lr, (recipe.beta1, recipe.beta2)) for one in (generator, critic)
    )
    objective = OBJECTIVES[recipe.objective](recipe.smoothing)
    pair = (generator, critic, of_generator, of_critic)
    return Adversarial(*pair, (recipe.noise,), objective, clip=recipe.clip or None, penalty=recipe.penalty)


def falling_rates(task: Adversarial, share: float, steps: int) -> list[Callback]:
    """Schedules for both optimizers: the rate as it is, and then evenly down to 0 in the last share of the steps."""

    def factor(step: int) -> float:
        return min(1.0, (steps - step) / (share * steps))

    both = task.generator_optimizer, task.critic_optimizer
    return [Schedule(LambdaLR(optimizer, factor), "step") for optimizer in both]
