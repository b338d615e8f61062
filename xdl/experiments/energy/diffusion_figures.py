"""The figures of `diffusion-points`: the cloud at several times, the paths of single points, and digits."""

from __future__ import annotations

from xdl import plot
from xdl.creation import tensor
from xdl.experiments.energy.diffusion_target import Pictures, Ring
from xdl.experiments.energy.diffusion_training import SAMPLERS, Settings
from xdl.experiments.energy.fantasies import COLUMNS
from xdl.experiments.shared.generated.mosaics import show_rows
from xdl.functional import stack
from xdl.models.diffusion import Diffusion
from xdl.random import randn_like
from xdl.runs.run import Run
from xdl.tensor import Tensor

CLOUD, PATHS = 500, 24  # points that are drawn
SHARES = (1.0, 0.6, 0.3, 0.15, 0.0)  # of all times, from noise on


def recorded(
    run: Run, model: Diffusion, shape: tuple[int, int], steps: int | None = None, eta: float = 1.0
) -> dict[int, Tensor]:
    """{t: x_t} of samples (N, D) on their way, from the same noise."""
    told: dict[int, Tensor] = {}
    run.reseed()
    model.sample(shape, steps, eta, told.__setitem__)
    return told


def draw_cloud(run: Run, settings: Settings, target: Ring, model: Diffusion) -> None:
    """Above: data that drown in noise; below: noise that becomes data."""
    x, steps = target.held_out(run.about["seed"])[:CLOUD], model.steps
    times = [round(share * steps) for share in SHARES]
    back = recorded(run, model, (CLOUD, 2))
    run.reseed()
    noise = randn_like(x)
    panels = {}
    for t in reversed(times):
        there = model.noised(x, tensor([t] * len(x)), noise)
        panels[f"data, t = {t}"] = {"points": _specks(there)}
    for t in times:
        panels[f"samples, t = {t}"] = {"points": _specks(back[t])}
    found = target.covered(back[0])
    said = run.see(
        f"of {CLOUD} samples {found.near:.0%} lie within {target.radius:g} of one of {found.of} places, "
        f"and {found.covered} of these are covered"
    )
    title = f"diffusion-points on ring: into noise, and back ({settings.noise} schedule, {steps} times)"
    run.figure("cloud", plot.lines_data(panels, title, columns=len(times), share=True, equal=True), said)


def draw_paths(run: Run, settings: Settings, target: Ring, model: Diffusion) -> None:
    """The ways of single points from the same noise, by each sampler."""
    panels = {}
    for name, eta in SAMPLERS.items():
        way = stack(list(recorded(run, model, (PATHS, 2), None, eta).values()))
        curves = {f"path {i}": plot.Line(*_xy(way[:, i]), look="faint", colour=0) for i in range(PATHS)}
        curves["noise"] = plot.Line(*_xy(way[0]), look="circles", colour=0)
        curves["samples"] = plot.Line(*_xy(way[-1]), look="dots", colour=1)
        panels[f"{name}: {'new noise in each step' if eta else 'no new noise'}"] = curves
    title = f"diffusion-points on ring: {PATHS} points on their way through {settings.times} steps"
    run.figure("paths", plot.lines_data(panels, title, equal=True), "the same noise to begin with in both panels")


def draw_digits(run: Run, settings: Settings, target: Pictures, model: Diffusion) -> None:
    """Samples, and the way of a few of them."""
    several = recorded(run, model, (3 * COLUMNS, target.size))
    rows = {"learned from": target.images(target.train(0)[:COLUMNS])}
    samples = target.images(several[0])
    rows |= {f"samples {i + 1}": samples[i * COLUMNS : (i + 1) * COLUMNS] for i in range(3)}
    name = target.data.name
    show_rows(run, "samples", rows, f"diffusion-points on {name}: samples after {settings.times} steps", "")
    way = recorded(run, model, (COLUMNS, target.size), COLUMNS - 1, 0.0)
    on_the_way = {f"t = {t}": target.images(x) for t, x in way.items()}
    title = f"diffusion-points on {name}: {COLUMNS} images on their way from noise, one a column (DDIM)"
    show_rows(run, "paths", on_the_way, title, "values below 0 are black, above 1 white")


def _specks(points: Tensor) -> plot.Line:
    return plot.Line(*_xy(points), look="specks")


def _xy(points: Tensor) -> tuple[list[float], list[float]]:
    return points[:, 0].tolist(), points[:, 1].tolist()
