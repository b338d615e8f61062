"""The tricks of training a GAN, switched one by one, with the share of trainings that lose modes (hwdong 8.5.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from xdl import plot
from xdl.experiments.adversarial.points import Taught, teach
from xdl.experiments.adversarial.recipe import Recipe
from xdl.experiments.adversarial.target import ModesOfPoints
from xdl.experiments.shared.claims import counted
from xdl.runs.run import Run

BASE = "as it is"
TRICKS: Mapping[str, Mapping[str, Any]] = {  # what each changes in the recipe
    BASE: {},
    "minimax loss": {"objective": "minimax"},
    "Adam's beta1 0.9": {"beta1": 0.9},
    "ReLU in the critic": {"leaky": False},
    "real labels at 0.9": {"smoothing": 0.1},
    "batch norm in the generator": {"batch_norm": True},
    "spectral norm in the critic": {"spectral": True},
    "two steps of the critic": {"critic_steps": 2},
}
HEADINGS = ("trick", "seeds", "collapse rate", "modes", "modes from", "near", "MMD^2")


@dataclass
class Tried:
    """The trainings of one trick, one a seed."""

    name: str
    seeds: list[Taught]

    def values(self, measure: str) -> list[float]:
        """A measure at the end of each training."""
        return [taught.looked[measure] for taught in self.seeds]

    def collapsed(self, modes: int) -> float:
        """The share of the trainings that end with fewer modes, or before their time."""
        lost = [bool(taught.ended) or taught.looked["modes"] < modes for taught in self.seeds]
        return sum(lost) / len(lost)


def compare(run: Run, recipe: Recipe, target: ModesOfPoints, steps: int, seeds: int) -> list[dict[str, Any]]:
    """Trains each trick from each seed; returns the table. A training collapses that ends with fewer than all modes."""
    of, tried = len(target.centres), []
    for name, changes in TRICKS.items():
        found = Tried(name, [teach(run, replace(recipe, **changes), target, steps, r) for r in range(seeds)])
        lost = found.collapsed(of)
        run.say(f"{name}: modes {', '.join(f'{m:.0f}' for m in found.values('modes'))}; collapsed {lost:.0%}")
        tried.append(found)
    rows = [
        (
            one.name,
            seeds,
            one.collapsed(of),
            fmean(one.values("modes")),
            min(one.values("modes")),
            round(fmean(one.values("near")), 4),
            round(fmean(one.values("mmd")), 5),
        )
        for one in tried
    ]
    table = run.table(HEADINGS, rows)
    _draw(run, tried, of, max(taught.last for one in tried for taught in one.seeds))
    return table


def _draw(run: Run, tried: list[Tried], of: int, steps: int) -> None:
    """Writes figures/tricks, and says which tricks are ahead of, and behind, the recipe as it is."""
    base = tried[0]
    said = []
    for one in sorted(tried[1:], key=lambda one: -fmean(one.values("near"))):
        more = [a > b for a, b in zip(one.values("near"), base.values("near"), strict=True)]
        way = "nearer to the modes" if sum(more) * 2 > len(more) else "farther from the modes"
        held = max(sum(more), len(more) - sum(more))
        said.append(f"{one.name}: {way} in {held} of {len(more)} seeds, collapse rate {one.collapsed(of):.0%}")
    see = run.see(
        f"after at most {steps} steps, beside the recipe as it is (collapse rate, fewer than all {of} modes, "
        f"{base.collapsed(of):.0%}): {'; '.join(said)}"
    )
    names = [one.name for one in tried]
    panels = {
        "collapse rate: fewer than all modes": {"": [one.collapsed(of) for one in tried]},
        "share of samples near a mode (mean)": {"": [fmean(one.values("near")) for one in tried]},
    }
    title = f"gan-points: tricks switched one by one, {counted(len(base.seeds), 'seed')}, {steps} steps"
    run.figure("tricks", plot.bars_data(names, panels, title), see)
