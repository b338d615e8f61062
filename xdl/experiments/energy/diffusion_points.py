"""A small diffusion model on points of the plane, and on digits: an outlook (generative models: hwdong 8.1).

Noise is added to the data until nothing else is left, and a network learns to guess that noise. Samples are made by
going back from noise step by step: with new noise in each step (DDPM), or without any, on a path that the first noise
decides (DDIM), which needs fewer steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from xdl import plot
from xdl.experiments.energy.diffusion_figures import draw_cloud, draw_digits, draw_paths
from xdl.experiments.energy.diffusion_target import Pictures, Ring
from xdl.experiments.energy.diffusion_task import Sampler
from xdl.experiments.energy.diffusion_training import SAMPLERS, Settings, Trained, counts, target_of, train
from xdl.experiments.shared.claims import claim, in_words
from xdl.experiments.shared.images import images_of
from xdl.random import randn
from xdl.runs.run import Run

__all__ = ["PRESETS", "QUICK", "TASK", "Settings", "run"]
QUICK = {"steps": 300, "seeds": 1, "sampling": (5, 20), "samples": 300, "times": 40, "points": 1000}
IMAGES = {"hidden": 256, "blocks": 4, "batch_size": 64, "seeds": 1, "lr": 0.001, "samples": 300}
PRESETS = {"digits": IMAGES | {"steps": 4000}, "mnist": IMAGES | {"hidden": 512, "steps": 8000}}


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains from each seed, measures samples by steps, and draws how points find their places."""
    name = run.about["data"]
    if name != "ring":
        images_of(run)
    target = target_of(settings, name, run.data_dir)
    trained = [train(run, settings, target, repeat) for repeat in range(settings.seeds)]
    model = trained[0].model
    run.folder.save_model(model, run.identity)
    seed = run.about["seed"]
    real = target.held_out(seed)
    noise = randn(settings.samples, target.size)
    floor = target.measures(target.train(seed + settings.seeds)[: settings.samples], real)
    bounds = {"other real samples": floor, "noise": target.measures(noise, real)}
    table = _table(run, settings, trained, bounds)
    _draw_quality(run, settings, trained, floor["mmd"])
    if isinstance(target, Ring):
        draw_cloud(run, settings, target, model)
        draw_paths(run, settings, target, model)
    if isinstance(target, Pictures):
        draw_digits(run, settings, target, model)
    most = counts(settings)[-1]
    return {"samplers": table, "loss": trained[0].history[-1]["train_loss"], **trained[0].found["DDPM"][most]}


def _table(
    run: Run, settings: Settings, trained: Sequence[Trained], bounds: dict[str, dict[str, float]]
) -> list[dict[str, Any]]:
    """Each sampler with each number of steps, in the mean of the seeds, between real samples and noise."""
    names = list(bounds["noise"])
    rows: list[Any] = [(name, None, *(of[key] for key in names)) for name, of in bounds.items()]
    for sampler in SAMPLERS:
        for n in counts(settings):
            rows.append((sampler, n, *(fmean(one.found[sampler][n][key] for one in trained) for key in names)))
    return run.table(("samples", "steps", *("MMD^2" if name == "mmd" else name for name in names)), rows)


def _draw_quality(run: Run, settings: Settings, trained: Sequence[Trained], floor: float) -> None:
    """Each measure by the number of steps, and what is claimed of them."""
    steps = counts(settings)
    few, most = steps[0], steps[-1]
    pairs = [(one.found["DDIM"][few], one.found["DDPM"][few]) for one in trained]
    ends = [one.found["DDPM"][most] for one in trained]
    if "near" in ends[0]:
        said = f"with {few} steps more points lie near a mode without new noise (DDIM) than with it (DDPM)"
        seen = [claim(run, said, [ddim["near"] > ddpm["near"] for ddim, ddpm in pairs])]
        said = f"with {most} steps every mode is covered, and at least 9 of 10 points lie within 4 std of one"
        seen.append(claim(run, said, [end["modes"] == settings.modes and end["near"] >= 0.9 for end in ends]))
    else:
        said = f"with {few} steps samples without new noise (DDIM) are nearer to the data than with it (DDPM), by MMD"
        seen = [claim(run, said, [ddim["mmd"] < ddpm["mmd"] for ddim, ddpm in pairs])]
    panels: dict[str, dict[str, plot.Line]] = {}
    for key, title in (("mmd", "MMD² to held-out data"), ("near", "share of points within 4 std of a mode")):
        if key in ends[0]:
            panels[title] = {
                sampler: plot.Line.of_seeds(steps, [[one.found[sampler][n][key] for n in steps] for one in trained])
                for sampler in SAMPLERS
            }
    real = plot.Line([steps[0], most], [floor, floor], look="dashed", colour=7)
    panels["MMD² to held-out data"]["other real samples"] = real
    title = f"diffusion-points on {run.about['data']}: what steps are worth ({in_words(len(trained))})"
    run.figure("steps", plot.lines_data(panels, title, "steps of the sampler", x_log=True), "\n".join(seen))


TASK = Sampler()
