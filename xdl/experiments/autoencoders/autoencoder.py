"""An autoencoder of linear layers: what a few numbers keep of an image, beside PCA (hwdong 8.2.1, 8.2.3).

The encoder makes a code of a few numbers, the decoder makes the image of it again, and both learn from the images
alone: no label is read. PCA is the best that can be done by linear maps, so its error with as many numbers is what has
to be beaten, on images that neither has seen. A second autoencoder has a code of two numbers, which can be looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl import plot
from xdl.data import LabelledImages
from xdl.experiments.autoencoders.coder_task import ImageCoder
from xdl.experiments.autoencoders.pictures import (
    centres,
    dots,
    glyphs,
    neighbour_accuracy,
    show_pictures,
)
from xdl.experiments.autoencoders.pixels import Plane, in_batches, one_of_each, pixels_of, tensors_of
from xdl.experiments.autoencoders.training import MNIST, Coder, TrainingSettings, check_code, train_coder
from xdl.experiments.shared.claims import claim, in_words
from xdl.experiments.shared.generated.mosaics import mosaic, show_rows
from xdl.models import DenseAutoencoder
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.runs.settings import setting

QUICK: dict[str, Any] = {"epochs": 12, "seeds": 1}
PRESETS = {"mnist": MNIST}
LOOKED_AT = 2000  # images whose codes are looked at


@dataclass(frozen=True)
class Settings(TrainingSettings):
    """The layers and the training."""

    hidden: tuple[int, ...] = setting(
        (128, 64), "units of the encoder's hidden layers; the decoder has them back", low=1
    )
    code: int = setting(8, "numbers of the code", low=1)


def build(settings: Any, shape: tuple[int, ...], classes: int) -> DenseAutoencoder:
    """The untrained autoencoder."""
    return DenseAutoencoder(shape, (*settings.hidden, settings.code))


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains with the code asked for from several seeds, then with two numbers; both beside PCA."""
    data = pixels_of(run, settings.samples)
    check_code("code", settings.code, data)
    plane = Plane.of(data.train, settings.code)
    test = tensors_of(data.test)[0]
    by_pca = plane.error(test, settings.code)
    shown = test[one_of_each(data, data.test)]
    coders = []
    for repeat in range(settings.seeds):
        run.reseed(repeat)
        part = run.part(f"again-{repeat}" if repeat else "")
        model = build(settings, data.image_shape, 0)
        coder = train_coder(part, model, data, settings)
        run.say(f"seed {run.about['seed'] + repeat}: test error {coder.error:.5f} a pixel after {coder.seconds:.1f} s")
        coders.append(coder)
    first = coders[0]
    mean = float(test.sub(tensors_of(data.train)[0].mean(0)).square().mean())
    rows = [("the mean image", 0, mean, 1.0), ("PCA", settings.code, by_pca, by_pca / mean)]
    rows += [(f"autoencoder, seed {run.about['seed'] + i}", settings.code, c.error, c.error / mean)
             for i, c in enumerate(coders)]  # fmt: skip
    table = run.table(("code", "numbers", "test error a pixel", "of the mean image's"), rows)
    less = claim(
        run,
        f"with {settings.code} numbers the autoencoder's squared error on new images is smaller than PCA's "
        f"(seed {run.about['seed']}: {first.error:.5f} against {by_pca:.5f}, {1 - first.error / by_pca:.0%} less)",
        [coder.error < by_pca for coder in coders],
    )
    _draw_errors(run, data, plane, settings, coders, less)
    title = f"autoencoder on {data.name}: test images and what {settings.code} numbers keep of them"
    again = in_batches(first.model, shown)
    pictures = {"the image": shown, "autoencoder": again, "PCA": plane.restored(shown, settings.code).clamp(0, 1)}
    show_rows(run, "reconstructions", pictures, title, less)
    return {
        "data_description": data.description,
        "test_error": first.error,
        "test_samples": len(data.test),
        "pca_error": by_pca,
        "less_than_pca": 1 - first.error / by_pca,
        "validation_error": min(first.curve),
        "epochs": len(first.history),
        "training_seconds": round(first.seconds, 2),
        "codes": table,
        "plane": _in_the_plane(run, data, settings),
    }


def _draw_errors(
    run: Run, data: LabelledImages, plane: Plane, settings: Settings, coders: list[Coder], see: str
) -> None:
    """figures/errors: the validation error by epoch, beside PCA's."""
    epochs = range(1, min(len(coder.history) for coder in coders) + 1)
    level = plane.error(tensors_of(data.validation)[0], settings.code)
    curves = [coder.curve[: len(epochs)] for coder in coders]
    lines = {
        f"autoencoder, validation ({in_words(len(coders))})": Line.of_seeds(epochs, curves),
        "PCA, validation": Line([1, len(epochs)], [level, level], look="dashed"),
    }
    title = f"autoencoder on {data.name}: error with {settings.code} numbers"
    run.figure("errors", plot.lines_data({"squared error a pixel": lines}, title, "epoch", log=True), see)


def _in_the_plane(run: Run, data: LabelledImages, settings: Settings) -> dict[str, Any]:
    """An autoencoder with two numbers: figures/plane and figures/glyphs, and what the plane tells of classes."""
    run.reseed()
    model = DenseAutoencoder(data.image_shape, (*settings.hidden, 2))
    coder = train_coder(run.part("plane"), model, data, settings)
    plane = Plane.of(data.train, 2)
    known, labels = tensors_of(data.train, LOOKED_AT)
    test, truth = tensors_of(data.test, LOOKED_AT)
    codes = {"autoencoder": in_batches(model.encode, test), "PCA": plane.encode(test, 2)}
    before = {"autoencoder": in_batches(model.encode, known), "PCA": plane.encode(known, 2)}
    right = {name: neighbour_accuracy(before[name], labels, z, truth) for name, z in codes.items()}
    by_pca = plane.error(tensors_of(data.test)[0], 2)
    see = run.see(
        f"two numbers: error {coder.error:.5f}, PCA's {by_pca:.5f}; by the nearest code of a training image "
        f"{right['autoencoder']:.0%} of the new images get their class, {right['PCA']:.0%} in PCA's plane, though "
        f"no label was read"
    )
    title = f"autoencoder on {data.name}: new images by codes of two numbers"
    panels = {f"{name}: the second number": dots(z, truth, data) for name, z in codes.items()}
    run.figure("plane", plot.lines_data(panels, title, "first number of the code", columns=2), see)
    z = codes["autoencoder"]
    made = in_batches(model.decode, centres(z))
    pictures = {"new images, by their codes": glyphs(test, z), "what the decoder makes of each place": mosaic(made, 20)}
    show_pictures(run, "glyphs", pictures, f"autoencoder on {data.name}: the plane of codes", see)
    return {"test_error": coder.error, "pca_error": by_pca, "nearest_neighbour_accuracy": right}


TASK = ImageCoder(build)
