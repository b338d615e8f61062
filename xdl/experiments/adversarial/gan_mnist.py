"""A GAN of fully connected networks on images of digits (hwdong 8.5.3).

The digits that ship have 8x8 pixels, those of `--data mnist` 28x28. A classifier that xdl trains on the same images
scores the samples; the nearest training images tell whether they are copies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl.experiments.adversarial.images.dense_pair import DensePair, dense_kind
from xdl.experiments.adversarial.images.picture_sampler import PictureSampler
from xdl.experiments.adversarial.images.pictures import train_pictures
from xdl.runs.run import Run

KIND = dense_kind()
TASK = PictureSampler(KIND)
QUICK = {"epochs": 6, "scorer_epochs": 3}
PRESETS = {"mnist": {"epochs": 15}, "fashion-mnist": {"epochs": 15}}


@dataclass(frozen=True)
class Settings(DensePair):
    """Two dense networks."""


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains the pair, scores its samples, and draws them."""
    return train_pictures(run, settings, KIND)
