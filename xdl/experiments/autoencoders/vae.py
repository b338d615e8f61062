"""A variational autoencoder: new images, in nats, and what beta trades (hwdong 8.3.1, 8.3.2, 8.3.4).

    -ELBO = E_q[-ln p(x|z)] + beta KL(q(z|x) || N(0, I)),   beta = 1

The first part says how well images come back, the second how much their codes tell; both are in nats an image. Codes
are drawn, so that near ones mean alike images, and N(0, I) itself gives new ones. Images are black and white here,
binarized at one half, so that the ELBO is a bound of their log-likelihood; the importance-weighted bound of many codes
an image is nearer to it. A model of grey images is trained too: its numbers are cross entropies, and no likelihood.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from xdl.data import LabelledImages
from xdl.experiments.autoencoders.nats import VariationalSettings, nats_of_pixels, train_variational
from xdl.experiments.autoencoders.pixels import pixels_of
from xdl.experiments.autoencoders.vae_figures import (
    draw_between,
    draw_parts,
    draw_plane,
    draw_samples,
    draw_trade,
    draw_units,
)
from xdl.experiments.autoencoders.vae_task import ImageGenerator
from xdl.experiments.shared.claims import claim
from xdl.models import VAE
from xdl.runs.run import Run
from xdl.runs.settings import setting

QUICK: dict[str, Any] = {"epochs": 12, "seeds": 1, "betas": (0.3, 4.0), "beta_epochs": 6, "bound": 10}
MNIST = {"epochs": 20, "batch_size": 128, "lr": 0.001, "lr_decay": 0.95, "hidden": 400, "latent": 20, "seeds": 1}
PRESETS = {"mnist": MNIST | {"beta_epochs": 5}}


@dataclass(frozen=True)
class Settings(VariationalSettings):
    """The network, the training, and the betas beside 1."""

    betas: tuple[float, ...] = setting((0.1, 0.3, 3.0, 10.0), "factors of the KL, each with a training", above=0)
    beta_epochs: int = setting(40, "passes of the trainings with these betas, and with 1 among them", low=1)


def build(settings: Any, shape: tuple[int, ...], classes: int) -> VAE:
    """The untrained model."""
    return VAE(shape, settings.hidden, settings.latent)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains on binary images from several seeds, then with two numbers, on grey images, and with each beta."""
    data = pixels_of(run, settings.samples, binary=True)
    trained = []
    for repeat in range(settings.seeds):
        run.reseed(repeat)
        part = run.part(f"again-{repeat}" if repeat else "")
        model = build(settings, data.image_shape, 0)
        one = train_variational(part, model, data, settings)
        nats = one.test
        run.say(
            f"seed {run.about['seed'] + repeat}: {nats.negative_elbo:.2f} nats a test image (-ELBO), of them "
            f"{nats.reconstruction:.2f} reconstruction and {nats.kl:.2f} KL, {one.seconds:.1f} s"
        )
        trained.append(one)
    first, pixels = trained[0], nats_of_pixels(data.train, data.test)
    rows: list[Any] = [("each pixel by itself", None, None, pixels, None)]
    for i, nats in enumerate(one.test for one in trained):
        rows.append((f"VAE, seed {run.about['seed'] + i}", *nats.parts, nats.bound))
    headings = ("model", "reconstruction", "KL", "-ELBO", f"-bound of {settings.bound} codes")
    table = run.table(headings, rows)
    claim(
        run,
        f"the importance-weighted bound of {settings.bound} codes is nearer to the log-likelihood than the ELBO (seed "
        f"{run.about['seed']}: {first.test.bound:.2f} against {first.test.negative_elbo:.2f} nats an image; pixels "
        f"taken one by one: {pixels:.2f})",
        [one.test.bound < one.test.negative_elbo for one in trained],
    )
    draw_parts(run, data, first)
    draw_samples(run, data, first)
    draw_between(run, data, first)
    plane = _with_two_numbers(run, settings, data)
    grey = _on_grey_images(run, settings)
    betas = _with_betas(run, settings, data)
    return {
        "data_description": f"{data.description}; binarized at one half",
        "test_negative_elbo": first.test.negative_elbo,
        "test_reconstruction": first.test.reconstruction,
        "test_kl": first.test.kl,
        "test_bound": first.test.bound,
        "nats_of_pixels_alone": pixels,
        "test_samples": len(data.test),
        "epochs": len(first.history),
        "training_seconds": round(first.seconds, 2),
        "models": table,
        "kl_of_units": sorted(first.test.units.tolist(), reverse=True),
        "two_numbers": plane,
        "grey": grey,
        "betas": betas,
    }


def _with_two_numbers(run: Run, settings: Settings, data: LabelledImages) -> dict[str, float]:
    """A model with a code of two numbers, for the grid: figures/grid and figures/plane."""
    run.reseed()
    model = VAE(data.image_shape, settings.hidden, 2)
    one = train_variational(run.part("plane"), model, data, settings)
    draw_plane(run, data, one)
    return {"negative_elbo": one.test.negative_elbo, "reconstruction": one.test.reconstruction, "kl": one.test.kl}


def _on_grey_images(run: Run, settings: Settings) -> dict[str, float]:
    """The same network on images as they are: cross entropies, which are no likelihood."""
    data = pixels_of(run, settings.samples)
    run.reseed()
    one = train_variational(run.part("grey"), build(settings, data.image_shape, 0), data, settings)
    run.see(
        f"trained on grey images the two parts are {one.test.reconstruction:.2f} and {one.test.kl:.2f}: cross entropy "
        "of grey pixels and KL. Their sum is no likelihood, and cannot be compared with those of binary images"
    )
    return {"cross_entropy": one.test.reconstruction, "kl": one.test.kl}


def _with_betas(run: Run, settings: Settings, data: LabelledImages) -> list[dict[str, Any]]:
    """Shorter trainings by beta: figures/trade and figures/units."""
    short = replace(settings, epochs=settings.beta_epochs)
    found = {}
    for beta in sorted({*settings.betas, 1.0}):
        run.reseed()
        model = build(settings, data.image_shape, 0)
        found[beta] = train_variational(run.part(f"beta-{beta:g}"), model, data, short, beta)
        run.say(f"beta {beta:g}: reconstruction {found[beta].test.reconstruction:.2f}, KL {found[beta].test.kl:.2f}")
    draw_trade(run, data, found)
    draw_units(run, data, found)
    rows = [(beta, *one.test.parts, one.test.used) for beta, one in found.items()]
    return run.table(("beta", "reconstruction", "KL", "-ELBO", "units used"), rows)


TASK = ImageGenerator(build)
