"""A convolutional autoencoder beside one of linear layers and PCA, also on images that are moved (hwdong 8.2.1, 8.2.3).

The encoder halves the image by convolutions of stride 2, the decoder doubles it by transposed ones; between them a
linear layer makes the code, of as many numbers as the others have. What a filter has learned holds in every place of
the image: on images moved by a pixel, which none of the three has seen in training, that is put to the test.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from statistics import fmean
from typing import Any

from xdl import plot
from xdl.data import LabelledImages
from xdl.experiments.autoencoders.coder_task import ImageCoder
from xdl.experiments.autoencoders.pixels import Plane, in_batches, one_of_each, pixels_of, tensors_of
from xdl.experiments.autoencoders.training import Coder, TrainingSettings, check_code, train_coder
from xdl.experiments.shared.claims import claim, in_words
from xdl.experiments.shared.generated.mosaics import show_rows
from xdl.functional import pad
from xdl.models import ConvAutoencoder, DenseAutoencoder
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor

QUICK: dict[str, Any] = {"epochs": 8, "seeds": 1}
PRESETS = {
    "mnist": {
        "epochs": 10,
        "batch_size": 128,
        "code": 32,
        "hidden": (256,),
        "seeds": 1,
        "lr_decay": 0.85,
        "patience": 3,
    }
}
KINDS = ("convolutions", "linear layers")


@dataclass(frozen=True)
class Settings(TrainingSettings):
    """The layers and the training."""

    epochs: int = setting(40, "passes over the training images", low=1)
    lr: float = setting(0.003, "learning rate of the first epoch", above=0)
    channels: tuple[int, ...] = setting((16, 32), "of the convolutions, each of stride 2", low=1)
    hidden: tuple[int, ...] = setting((128, 64), "units of the linear autoencoder's hidden layers", low=1)
    code: int = setting(8, "numbers of the code", low=1)
    seeds: int = setting(2, "trainings of each kind, one a seed", low=1)


def build(settings: Any, shape: tuple[int, ...], classes: int) -> ConvAutoencoder:
    """The untrained convolutional autoencoder."""
    return ConvAutoencoder(shape, settings.channels, settings.code)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains both kinds from each seed; measures them and PCA on test images, as they are and moved by a pixel."""
    data = pixels_of(run, settings.samples)
    check_code("code", settings.code, data)
    plane = Plane.of(data.train, settings.code)
    test = tensors_of(data.test)[0]
    moves = moved(test)
    coders = {kind: _train(run, settings, data, kind) for kind in KINDS}
    by_pca = (plane.error(test, settings.code), fmean(plane.error(x, settings.code) for x in moves))
    rows: list[tuple[Any, ...]] = [("PCA", (settings.code + 1) * prod(data.image_shape), *by_pca)]
    errors: dict[str, list[tuple[float, float]]] = {}
    for kind, of_kind in coders.items():
        errors[kind] = [(coder.error, fmean(_error(coder, x) for x in moves)) for coder in of_kind]
        parameters = sum(prod(p.shape) for p in of_kind[0].model.parameters())
        rows.append((kind, parameters, *(fmean(values) for values in zip(*errors[kind], strict=True))))
    headings = (f"code of {settings.code} numbers", "parameters", "test error a pixel", "moved by a pixel")
    table = run.table(headings, rows)
    conv, dense = (errors[kind] for kind in KINDS)
    seen = [
        claim(
            run,
            f"convolutions and a code of {settings.code} numbers keep more than PCA of new images (seed "
            f"{run.about['seed']}: error {conv[0][0]:.5f} against {by_pca[0]:.5f})",
            [error < by_pca[0] for error, _ in conv],
        ),
        claim(
            run,
            f"on images moved by a pixel the error with convolutions is smaller than with linear layers (seed "
            f"{run.about['seed']}: {conv[0][1]:.5f} against {dense[0][1]:.5f}; not moved {conv[0][0]:.5f} against "
            f"{dense[0][0]:.5f})",
            [one[1] < other[1] for one, other in zip(conv, dense, strict=True)],
        ),
    ]
    _draw_errors(run, data, plane, settings, coders, seen[0])
    _draw_images(run, data, plane, settings, coders, seen[1])
    return {
        "data_description": data.description,
        "codes": table,
        "test_error": conv[0][0],
        "pca_error": by_pca[0],
        "test_samples": len(data.test),
        "training_seconds": round(coders[KINDS[0]][0].seconds, 2),
    }


def moved(images: Tensor) -> list[Tensor]:
    """The images (N, C, H, W) one pixel to the left, right, up and down; what comes in is black."""
    height, width = images.shape[2:]
    framed = pad(images, (1, 1, 1, 1))
    return [framed[:, :, y : y + height, x : x + width] for y, x in ((1, 2), (1, 0), (2, 1), (0, 1))]


def _train(run: Run, settings: Settings, data: LabelledImages, kind: str) -> list[Coder]:
    """One autoencoder a seed. The first one with convolutions is the run's model."""
    coders = []
    for repeat in range(settings.seeds):
        run.reseed(repeat)
        shape = data.image_shape
        model = (
            build(settings, shape, 0)
            if kind == KINDS[0]
            else DenseAutoencoder(shape, (*settings.hidden, settings.code))
        )
        folder = kind.replace(" ", "-") + (f"-again-{repeat}" if repeat else "")
        part = run.part("" if kind == KINDS[0] and not repeat else folder)
        coders.append(train_coder(part, model, data, settings))
        run.say(
            f"{kind}, seed {run.about['seed'] + repeat}: test error {coders[-1].error:.5f}, {coders[-1].seconds:.1f} s"
        )
    return coders


def _error(coder: Coder, images: Tensor) -> float:
    return float((in_batches(coder.model, images) - images).square().mean())


def _draw_errors(
    run: Run, data: LabelledImages, plane: Plane, settings: Settings, coders: dict[str, list[Coder]], see: str
) -> None:
    """figures/errors: the validation error by epoch."""
    lines = {}
    longest = 1
    for kind, of_kind in coders.items():
        epochs = min(len(coder.history) for coder in of_kind)
        longest = max(longest, epochs)
        lines[kind] = Line.of_seeds(range(1, epochs + 1), [coder.curve[:epochs] for coder in of_kind])
    level = plane.error(tensors_of(data.validation)[0], settings.code)
    lines["PCA"] = Line([1, longest], [level, level], look="dashed")
    title = (
        f"conv-autoencoder on {data.name}: validation error with {settings.code} numbers ({in_words(settings.seeds)})"
    )
    run.figure("errors", plot.lines_data({"squared error a pixel": lines}, title, "epoch", log=True), see)


def _draw_images(
    run: Run, data: LabelledImages, plane: Plane, settings: Settings, coders: dict[str, list[Coder]], see: str
) -> None:
    """figures/moved: test images moved to the left, and what comes back of them."""
    shown = moved(tensors_of(data.test)[0][one_of_each(data, data.test)])[0]
    rows = {"moved image": shown}
    rows |= {kind: in_batches(of_kind[0].model, shown) for kind, of_kind in coders.items()}
    rows["PCA"] = plane.restored(shown, settings.code).clamp(0, 1)
    title = (
        f"conv-autoencoder on {data.name}: test images moved by a pixel, and what {settings.code} numbers keep of them"
    )
    show_rows(run, "moved", rows, title, see)


TASK = ImageCoder(build)
