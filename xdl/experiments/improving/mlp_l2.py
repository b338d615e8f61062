"""Weight penalties: the same network with and without them (徐彬 3.4; hwdong 5.4.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from xdl import nn
from xdl.experiments.shared import dense
from xdl.experiments.shared.image_classifier import ImageClassifier
from xdl.experiments.shared.images import images_of
from xdl.experiments.shared.versus import Variant, more_accurate, smaller_gap, train_variants
from xdl.nn.utils import l1_penalty, l2_penalty
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor

PRESETS = {"mnist": {"epochs": 30, "batch_size": 32, "samples": 1000}}
QUICK = {"epochs": 8, "seeds": 2}
CLAIMS = {
    "with the penalty the test accuracy is higher": more_accurate,
    "with the penalty the gap, validation loss less training loss, is smaller": smaller_gap,
}


@dataclass(frozen=True)
class Settings(dense.Settings):
    """Few training images, many with a wrong label: learning them by heart does harm."""

    epochs: int = setting(40, "passes over the training images", low=1)
    samples: int = setting(500, "training images to use; 0: all", low=0)
    label_noise: float = setting(0.3, "share of the training images that get a wrong label", low=0, high=0.9)
    l1: float = setting(0.0, "weight of the sum of all absolute weights in the loss", low=0)
    l2: float = setting(0.01, "weight of the sum of all squared weights in the loss", low=0)
    seeds: int = setting(3, "trainings of each kind, one a seed", low=1)


def build(settings: Settings, shape: tuple[int, ...], classes: int) -> nn.Module:
    """The network of the experiment mlp."""
    return dense.build(settings, shape, classes)


TASK = ImageClassifier(build)


def penalty_of(settings: Settings, model: nn.Module) -> Callable[[], Tensor]:
    """l1 sum |w| + l2 sum w**2 over all weight matrices; biases are left free."""
    weights = [p for p in model.parameters() if p.ndim > 1]
    return lambda: settings.l1 * l1_penalty(weights) + settings.l2 * l2_penalty(weights)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trainings of two kinds from the same weights, seed by seed: the penalty keeps from learning wrong labels."""
    without = replace(settings, l1=0.0, l2=0.0)
    variants = {
        "without penalty": Variant(without, build),
        "with penalty": Variant(settings, build, lambda model: penalty_of(settings, model)),
    }
    return train_variants(run, images_of(run), variants, settings.seeds, CLAIMS)
