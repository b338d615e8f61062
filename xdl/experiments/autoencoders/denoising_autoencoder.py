"""Denoising autoencoders: several kinds of noise, each beside a blur and beside doing nothing (hwdong 8.2.1).

The encoder gets a noisy image, and the decoder has to give back the clean one (Vincent, Larochelle, Bengio and Manzagol
2008). To do so it has to know what digits look like: a blur does not, and mixes each pixel with its neighbours. The
blur's width is the best one on the validation images. Each autoencoder also meets the noise of the others, which it has
never seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import Any

from xdl import plot
from xdl.data import LabelledImages
from xdl.experiments.autoencoders.coder_task import ImageCoder
from xdl.experiments.autoencoders.noise import KINDS, Noise, best_blur, blurred
from xdl.experiments.autoencoders.pixels import in_batches, one_of_each, pixels_of, tensors_of
from xdl.experiments.autoencoders.training import Coder, TrainingSettings, train_coder
from xdl.experiments.shared.claims import claim
from xdl.experiments.shared.generated.mosaics import show_rows
from xdl.functional import mse_loss
from xdl.models import DenseAutoencoder
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor

QUICK: dict[str, Any] = {"epochs": 10, "seeds": 1}
PRESETS = {
    "mnist": {
        "epochs": 10,
        "batch_size": 128,
        "hidden": (512,),
        "code": 128,
        "seeds": 1,
        "lr_decay": 0.85,
        "patience": 3,
    }
}
FIRST = next(iter(KINDS))  # the noise that the run's model is trained on


@dataclass(frozen=True)
class Settings(TrainingSettings):
    """The noise, the layers and the training."""

    gaussian: float = setting(0.3, "deviation of the noise that is added; white is 1", low=0)
    masking: float = setting(0.5, "share of the pixels that becomes black", low=0, high=1)
    salt_and_pepper: float = setting(0.3, "share of the pixels that becomes black or white", low=0, high=1)
    hidden: tuple[int, ...] = setting((256,), "units of the encoder's hidden layers; the decoder has them back", low=1)
    code: int = setting(64, "numbers of the code", low=1)
    seeds: int = setting(2, "trainings of each kind, one a seed", low=1)


def build(settings: Any, shape: tuple[int, ...], classes: int) -> DenseAutoencoder:
    """The untrained autoencoder."""
    return DenseAutoencoder(shape, (*settings.hidden, settings.code))


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains one autoencoder for each kind of noise and seed, and measures all of them on all kinds."""
    data = pixels_of(run, settings.samples)
    noises = noises_of(settings)
    coders = {name: _train(run, settings, data, name, noise) for name, noise in noises.items()}
    clean, held_out = tensors_of(data.test)[0], tensors_of(data.validation)[0]
    rows, said, by_name = [], [], {}
    for name, noise in noises.items():
        run.reseed()
        noisy, sigma = noise(clean), best_blur(noise(held_out), held_out)
        errors = {
            "noisy": _error(noisy.clamp(0, 1), clean),
            "blur": _error(blurred(noisy, sigma).clamp(0, 1), clean),
            **{other: fmean(_restored(coder, noisy, clean) for coder in found) for other, found in coders.items()},
        }
        by_name[name] = errors
        rows.append((name, errors["noisy"], sigma, errors["blur"], *(errors[other] for other in coders)))
        own = [_restored(coder, noisy, clean) for coder in coders[name]]
        said.append(
            claim(
                run,
                f"{name}: the autoencoder's error {own[0]:.4f} is less than half of the noisy image's "
                f"{errors['noisy']:.4f}, and less than that of the best blur, {errors['blur']:.4f}",
                [error < min(0.5 * errors["noisy"], errors["blur"]) for error in own],
            )
        )
    headings = ("noise", "noisy image", "blur's sigma", "blur", *(f"trained on {name}" for name in coders))
    table = run.table(headings, rows)
    strangers = _strangers(run, by_name)
    _draw_errors(run, data, by_name, "\n".join([*said, strangers]))
    for name, noise in noises.items():
        _draw_restored(run, data, name, noise, coders[name][0], by_name)
    return {
        "data_description": data.description,
        "noises": table,
        "test_error": by_name[FIRST][FIRST],
        "noisy_error": by_name[FIRST]["noisy"],
        "blur_error": by_name[FIRST]["blur"],
        "test_samples": len(data.test),
    }


def noises_of(settings: Any) -> dict[str, Noise]:
    """The kinds of noise, as strong as the settings say."""
    return {name: kind(getattr(settings, name.replace(" ", "_"))) for name, kind in KINDS.items()}


def _train(run: Run, settings: Settings, data: LabelledImages, name: str, noise: Noise) -> list[Coder]:
    """One autoencoder a seed. The first one of the first kind is the run's model."""
    coders = []
    for repeat in range(settings.seeds):
        run.reseed(repeat)
        folder = name.replace(" ", "-") + (f"-again-{repeat}" if repeat else "")
        own = "" if name == FIRST and not repeat else folder
        model = build(settings, data.image_shape, 0)
        coders.append(train_coder(run.part(own), model, data, settings, noise))
        run.say(f"{name}, seed {run.about['seed'] + repeat}: test error {coders[-1].error:.5f} a pixel")
    return coders


def _error(found: Tensor, clean: Tensor) -> float:
    return float(mse_loss(found, clean))


def _restored(coder: Coder, noisy: Tensor, clean: Tensor) -> float:
    return _error(in_batches(coder.model, noisy), clean)


def _strangers(run: Run, by_name: dict[str, dict[str, float]]) -> str:
    """How much a noise that was not trained on costs."""
    costs = {
        (other, name): errors[other] / errors[name]
        for name, errors in by_name.items()
        for other in by_name
        if other != name
    }
    worst = max(costs, key=lambda pair: costs[pair])
    return run.see(
        f"trained on {worst[0]} and given {worst[1]}, the error is {costs[worst]:.1f} times that of the one trained "
        "on it"
    )


def _draw_errors(run: Run, data: LabelledImages, by_name: dict[str, dict[str, float]], see: str) -> None:
    """figures/errors: a bar for each way with each kind of noise."""
    ways = list(next(iter(by_name.values())))
    labels = {"noisy": "the noisy image", "blur": "the best blur"}
    series = {labels.get(way, f"trained on {way}"): [errors[way] for errors in by_name.values()] for way in ways}
    title = f"denoising-autoencoder on {data.name}: squared error a pixel of new images"
    run.figure("errors", plot.bars_data(list(by_name), {"squared error": series}, title), see)


def _draw_restored(
    run: Run, data: LabelledImages, name: str, noise: Noise, coder: Coder, by_name: dict[str, dict[str, float]]
) -> None:
    """figures/<noise>: clean, noisy, blurred and restored test images."""
    clean, held_out = tensors_of(data.test)[0], tensors_of(data.validation)[0]
    shown = clean[one_of_each(data, data.test)]
    run.reseed()
    noisy, sigma = noise(shown), best_blur(noise(held_out), held_out)
    rows = {
        "clean": shown,
        "noisy": noisy.clamp(0, 1),
        "blurred": blurred(noisy, sigma).clamp(0, 1),
        "autoencoder": in_batches(coder.model, noisy),
    }
    errors = by_name[name]
    ways = (("noisy", "noisy"), ("blurred", "blur"), ("autoencoder", name))
    see = f"squared error a pixel: {', '.join(f'{label} {errors[way]:.4f}' for label, way in ways)}"
    show_rows(run, name.replace(" ", "_"), rows, f"denoising-autoencoder on {data.name}: {name} noise", see)


TASK = ImageCoder(build, lambda settings: noises_of(settings)[FIRST])
