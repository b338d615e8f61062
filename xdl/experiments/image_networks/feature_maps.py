"""What a convolutional network sees: its filters, its maps of an image, and where it looks (hwdong 6.5; 徐彬 5.8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl.experiments.image_networks import lenet
from xdl.experiments.image_networks.look_inside import draw_feature_maps, draw_heat_maps
from xdl.experiments.shared.classify import train_classifier
from xdl.runs.run import Run
from xdl.runs.settings import setting

SIZE = lenet.SIZE
PRESETS = {"mnist": {"epochs": 3, "batch_size": 64}}
QUICK = {"epochs": 3}


@dataclass(frozen=True)
class Settings(lenet.Settings):
    """LeNet-5 as in the experiment lenet, trained for a shorter time."""

    epochs: int = setting(10, "passes over the training images", low=1)
    examples: int = setting(8, "test images whose heat maps are drawn", low=1, high=32)


build, TASK = lenet.build, lenet.TASK


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains LeNet-5, then draws the maps of its convolutions, and where it looks for the class it chose."""
    trained, results = train_classifier(run, settings, build, SIZE)
    draw_feature_maps(run, trained.model.features, trained.data)
    untrained = build(settings, trained.data.image_shape, len(trained.data.class_names))
    shares = draw_heat_maps(run, trained.model, untrained, trained.data, settings.examples)
    return {**results, **shares}
