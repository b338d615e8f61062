"""A conditional GAN: both networks are given the label, so that a digit can be asked for (hwdong 8.5.3).

Mirza and Osindero 2014. How often a sample shows what was asked for is told by the classifier that scores it; columns
of the figures are the classes. `xdl predict RUN 0 --set label=7` makes a seven.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl.experiments.adversarial.images.dense_pair import DensePair, dense_kind
from xdl.experiments.adversarial.images.picture_sampler import PictureSampler
from xdl.experiments.adversarial.images.pictures import train_pictures
from xdl.runs.run import Run
from xdl.runs.settings import setting

KIND = dense_kind()
TASK = PictureSampler(KIND)
QUICK = {"epochs": 6, "scorer_epochs": 3}
PRESETS = {"mnist": {"epochs": 15}, "fashion-mnist": {"epochs": 15}}


@dataclass(frozen=True)
class Settings(DensePair):
    """Two dense networks with labels."""

    labels: bool = setting(True, "both networks are given the labels")


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains the pair, scores its samples, and says how often they show what was asked for."""
    results = train_pictures(run, settings, KIND)
    if settings.labels:
        run.see(
            f"the scorer sees the class that was asked for in {results['samples_obeyed']:.1%} of the samples, "
            f"by chance in {1 / len(results['class_shares']):.1%}"
        )
    return results
