"""Wasserstein GANs: the critic's value beside the true distance in 1-D, and points of the plane (hwdong 8.7.1, 8.7.2).

On the line the Wasserstein-1 distance is exact by sorting. A critic whose slope is held at 1 by the gradient penalty
comes near to it; one whose weights are clipped has some other largest slope, which the limit and the network
decide, so that its value is a multiple of the distance, bent where the network saturates: the bias of clipping.
Then a pair with clipped weights and five steps of the critic for one of the generator learns the eight modes of
`gan-points`: the critic's value falls with the quality, which the loss of a plain GAN does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import Any

from xdl.creation import tensor
from xdl.data import ring_of_centres
from xdl.experiments.adversarial.figures import draw_frames, draw_measures
from xdl.experiments.adversarial.line_critics import compare
from xdl.experiments.adversarial.points import MADE, holds_modes, teach
from xdl.experiments.adversarial.recipe import Recipe
from xdl.experiments.adversarial.sampler import PointSampler
from xdl.experiments.adversarial.target import ModesOfPoints
from xdl.experiments.shared.fit import watchers
from xdl.experiments.shared.generated.tracking import in_words, tracking
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.train import Divergence

QUICK = {"steps": 300, "line_steps": 100}
TASK = PointSampler(dimensions=2)


@dataclass(frozen=True)
class Settings(Recipe):
    """The pair on points, and the critics on the line."""

    objective: str = setting("wasserstein", "what the two minimize", choices=("wasserstein",))
    beta1: float = setting(0.0, "Adam's share of the last mean gradient", low=0, high=0.999)
    critic_steps: int = setting(5, "steps of the critic for one of the generator", low=1, high=100)
    clip: float = setting(0.1, "limit of the critic's weights; 0: none", low=0)
    steps: int = setting(2000, "steps of the generator", low=100)
    line_steps: int = setting(800, "steps of each critic on the line", low=10)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """The critics on the line, and the pair on points."""
    line = compare(run, settings.line_steps)
    target = ModesOfPoints(ring_of_centres())
    watching = [holds_modes(target), Divergence(), *watchers(run, best=None)]
    taught = teach(run, settings, target, settings.steps, 0, watching)
    run.folder.save_model(taught.task.generator, run.identity)
    found, floor = taught.looked, taught.look.of(tensor(target.real(MADE, run.about["seed"])))
    run.table(
        ("points", "modes", "within 0.25", "MMD^2"),
        [("generator", *found.values()), ("real points", *floor.values())],
    )
    values = [-record["train_critic_loss"] for record in taught.history]
    apart = [record["samples_mmd"] for record in taught.history]
    early, late = (fmean(part) for part in (values[: len(values) // 3 or 1], values[-(len(values) // 3 or 1) :]))
    tracks = tracking(values, apart)
    see = run.see(
        f"the critic's value goes from {early:.3f} in the first third of the training to {late:.3f} in the last; "
        f"with the samples' MMD^2 it has {in_words(tracks)}; {found['modes']:.0f} of 8 modes are covered, "
        f"{found['near']:.1%} near"
    )
    draw_frames(run, taught, target, "wgan-points: what the generator makes of the same noise", see)
    draw_measures(run, taught, target, "wgan-points: losses and quality", see)
    return {**{f"samples_{name}": value for name, value in found.items()}, "line": line, "tracks": tracks}
