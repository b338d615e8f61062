"""Adversarial: one step of a generator against a critic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

import xdl
from xdl.errors import SettingError, expect
from xdl.nn import Module
from xdl.nn.module import are_sizes
from xdl.optim import Optimizer
from xdl.tensor import Tensor, no_grad
from xdl.train.adversarial.objectives import LogOdds, Objective
from xdl.train.adversarial.penalty import gradient_penalty
from xdl.train.task import Measures, Task


class Adversarial(Task):
    """A generator makes samples out of noise, and a critic tells them from real ones (Goodfellow et al. 2014).

        task = Adversarial(generator, critic, optim.Adam(...), optim.Adam(...), noise=(2,))
        Loop(task, [Checkpoints(folder)]).fit(batches, epochs=10)

    generator:  called with noise (N, *noise) and the conditions; gives samples shaped as the data's
    critic:     called with samples and the conditions; gives their scores, larger for real ones
    optimizers: of the two networks
    noise:      shape of the standard normal noise for one sample
    objective:  what the two minimize; None: `LogOdds()`
    clip:       the critic's parameters are kept within [-clip, clip], after each of its steps (Arjovsky et al. 2017)
    penalty:    how much of the `gradient_penalty` is added to the critic's loss; 0: none

    A batch is a Tensor of samples (N, ...), or a tuple of them and of conditions, such as labels, which both networks
    are given. Of the batches of a step the critic learns one after the other, then the generator once, from samples
    that the critic saw last: `Loop(task, accumulate=5)` makes five steps of the critic for one of the generator.

    Measured are "critic_loss" (with "penalty", where there is one, added), "generator_loss" and "gap", how much higher
    the critic scores real samples than made ones; means over the batches of a step.

    Raises SettingError for a noise that is no shape, a clip that is not above 0, a penalty below 0, and for both of
    these together.
    """

    def __init__(
        self,
        generator: Module,
        critic: Module,
        generator_optimizer: Optimizer,
        critic_optimizer: Optimizer,
        noise: tuple[int, ...],
        objective: Objective | None = None,
        *,
        clip: float | None = None,
        penalty: float = 0.0,
    ) -> None:
        right = clip is None or (isinstance(clip, int | float) and clip > 0)
        expect(right, SettingError, "Adversarial", "clip > 0 or None", repr(clip))
        right = isinstance(penalty, int | float) and penalty >= 0
        expect(right, SettingError, "Adversarial", "penalty >= 0", repr(penalty))
        expect(are_sizes(noise), SettingError, "Adversarial", "noise: the shape of a sample's, as (2,)", repr(noise))
        expect(clip is None or penalty == 0, SettingError, "Adversarial", "a clip or a penalty", f"{clip}, {penalty}")
        self.generator, self.critic = generator, critic
        self.generator_optimizer, self.critic_optimizer = generator_optimizer, critic_optimizer
        self.noise, self.objective = tuple(noise), LogOdds() if objective is None else objective
        self.clip, self.penalty = clip, penalty

    def parts(self) -> Mapping[str, Any]:
        """Both networks and their optimizers; the rate that is recorded is the generator's."""
        return {
            "generator": self.generator,
            "critic": self.critic,
            "generator_optimizer": self.generator_optimizer,
            "critic_optimizer": self.critic_optimizer,
        }

    def train_step(self, *batches: Any) -> Measures:
        """A step of the critic by each batch, then one of the generator."""
        samples = sum(len(_parts(batch)[0]) for batch in batches)
        measures = Measures({}, samples=samples)
        for batch in batches:
            real, *conditions = _parts(batch)
            with _recording(batch is batches[-1]):
                made = self.made(len(real), *conditions)
            measures += self._teach_critic(real, made.detach(), conditions)
        n = len(made)
        with frozen(self.critic):
            loss = self.objective.generator_loss(self.critic(made, *conditions))
            self.minimize(loss, self.generator_optimizer, n)
        measures += Measures({"generator_loss": loss.detach()}, n)
        return measures

    def evaluate_step(self, batch: Any) -> Measures:
        """The losses, without a penalty, and the gap."""
        real, *conditions = _parts(batch)
        n = len(real)
        of_real, of_made = (self.critic(x, *conditions) for x in (real, self.made(n, *conditions)))
        losses = self.objective.critic_loss(of_real, of_made), self.objective.generator_loss(of_made)
        gap = of_real.mean() - of_made.mean()
        return Measures({"critic_loss": losses[0], "generator_loss": losses[1], "gap": gap}, n)

    def made(self, n: int, *conditions: Tensor) -> Tensor:
        """Samples (n, ...) of the generator, from new noise."""
        dtype = next(self.generator.parameters()).dtype
        samples: Tensor = self.generator(xdl.randn(n, *self.noise, dtype=dtype), *conditions)
        return samples

    def _teach_critic(self, real: Tensor, made: Tensor, conditions: list[Tensor]) -> Measures:
        of_real, of_made = self.critic(real, *conditions), self.critic(made, *conditions)
        loss = self.objective.critic_loss(of_real, of_made)
        values = {"gap": of_real.detach().mean() - of_made.detach().mean()}
        if self.penalty:
            share = xdl.rand(len(real), dtype=real.dtype)
            penalty = self.penalty * gradient_penalty(self.critic, real, made, share, *conditions)
            loss = loss + penalty
            values["penalty"] = penalty.detach()
        self.minimize(loss, self.critic_optimizer, len(real))
        if self.clip is not None:
            clip_parameters(self.critic, self.clip)
        return Measures({"critic_loss": loss.detach(), **values}, len(real))


def clip_parameters(module: Module, limit: float) -> None:
    """Brings every parameter into [-limit, limit]."""
    with no_grad():
        for parameter in module.parameters():
            parameter.clamp_(-limit, limit)


@contextmanager
def frozen(module: Module) -> Iterator[None]:
    """Inside, no gradients of the module's parameters are computed, which would be thrown away."""
    learned = [parameter for parameter in module.parameters() if parameter.requires_grad]
    for parameter in learned:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in learned:
            parameter.requires_grad_()


def _recording(wanted: bool) -> Any:
    """Recording as it is, or off."""
    return nullcontext() if wanted else no_grad()


def _parts(batch: Any) -> tuple[Tensor, ...]:
    """The samples of a batch and its conditions."""
    return tuple(batch) if isinstance(batch, tuple | list) else (batch,)
