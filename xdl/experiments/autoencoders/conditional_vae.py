"""A variational autoencoder that is told the class: images of a class that is asked for (hwdong 8.3.1, 8.3.4).

    ln p(x|y) >= E_q[ln p(x|z, y)] - KL(q(z|x, y) || N(0, I)),   y the class, one-hot

Encoder and decoder get the class beside image and code. So the code has the rest to tell: how steep, how thick, how
wide. With one code and each class in turn, the same hand writes all digits. Beside it stands a model of the same size
that is told nothing: told the class, an image costs fewer nats. Of these the class itself accounts for at most the ln
of the number of classes; what goes beyond is that the told model fits better.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import Any

import xdl
from xdl.data import LabelledImages
from xdl.experiments.autoencoders.nats import Trained, VariationalSettings, train_variational
from xdl.experiments.autoencoders.pictures import neighbour_accuracy
from xdl.experiments.autoencoders.pixels import in_batches, pixels_of, tensors_of
from xdl.experiments.autoencoders.vae import MNIST
from xdl.experiments.autoencoders.vae_figures import draw_parts
from xdl.experiments.autoencoders.vae_task import ImageGenerator
from xdl.experiments.shared.claims import claim
from xdl.experiments.shared.generated.mosaics import show_rows
from xdl.models import VAE, ConditionalVAE
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor, no_grad

QUICK: dict[str, Any] = {"epochs": 12, "seeds": 1, "bound": 10}
PRESETS = {"mnist": MNIST}
HANDS = 8  # codes with which each class is drawn
JUDGED = 50  # images of each class that are made and judged
LOOKED_AT = 2000  # images whose codes are compared


@dataclass(frozen=True)
class Settings(VariationalSettings):
    """The network and the training."""

    latent: int = setting(8, "numbers of the code", low=1)


def build(settings: Any, shape: tuple[int, ...], classes: int) -> ConditionalVAE:
    """The untrained model."""
    return ConditionalVAE(shape, classes, settings.hidden, settings.latent)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains a model that is told the class and one that is not, from several seeds, and draws every class."""
    data = pixels_of(run, settings.samples, binary=True)
    classes = len(data.class_names)
    pairs: list[tuple[Trained, Trained]] = []
    for repeat in range(settings.seeds):
        again = f"again-{repeat}" if repeat else ""
        run.reseed(repeat)
        told = train_variational(run.part(again), build(settings, data.image_shape, classes), data, settings)
        run.reseed(repeat)
        plain = VAE(data.image_shape, settings.hidden, settings.latent)
        untold = train_variational(run.part(f"untold{'-' * bool(again)}{again}"), plain, data, settings)
        pairs.append((told, untold))
        run.say(
            f"seed {run.about['seed'] + repeat}: {told.test.negative_elbo:.2f} nats a test image (-ELBO) told the "
            f"class, {untold.test.negative_elbo:.2f} untold"
        )
    rows = [
        (f"{name}, seed {run.about['seed'] + i}", *one.test.parts, one.test.bound)
        for i, pair in enumerate(pairs)
        for name, one in zip(("told the class", "untold"), pair, strict=True)
    ]
    table = run.table(("model", "reconstruction", "KL", "-ELBO", f"-bound of {settings.bound} codes"), rows)
    told, untold = pairs[0]
    won = untold.test.bound - told.test.bound
    claim(
        run,
        f"told its class, an image costs fewer nats (seed {run.about['seed']}: {won:.2f} fewer by the bounds, "
        f"of which the class itself accounts for at most ln {classes} = {log(classes):.2f})",
        [one.test.bound < other.test.bound for one, other in pairs],
    )
    codes = {"told": _class_in_code(told, data), "untold": _class_in_code(untold, data)}
    asked = _as_asked(told, data)
    see = run.see(
        f"the nearest training image to a new one is of the class that was asked for in {asked:.0%} of "
        f"{classes * JUDGED}; from the code alone the nearest neighbour tells {codes['told']:.0%} of the classes, "
        f"{codes['untold']:.0%} where the model is untold, {1 / classes:.0%} by chance"
    )
    _draw_classes(run, told, data, see)
    draw_parts(run, data, told)
    return {
        "data_description": f"{data.description}; binarized at one half",
        "test_negative_elbo": told.test.negative_elbo,
        "test_bound": told.test.bound,
        "test_samples": len(data.test),
        "untold_bound": untold.test.bound,
        "epochs": len(told.history),
        "training_seconds": round(told.seconds, 2),
        "models": table,
        "class_as_asked": asked,
        "class_in_code": codes,
    }


def _codes(model: Any, images: Tensor, labels: Tensor) -> Tensor:
    """The means of q(z|x), or q(z|x, y)."""
    with no_grad():
        mean: Tensor = model.encode(images, *((labels,) if model.told else ()))[0]
    return mean


def _class_in_code(one: Trained, data: LabelledImages) -> float:
    """How many test images get their class by the nearest code of a training image."""
    known, test = tensors_of(data.train, LOOKED_AT), tensors_of(data.test, LOOKED_AT)
    return neighbour_accuracy(_codes(one.model, *known), known[1], _codes(one.model, *test), test[1])


def _as_asked(one: Trained, data: LabelledImages) -> float:
    """The share of new images whose nearest training image, pixel by pixel, is of the class that was asked for."""
    images, labels = tensors_of(data.train, LOOKED_AT)
    asked = xdl.tensor([k for k in range(len(data.class_names)) for _ in range(JUDGED)])
    z = xdl.randn(len(asked), one.model.latent)
    with no_grad():
        made = one.model.images(z, asked)
    return neighbour_accuracy(images.flatten(1), labels, made.flatten(1), asked)


def _draw_classes(run: Run, one: Trained, data: LabelledImages, see: str) -> None:
    """figures/classes: each class by the same codes; a column is a code."""
    run.reseed()
    z = xdl.randn(HANDS, one.model.latent)
    rows = {}
    for k, name in enumerate(data.class_names):
        label = xdl.tensor([k] * HANDS)
        rows[name] = in_batches(lambda codes, label=label: one.model.images(codes, label), z)
    title = f"conditional-vae on {data.name}: a row is a class, a column one code for all of them"
    show_rows(run, "classes", rows, title, see, size=0.8)


TASK = ImageGenerator(build)
