"""A generative adversarial network on a set of real numbers, whose mean and std it has to meet (hwdong 8.5.1).

The numbers are drawn from N(4, 0.5), as the book's are, or read from the book's file with `--data real-values`. How
near the samples are is told by mean, std, and the Wasserstein-1 distance, exact by sorting, beside that of two sets of
real numbers. Two tricks are on: the networks work in units of the data, without which (`--set standardize=false`) the
mean is found and the std is not; and samples come from an average of the generator's weights over its last hundred
steps (`--set average=0`: its own weights), which go round the goal (Yazici et al. 2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt
from typing import Any

import xdl
from xdl import plot
from xdl.creation import tensor
from xdl.data import load_real_values, real_numbers
from xdl.experiments.adversarial.points import MADE, Taught, teach
from xdl.experiments.adversarial.recipe import Recipe
from xdl.experiments.adversarial.sampler import PointSampler
from xdl.experiments.adversarial.target import Numbers
from xdl.experiments.shared.fit import watchers
from xdl.experiments.shared.generated.frames import save_frames
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor
from xdl.train import Divergence

QUICK = {"steps": 500}
TASK = PointSampler(dimensions=1)
DRAWN = 20_000  # numbers of the set that is made here
PLACES = 200  # at which densities are drawn
NEAR = 0.1  # of mean and std


@dataclass(frozen=True)
class Settings(Recipe):
    """The pair, and how long it is trained."""

    noise: int = setting(1, "normal numbers that a sample is made of", low=1)
    width: int = setting(32, "units of each hidden layer, in both networks", low=1)
    average: float = setting(
        0.99, "share of the last average in that of the generator's weights; 0: no average", low=0, high=0.9999
    )
    standardize: bool = setting(True, "the networks work with samples less the data's mean, in units of their std")
    steps: int = setting(3000, "steps of the generator", low=100)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """The training; mean, std and distance; the densities while it trains."""
    seed = run.about["seed"]
    if run.about["data"] == "real-values":
        values = load_real_values(run.data_dir)
        run.say(f"data: {len(values)} numbers of the book's file")
    else:
        values = real_numbers(DRAWN, seed=seed)
        run.say(f"data: {DRAWN} numbers drawn from N(4, 0.5) by seed {seed}")
    taught = teach(run, settings, Numbers(values), settings.steps, 0, [Divergence(), *watchers(run, best=None)])
    save_frames(run, taught.frames)
    run.folder.save_model(taught.task.generator, run.identity)

    real = tensor(values)
    floor = taught.look.of(tensor(Numbers(values).real(MADE, seed)))
    wanted = {"mean": real.mean().item(), "std": real.std(correction=0).item()}
    first, found = taught.look.of(tensor(taught.frames.samples[0])), taught.looked
    rows = [("untrained generator", *first.values()), ("generator", *found.values()), ("real numbers", *floor.values())]
    table = run.table(("numbers", "mean", "std", "Wasserstein-1"), rows)
    off = {name: abs(found[name] - wanted[name]) for name in wanted}
    how = "within" if max(off.values()) <= NEAR else "not within"
    see = run.see(
        f"the samples have the mean {found['mean']:.3f} and the std {found['std']:.3f}, {how} {NEAR:g} of the data's "
        f"{wanted['mean']:.3f} and {wanted['std']:.3f}; Wasserstein-1 distance {found['w1']:.3f}, of real numbers "
        f"{floor['w1']:.3f}"
    )
    draw(run, taught, real, see)
    return {
        **{f"samples_{name}": value for name, value in found.items()},
        "mean_off": off["mean"],
        "std_off": off["std"],
        "real": wanted,
        "numbers": table,
    }


def draw(run: Run, taught: Taught, real: Tensor, see: str) -> None:
    """Writes figures/numbers: densities of the samples at several steps, and the measures by step."""
    low, high = real.min().item() - 1, real.max().item() + 1
    xs = xdl.linspace(low, high, PLACES)
    on = xs.tolist()
    frames, history = taught.frames, taught.history
    picked = sorted(
        {min(1, len(frames.steps) - 1), len(frames.steps) // 4, len(frames.steps) // 2, len(frames.steps) - 1}
    )
    densities: dict[str, Any] = {"real numbers": plot.Line(on, density(real[:MADE], xs).tolist(), look="thick")}
    for i in picked:
        made = density(tensor(frames.samples[i]).reshape(-1), xs)
        densities[f"made, step {frames.steps[i]}"] = plot.Line(on, made.tolist())
    with xdl.no_grad():
        judged = taught.task.critic(xs.reshape(-1, 1)).sigmoid().reshape(-1)
    steps = [record["step"] for record in history]
    panels: dict[str, dict[str, Any]] = {
        "density": densities,
        "D(x) of the trained critic": {"": plot.Line(on, judged.tolist())},
    }
    for name in ("mean", "std"):
        level = (real.mean() if name == "mean" else real.std(correction=0)).item()
        panels[name] = {
            "samples": plot.Line(steps, [record[f"samples_{name}"] for record in history]),
            "data": plot.Line([steps[0], steps[-1]], [level, level], look="dashed", colour=7),
        }
    title = f"gan-numbers on {run.about['data']}: what the generator makes of the same noise"
    run.figure("numbers", plot.lines_data(panels, title, ["x", "x", "step", "step"], columns=2), see)


def density(numbers: Tensor, xs: Tensor) -> Tensor:
    """The density of numbers (N,) at places (M,), by normal kernels of the width std / 4, at least 0.02."""
    width = max(numbers.std().item() / 4, 0.02)
    apart = (xs.reshape(-1, 1) - numbers.reshape(1, -1)) / width
    found: Tensor = (-0.5 * apart.square()).exp().mean(1) / (width * sqrt(2 * pi))
    return found
