"""What a convolutional network sees: its filters, its maps of an image, and where it looks (hwdong 6.5; 徐彬 5.8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import xdl
from xdl import nn, plot
from xdl.creation import tensor
from xdl.data import LabelledImages
from xdl.experiments import lenet
from xdl.experiments.classify import train_classifier
from xdl.experiments.grad_cam import grad_cam
from xdl.experiments.run import Run
from xdl.experiments.settings import setting
from xdl.tensor import no_grad

SIZE = lenet.SIZE
PRESETS = {"mnist": {"epochs": 3, "batch_size": 64}}


@dataclass(frozen=True)
class Settings(lenet.Settings):
    """LeNet-5 as in the experiment lenet, trained for a shorter time."""

    epochs: int = setting(10, "passes over the training images", low=1)
    examples: int = setting(8, "test images whose heat maps are drawn", low=1, high=32)


build = lenet.build


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains LeNet-5, then draws the maps of its convolutions, and where it looks for the class it chose."""
    trained, results = train_classifier(run, settings, build, SIZE)
    draw_feature_maps(run, trained.model.features, trained.data)
    inside = draw_heat_maps(run, trained.model, trained.data, settings.examples)
    run.say(f"{inside:.0%} of the heat lies on ink")
    return {**results, "heat_on_ink": inside}


def draw_feature_maps(run: Run, features: nn.Sequential, data: LabelledImages) -> None:
    """Writes figures/feature_maps.png: the first test image, and what every ReLU among the features makes of it."""
    image = data.test.arrays[0][:1]
    maps: dict[str, Any] = {}
    with no_grad():
        x = tensor(image)
        for layer in features.eval():
            x = layer(x)
            if isinstance(layer, nn.ReLU):
                maps[f"convolution {len(maps) + 1}"] = x.numpy()[0]
    run.figure("feature_maps", lambda path: plot.feature_maps(path, image[0, 0], maps))


def draw_heat_maps(run: Run, model: Any, data: LabelledImages, examples: int) -> float:
    """Writes figures/grad_cam.png: test images beside their heat maps; returns the share of heat on ink."""
    images = tensor(data.test.arrays[0][:examples])
    with no_grad():
        classes = model.eval()(images).argmax(1)
    last = [layer for layer in model.features if isinstance(layer, nn.ReLU)][-1]
    heat = grad_cam(model, last, images, classes)
    pictures = xdl.stack([images[:, 0], heat], 1).reshape(-1, *heat.shape[1:]).numpy()
    names = [data.class_names[i] for i in classes.tolist()]
    titles = [title for name in names for title in (f"taken for {name}", "because of")]
    run.figure("grad_cam", lambda path: plot.gallery(path, pictures, titles))
    ink = (images[:, 0] > 0).to("float32")
    return float((heat * ink).sum() / heat.sum())
