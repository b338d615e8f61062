"""A generative adversarial network on points of the plane: eight modes on a ring (hwdong 8.4.1, 8.4.2, 8.5.2, 8.5.4).

What is to be made is known here, so that the quality is a number: the modes that samples cover, the share of samples
within 0.25 of one, and the maximum mean discrepancy, each beside that of real points. A generator that has covered
half of the modes and falls below that has collapsed, and the run ends there. Then each of the tricks of training is
switched alone, over several seeds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl.creation import tensor
from xdl.data import ring_of_centres
from xdl.experiments.adversarial.figures import draw_critic, draw_frames, draw_measures
from xdl.experiments.adversarial.points import MADE, holds_modes, teach
from xdl.experiments.adversarial.recipe import Recipe
from xdl.experiments.adversarial.sampler import PointSampler
from xdl.experiments.adversarial.target import ModesOfPoints
from xdl.experiments.adversarial.tricks import compare
from xdl.experiments.shared.fit import watchers
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.train import Divergence

QUICK = {"steps": 600, "trick_steps": 100, "seeds": 1}
TASK = PointSampler(dimensions=2)


@dataclass(frozen=True)
class Settings(Recipe):
    """The pair that is trained at length, and the comparison of tricks, each a change of it."""

    modes: int = setting(8, "modes on the ring", low=2, high=100)
    steps: int = setting(3000, "steps of the generator, in hundreds, rounded up", low=100)
    trick_steps: int = setting(700, "steps of each training where tricks are compared, likewise", low=100)
    seeds: int = setting(5, "trainings of each trick, one a seed; 0: no comparison", low=0)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """The training, its measures and pictures, and the tricks."""
    target = ModesOfPoints(ring_of_centres(settings.modes))
    watching = [holds_modes(target), Divergence(), *watchers(run, best=None)]
    run.say(f"data: {settings.modes} modes on a ring; a generator that had half of them must keep as many")
    taught = teach(run, settings, target, settings.steps, 0, watching)
    run.folder.save_model(taught.task.generator, run.identity)

    floor = taught.look.of(tensor(target.real(MADE, run.about["seed"])))
    first = taught.look.of(tensor(taught.frames.samples[0]))
    run.table(
        ("points", "modes", "within 0.25", "MMD^2"),
        [
            ("untrained generator", *first.values()),
            ("generator", *taught.looked.values()),
            ("real points", *floor.values()),
        ],
    )
    found = taught.looked
    see = run.see(
        f"after {taught.last} steps {found['modes']:.0f} of {settings.modes} modes are covered, {found['near']:.1%} "
        f"of the samples lie within 0.25 of one ({floor['near']:.1%} of real points do)"
    )
    draw_frames(run, taught, target, "gan-points: what the generator makes of the same noise", see)
    draw_measures(run, taught, target, "gan-points: losses, and what they do not tell: the quality of samples", see)
    draw_critic(run, taught, "gan-points: D, what the critic takes for real")
    tricks = compare(run, settings, target, settings.trick_steps, settings.seeds) if settings.seeds else []
    return {**{f"samples_{name}": value for name, value in found.items()}, "real": floor, "tricks": tricks}
