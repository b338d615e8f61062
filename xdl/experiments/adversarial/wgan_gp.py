"""WGAN with a gradient penalty beside a plain GAN, on the 25 modes of a grid (hwdong 8.7; Gulrajani et al. 2017).

As in the paper the grid has about unit variance; the std of a mode is a twentieth of the spacing. A mode is covered by
a fifth of its even share of the samples within three std, and near is the share of all samples within three std of a
mode (Srivastava et al. 2017, "VEEGAN", who ask for one sample a mode: that is in the table, too). Both trainings have
the same networks, steps of the generator, falling rates and averaged weights; the plain GAN has one step of the critic
and the Adam of Radford et al. 2015: a rate of 0.0005 loses about as many modes, 0.001 and beta1 of 0.9 more. The
critics see waves beside the coordinates (`Waves`). Without waves the plain GAN covers 1, 2 and 3 modes after 2500
steps. Recipes were chosen with other seeds, from 100 on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from xdl import plot
from xdl.data import grid_of_centres
from xdl.experiments.adversarial.figures import draw_frames, draw_measures
from xdl.experiments.adversarial.points import SHOWN, Taught, holds_modes, teach
from xdl.experiments.adversarial.recipe import Recipe
from xdl.experiments.adversarial.sampler import PointSampler
from xdl.experiments.adversarial.target import ModesOfPoints
from xdl.experiments.shared.claims import claim, in_words
from xdl.experiments.shared.fit import watchers
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.train import Divergence

QUICK = {"steps": 300, "seeds": 1}
TASK = PointSampler(dimensions=2)
SPACING = 2 / 8**0.5  # of the grid: with five modes a side the coordinates have unit variance
PLAIN: dict[str, Any] = {"objective": "non-saturating", "penalty": 0.0, "critic_steps": 1, "lr": 0.0002, "beta2": 0.999}
OURS, THEIRS = "WGAN-GP", "plain GAN"
TRAININGS: dict[str, dict[str, Any]] = {OURS: {}, THEIRS: PLAIN}


@dataclass(frozen=True)
class Settings(Recipe):
    """The WGAN; the plain GAN differs by objective, penalty, critic steps and Adam's settings."""

    objective: str = setting("wasserstein", "what the two minimize", choices=("wasserstein",))
    penalty: float = setting(1.0, "factor of the gradient penalty", above=0)
    critic_steps: int = setting(2, "steps of the critic for one of the generator", low=1, high=100)
    lr: float = setting(0.003, "learning rate of Adam, for both", above=0)
    beta1: float = setting(0.5, "Adam's share of the last mean gradient", low=0, high=0.999)
    beta2: float = setting(0.9, "Adam's share of the last mean square", low=0, high=0.9999)
    batch_size: int = setting(128, "real samples in a batch, and as many made ones", low=2)
    layers: int = setting(3, "hidden layers of both networks", low=1, high=8)
    octaves: int = setting(
        3, "pairs of a sine and a cosine of each number that the critic sees beside it", low=0, high=8
    )
    decay: float = setting(0.5, "share of the steps, the last ones, in which the rates fall to 0", low=0, high=1)
    average: float = setting(
        0.99, "share of the last average in that of the generator's weights; 0: no average", low=0, high=0.9999
    )
    side: int = setting(5, "modes along a side of the grid", low=2, high=10)
    steps: int = setting(2700, "steps of the generator", low=100)
    seeds: int = setting(3, "trainings of each, one a seed", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Both over the seeds; the first WGAN is the run's model."""
    std = SPACING / 20
    target = ModesOfPoints(grid_of_centres(settings.side, SPACING), radius=3 * std, std=std, width=SPACING / 2)
    of = len(target.centres)
    first = teach(
        run, settings, target, settings.steps, 0, [holds_modes(target), Divergence(), *watchers(run, best=None)]
    )
    run.folder.save_model(first.task.generator, run.identity)
    trained: dict[str, list[Taught]] = {}
    for name, changes in TRAININGS.items():
        known = [first] if name == OURS else []
        recipe, seeds = replace(settings, **changes), range(len(known), settings.seeds)
        trained[name] = known + [teach(run, recipe, target, settings.steps, repeat) for repeat in seeds]
    rows = [_row(name, found, target) for name, found in trained.items()]
    table = run.table(("training", f"modes of {of}", "with a sample", "seeds that lose some", "near", "MMD^2"), rows)
    modes = {name: [one.looked["modes"] for one in found] for name, found in trained.items()}
    covers = [ours == of > theirs for ours, theirs in zip(*modes.values(), strict=True)]
    see = claim(run, f"WGAN-GP covers all {of} modes where the plain GAN loses some", covers)
    draw_frames(run, first, target, "wgan-gp: what the generator makes of the same noise", see)
    draw_measures(run, first, target, "wgan-gp: losses and quality", see)
    _draw(run, trained, target, see)
    return {**{f"samples_{name}": value for name, value in first.looked.items()}, "trainings": table}


def _row(name: str, found: list[Taught], target: ModesOfPoints) -> tuple[Any, ...]:
    """Of the table: the modes of each seed, and means over the seeds."""
    covered = [one.looked["modes"] for one in found]
    reached = [sum(count > 0 for count in target.modes(one.samples()).counts) for one in found]
    near, apart = (fmean(one.looked[measure] for one in found) for measure in ("near", "mmd"))
    lost = f"{sum(value < len(target.centres) for value in covered)} of {len(found)}"
    return name, _listed(covered), _listed(reached), lost, round(near, 4), round(apart, 5)


def _listed(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.0f}" for value in values)


def _draw(run: Run, trained: dict[str, list[Taught]], target: ModesOfPoints, see: str) -> None:
    """Writes figures/comparison: the last samples of both, and the modes covered by step."""
    panels: dict[str, dict[str, Any]] = {}
    for name, (first, *_) in trained.items():
        made, real = first.frames.samples[-1], first.look.compared[:SHOWN]
        panels[f"{name}: {first.looked['near']:.0%} near a mode"] = {
            "real": plot.Line(real[:, 0], real[:, 1], look="specks", colour=0),
            "made": plot.Line(made[:, 0], made[:, 1], look="specks", colour=1),
        }
    clouds = list(panels)
    lines = {}
    for name, found in trained.items():
        counts = [[record["samples_modes"] for record in one.history] for one in found]
        length = min(map(len, counts))
        lines[name] = plot.Line.of_seeds([r["step"] for r in found[0].history][:length], [c[:length] for c in counts])
    panels["modes covered"] = lines
    title = f"wgan-gp on a grid of {len(target.centres)} modes ({in_words(len(trained[OURS]))})"
    shows = ["x1", "x1", "step of the generator"]
    run.figure("comparison", plot.lines_data(panels, title, shows, equal=clouds), see)
