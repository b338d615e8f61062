"""The figures of a variational autoencoder: its parts by epoch, samples, ways between images, the plane, beta."""

from __future__ import annotations

from collections.abc import Mapping

import xdl
from xdl import plot
from xdl.data import LabelledImages
from xdl.experiments.autoencoders.coder_task import between
from xdl.experiments.autoencoders.nats import UNUSED, Trained, made_of_codes, quantile_grid
from xdl.experiments.autoencoders.pictures import dots, show_pictures
from xdl.experiments.autoencoders.pixels import in_batches, one_of_each, tensors_of
from xdl.experiments.shared.generated.mosaics import mosaic, show_rows
from xdl.plot import Line
from xdl.runs.run import Run

PARTS = {"reconstruction": "reconstruction", "KL": "kl", "-ELBO, their sum": "negative_elbo"}
CELLS = 20  # of the grid along each axis
STEPS = 8  # pictures on the way between two images
LOOKED_AT = 2000  # images whose codes are drawn


def draw_parts(run: Run, data: LabelledImages, one: Trained) -> None:
    """figures/parts: reconstruction and KL by epoch."""
    epochs = range(1, len(one.history) + 1)
    panels = {
        name: {
            "validation": Line(epochs, [record[f"validation_{measure}"] for record in one.history]),
            "training": Line(epochs, [record[f"train_{measure}"] for record in one.history], look="dashed"),
        }
        for name, measure in PARTS.items()
    }
    (spent, kl), (lost, left) = (
        (one.history[0][f"validation_{measure}"], one.history[-1][f"validation_{measure}"])
        for measure in ("kl", "reconstruction")
    )
    worth = "more" if lost - left > kl - spent else "no more"
    see = run.see(
        f"from the first epoch to the last the KL goes from {spent:.1f} to {kl:.1f} nats, and reconstruction from "
        f"{lost:.1f} to {left:.1f}: what codes tell of the image wins {worth} than it costs"
    )
    title = f"{run.about['experiment']} on {data.name}: the parts of the loss, nats an image"
    run.figure("parts", plot.lines_data(panels, title, "epoch", columns=3), see)


def draw_samples(run: Run, data: LabelledImages, one: Trained) -> None:
    """figures/samples: images for codes drawn from N(0, I), beside test images. The codes are the same in each run."""
    real = tensors_of(data.test, 100)[0]
    made = made_of_codes(run, one.model)
    side = 10 if len(real) == 100 else 1
    pictures = {
        "images for codes drawn from N(0, I)": mosaic(made, 10, gap=1),
        "test images": mosaic(real, side, gap=1),
    }
    see = "left: the probability of white for each pixel; all between black and white is what the model leaves open"
    show_pictures(run, "samples", pictures, f"{run.about['experiment']} on {data.name}: new images", see)


def draw_between(run: Run, data: LabelledImages, one: Trained) -> None:
    """figures/interpolation: from one test image to another on a line between their codes, and between their pixels."""
    images = tensors_of(data.test)[0][one_of_each(data, data.test)[:6]]
    codes = in_batches(lambda x: one.model.encode(x)[0], images)
    rows = {}
    for i in range(0, len(images) - 1, 2):
        ends = (images[i : i + 1], images[i + 1 : i + 2])
        way = in_batches(one.model.images, between(codes[i], codes[i + 1], STEPS))
        plain = between(images[i].flatten(), images[i + 1].flatten(), STEPS).reshape(-1, *images.shape[1:])
        rows[f"codes, {i // 2 + 1}"] = xdl.cat([ends[0], way, ends[1]])
        rows[f"pixels, {i // 2 + 1}"] = xdl.cat([ends[0], plain, ends[1]])
    title = f"{run.about['experiment']} on {data.name}: between two test images, the first and the last"
    see = "a line between codes goes through images of their own, a line between pixels lays two over each other"
    show_rows(run, "interpolation", rows, title, see)


def draw_plane(run: Run, data: LabelledImages, one: Trained) -> None:
    """figures/grid: what a code of two numbers stands for, at the quantiles of N(0, I); figures/plane: test images."""
    made = in_batches(one.model.images, quantile_grid(CELLS))
    see = run.see(
        f"with two numbers {one.test.negative_elbo:.2f} nats an image (reconstruction {one.test.reconstruction:.2f}, "
        f"KL {one.test.kl:.2f}); in each cell of the grid is as much of N(0, I) as in any other"
    )
    title = f"{run.about['experiment']} on {data.name}: the grid of codes of two numbers, at normal quantiles"
    show_pictures(run, "grid", {"": mosaic(made, CELLS, gap=1)}, title, see)
    images, labels = tensors_of(data.test, LOOKED_AT)
    z = in_batches(lambda x: one.model.encode(x)[0], images)
    title = f"{run.about['experiment']} on {data.name}: test images by the means of their codes"
    run.figure(
        "plane", plot.lines_data({"second number": dots(z, labels, data)}, title, "first number", equal=True), see
    )


def draw_trade(run: Run, data: LabelledImages, found: Mapping[float, Trained]) -> None:
    """figures/trade: reconstruction against KL by beta, with the line of the same ELBO as with beta = 1."""
    rates, distortions = ([getattr(one.test, name) for one in found.values()] for name in ("kl", "reconstruction"))
    elbo = found[1.0].test.negative_elbo
    most = min(max(rates), elbo)  # where nothing is left for the pixels
    least = min(found, key=lambda beta: found[beta].test.negative_elbo)
    low, high = min(found), max(found)
    see = run.see(
        f"beta {low:g} spends {found[low].test.kl:.1f} nats on the code and {found[low].test.reconstruction:.1f} on "
        f"the pixels, beta {high:g} {found[high].test.kl:.1f} and {found[high].test.reconstruction:.1f}; the sum is "
        f"least with beta {least:g}"
    )
    lines = {
        f"beta {beta:g}": Line([one.test.kl], [one.test.reconstruction], look="dots") for beta, one in found.items()
    }
    lines["by beta"] = Line(rates, distortions, look="faint")
    lines["the ELBO of beta 1"] = Line([0, most], [elbo, elbo - most], look="dashed")
    title = f"{run.about['experiment']} on {data.name}: what the code costs, and what it wins"
    panels = {"reconstruction (distortion), nats": lines}
    run.figure("trade", plot.lines_data(panels, title, "KL (rate), nats"), see)


def draw_units(run: Run, data: LabelledImages, found: Mapping[float, Trained]) -> None:
    """figures/units: the KL of each unit of the code, the largest first."""
    lines = {}
    for beta, one in found.items():
        units = sorted(one.test.units.tolist(), reverse=True)
        lines[f"beta {beta:g}"] = Line(range(1, len(units) + 1), [max(unit, 1e-4) for unit in units])
    count = one.model.latent
    lines["used above"] = Line([1, count], [UNUSED, UNUSED], look="dashed", colour=7)
    used = ", ".join(f"{one.test.used} with beta {beta:g}" for beta, one in found.items())
    see = run.see(
        f"units of the code that are used, with a KL above {UNUSED:g} nats, of {count}: {used}; the others collapse"
    )
    title = f"{run.about['experiment']} on {data.name}: KL of each unit of the code"
    run.figure("units", plot.lines_data({"nats": lines}, title, "unit, by its KL", log=True), see)
