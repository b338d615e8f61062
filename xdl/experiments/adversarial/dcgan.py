"""DCGAN: a generator of transposed convolutions on images of digits (hwdong 8.8.3; Radford et al. 2016).

A classifier that xdl trains on the same images scores the samples: classes covered, confidence, and the Frechet
distance in its features beside that of real images and of the untrained generator. How much of a checkerboard the
transposed convolutions leave is measured, too. `--data mnist` trains on 28x28 pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl.experiments.adversarial.images.picture_sampler import PictureSampler
from xdl.experiments.adversarial.images.pictures import Kind, PictureSettings, train_pictures
from xdl.models.adversarial import DCGANCritic, DCGANGenerator
from xdl.runs.run import Run
from xdl.runs.settings import setting

KIND = Kind(
    lambda settings, shape, classes: DCGANGenerator(settings.noise, shape, settings.width, classes),  # type: ignore[arg-type]
    lambda settings, shape, classes: DCGANCritic(shape, settings.width, classes, settings.batch_norm),  # type: ignore[arg-type]
)
TASK = PictureSampler(KIND)
QUICK = {"epochs": 5, "scorer_epochs": 3}
LARGE: dict[str, Any] = {"epochs": 6, "lr": 0.0005, "decay": 0.5, "smoothing": 0.1, "width": 64}
PRESETS = {"mnist": LARGE, "fashion-mnist": LARGE}


@dataclass(frozen=True)
class Settings(PictureSettings):
    """Widths, and batch normalization in the critic."""

    width: int = setting(32, "channels before the last layer; twice as many in the layer before that", low=1)
    batch_norm: bool = setting(True, "batch normalization in the critic; leave it out with spectral or penalty")


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains the pair, scores its samples, and draws them."""
    return train_pictures(run, settings, KIND)
