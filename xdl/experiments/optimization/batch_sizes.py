"""All images in a step, a few of them, or one: three ways of gradient descent (hwdong 3.7.3, 3.7.4; 徐彬 1)."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf, prod
from statistics import fmean
from typing import Any

from xdl import nn, plot
from xdl.data import LabelledImages
from xdl.experiments.optimization.course import Course, descend, gradient_variance
from xdl.experiments.shared.claims import claim
from xdl.experiments.shared.images import images_of, part_of
from xdl.models import SoftmaxRegression
from xdl.runs.run import Run
from xdl.runs.settings import setting

PRESETS = {"mnist": {"epochs": 2, "samples": 1500}}
QUICK = {"samples": 200, "rates": (0.03, 0.3, 3.0), "seeds": 2}
MARKS = 10  # of the curves of a training, evenly over the logarithm of its steps
RAW = 150  # steps whose own losses are drawn
NOISE_SIZES = (1, 2, 5, 10, 20, 50, 100)


@dataclass(frozen=True)
class Settings:
    """Softmax regression by plain gradient descent, each size at its best rate; 0 stands for all images in a step."""

    sizes: tuple[int, ...] = setting((0, 50, 1), "images in a step; 0: all", low=0)
    rates: tuple[float, ...] = setting(
        (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0), "learning rates that each size tries", above=0
    )
    epochs: int = setting(5, "passes over the images; each has as many steps as its batches give", low=1)
    samples: int = setting(600, "training images to use; 0: all", low=0)
    seeds: int = setting(3, "trainings of each size at each rate, one a seed", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains each size at each rate, and compares the sizes at their best rates by passes, by steps and by seconds."""
    whole = images_of(run)
    data = part_of(whole, settings.samples)
    images = len(data.train)
    inputs, classes = prod(data.image_shape), len(data.class_names)
    steps = {size: settings.epochs * ceil(images / min(size or images, images)) for size in settings.sizes}
    fewest = min(steps.values())

    def train(size: int, rate: float, repeat: int) -> Course:
        run.reseed(repeat)
        model = SoftmaxRegression(inputs, classes)
        marks = {round(steps[size] ** (i / MARKS)) for i in range(MARKS + 1)} | {fewest}
        return descend(model, data, min(size or images, images), rate, settings.epochs, marks)

    names = {size: "all" if size in (0, images) else str(size) for size in settings.sizes}
    tried = {size: [[train(size, rate, i) for i in range(settings.seeds)] for rate in settings.rates] for size in names}
    losses = {size: [_loss(several) for several in row] for size, row in tried.items()}
    best = {size: row.index(min(row)) for size, row in losses.items()}
    _draw_rates(run, settings, data.name, names, losses, best)
    courses = {size: row[best[size]] for size, row in tried.items()}
    rows = [
        (
            names[size],
            settings.rates[best[size]],
            len(several[0].losses),
            None if _loss(several) == inf else _loss(several),
            fmean(one.test_accuracy for one in several),
            round(fmean(one.seconds[-1] for one in several), 3),
        )
        for size, several in courses.items()
    ]
    table = run.table(("batch size", "best rate", "steps", "train loss", "test accuracy", "seconds"), rows)
    _draw_losses(run, settings, data.name, {names[size]: several for size, several in courses.items()})
    noise = _draw_noise(run, SoftmaxRegression(inputs, classes), data, images)
    return {"data_description": data.description, "batch_sizes": table, "gradient_noise": noise}


def _loss(several: list[Course]) -> float:
    """The mean over the seeds; infinite where one of them diverged."""
    return fmean(one.loss for one in several)


def _draw_rates(
    run: Run, settings: Settings, data: str, names: dict[int, str], losses: dict[int, list[float]], best: dict[int, int]
) -> None:
    chosen = ", ".join(f"{settings.rates[i]:g} for batch {names[size]}" for size, i in best.items())
    figure = plot.heat_data(
        list(losses.values()),
        list(names.values()),
        [f"{rate:g}" for rate in settings.rates],
        f"Training loss on {data} after {settings.epochs} passes (frame: the best rate)",
        y="batch size",
        x="learning rate",
        value="mean loss of the seeds",
        log=True,
        framed=[[i == best[size] for i in range(len(settings.rates))] for size in losses],
    )
    run.figure("rates", figure, run.see(f"best rates: {chosen}"))


def _draw_losses(run: Run, settings: Settings, data: str, courses: dict[str, list[Course]]) -> None:
    """The loss on all images in three panels, which size comes furthest by which measure, and the loss of each step."""
    order = sorted(courses, key=lambda name: -len(courses[name][0].losses))
    small, large = order[0], order[-1]
    end = {name: _loss(courses[name]) for name in order}
    said = [
        claim(
            run,
            f"after {settings.epochs} passes batch {small} is further than batch {name}, each at its best rate "
            f"(loss {end[small]:.3g} against {end[name]:.3g})",
            [mine.loss < other.loss for mine, other in zip(courses[small], courses[name], strict=True)],
        )
        for name in order[1:]
    ]
    fewest = len(courses[large][0].losses)
    if small != large:
        early = [one.on_all[one.marks.index(fewest)] for one in courses[small]]
        sentence = f"after {fewest} steps batch {large} is further ({end[large]:.3g} against {fmean(early):.3g})"
        held = [mine.loss < other for mine, other in zip(courses[large], early, strict=True)]
        said.append(claim(run, sentence, held))
    times = ", ".join(f"{fmean(one.seconds[-1] for one in courses[name]):.2g} s with batch {name}" for name in order)
    said.append(run.see(f"the passes take {times}"))
    panels: dict[str, dict[str, plot.Line]] = {}
    for name, several in courses.items():
        marks, steps = several[0].marks, len(several[0].losses)
        passes = [settings.epochs * mark / steps for mark in marks]
        seconds = [fmean(at) for at in zip(*[one.seconds for one in several], strict=True)]
        for title, xs in (("passes", passes), ("steps", marks), ("seconds", seconds)):
            line = plot.Line.of_seeds(xs, [one.on_all for one in several])
            panels.setdefault(f"against {title}", {})[f"batch {name}"] = line
    title = f"Loss on all training images of {data}, each size at its best rate (mean and range of the seeds)"
    figure = plot.lines_data(panels, title, log=True, x_log=True, share=True)
    run.figure("losses", figure, "\n".join(said))
    raw = {f"batch {name}": several[0].losses[:RAW] for name, several in courses.items()}
    own = {name: {"loss": (range(1, len(losses) + 1), losses)} for name, losses in raw.items()}
    title = f"Loss of each step's own batch on {data}, each size at its best rate (first seed, first {RAW} steps)"
    run.figure("steps", plot.lines_data(own, title, "step", share=True))


def _draw_noise(run: Run, model: nn.Module, data: LabelledImages, images: int) -> list[dict[str, Any]]:
    """The variance of the gradient by batch size, at one place, beside the variance over the size."""
    sizes = [size for size in NOISE_SIZES if size < images]
    variances = [gradient_variance(model, data, size) for size in sizes]
    expected = [variances[0] / size * (images - size) / (images - 1) for size in sizes]
    table = run.table(
        ("batch size", "variance of the gradient", "of one image / size"),
        list(zip(sizes, variances, expected, strict=True)),
    )
    lines = {
        "measured": plot.Line(sizes, variances, look="dots"),
        "that of one image / batch size": plot.Line(sizes, expected, look="dashed"),
    }
    share = variances[0] / variances[-1]
    said = run.see(f"a batch of {sizes[-1]} in place of {sizes[0]} divides the gradient's variance by {share:.3g}")
    title = f"Gradient noise of softmax regression on {data.name}, at the first weights"
    panels = {"mean squared distance from the gradient of all images": lines}
    run.figure("noise", plot.lines_data(panels, title, "batch size", log=True, x_log=True), said)
    return table
