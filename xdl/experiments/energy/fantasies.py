"""What a Boltzmann machine dreams of: the images at which its Markov chain arrives when nothing is shown to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xdl import plot
from xdl.data import LabelledImages
from xdl.experiments.energy.visible import Units
from xdl.experiments.shared.generated.mosaics import show_rows
from xdl.functional import cat
from xdl.models.energy import RBM
from xdl.runs.run import Run
from xdl.tensor import Tensor, no_grad

COLUMNS, CHAINS = 10, 4  # images in a row; rows of `draw_chain`


def dream(model: RBM, n: int, steps: int) -> Tensor:
    """The means (n, V) of the visible units after so many steps from noise."""
    with no_grad():
        return model.reconstruct(model.gibbs(model.noise(n), steps))


def draw_fantasies(run: Run, data: LabelledImages, units: Units, models: Mapping[str, RBM], steps: int) -> None:
    """A row of training images, and for each model the ends of chains that begin at noise."""
    run.reseed()
    rows = {"trained on": units.pictures(units.from_images(data.train.arrays[0][:COLUMNS]))}
    rows |= {name: units.pictures(dream(model, COLUMNS, steps)) for name, model in models.items()}
    title = f"{run.about['experiment']} on {data.name}: fantasies"
    see = f"below the first row: where chains are after {steps} steps from noise; grey: the probability of a pixel"
    show_rows(run, "fantasies", rows, title, see)


def draw_chain(run: Run, data: LabelledImages, units: Units, model: RBM, steps: int) -> None:
    """A few chains from noise on, at steps that grow."""
    run.reseed()
    shown = _growing(steps)
    v, frames, at = model.noise(CHAINS), [], 0
    for step in shown:
        v, at = model.gibbs(v, step - at), step
        with no_grad():
            frames.append(v if step == 0 else model.reconstruct(v))
    images = cat([units.pictures(frame[chain : chain + 1]) for chain in range(CHAINS) for frame in frames])
    titles = [f"step {step}" if chain == 0 else "" for chain in range(CHAINS) for step in shown]
    title = f"{run.about['experiment']} on {data.name}: {CHAINS} Markov chains from noise on, one a row"
    run.figure("chain", plot.gallery_data(images.numpy(), titles, len(shown), title))


def _growing(last: int) -> Sequence[int]:
    """0, 1, 3, 10, 30, ... and the last step."""
    steps = [0] + [step for power in range(8) for step in (10**power, 3 * 10**power) if step < last]
    return [*steps, last]
