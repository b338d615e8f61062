"""The classic networks: what the one for 224x224 pixels costs, and the training of its small variant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import xdl
from xdl import nn, optim
from xdl.data.augment import Transform
from xdl.experiments.shared.classify import SCHEDULES, ClassifierSettings, train_classifier
from xdl.experiments.shared.image_classifier import Build
from xdl.runs.run import Run
from xdl.runs.settings import setting

IMAGES, PIXELS, CLASSES = 2, 224, 1000  # of the step with the large network
SIZE = 28  # pixels of the images for the small one
PRESETS = {"mnist": {"epochs": 5, "batch_size": 64}, "fashion-mnist": {"epochs": 15}}


@dataclass(frozen=True)
class ClassicSettings(ClassifierSettings):
    """What the experiments with classic networks share."""

    epochs: int = setting(10, "passes over the training images", low=1)
    schedule: str = setting("cosine", "how the learning rate changes from epoch to epoch", choices=SCHEDULES)
    large: bool = setting(True, "also build the network for 224x224 pixels, and take one step with it")


def large_then_small(
    run: Run,
    settings: ClassicSettings,
    large: Callable[..., nn.Module],
    build: Build,
    transform: Transform | None = None,
) -> dict[str, Any]:
    """One step of the large network, if that is wanted, then the training of the small one; the results of both."""
    step = {"large": large_step(run, large)} if settings.large else {}
    run.reseed()  # the small network starts from the same weights with and without that step
    _, results = train_classifier(run, settings, build, SIZE, transform=transform)
    return {**results, **step}


def large_step(run: Run, make: Callable[..., nn.Module]) -> dict[str, Any]:
    """Builds the network for ImageNet, takes one step by SGD on two random images, and says what that took.

    The operations are those of one image's forward pass, a product and its addition counted as two.
    """
    started = perf_counter()
    model = make(num_classes=CLASSES)
    built = perf_counter()
    table = model.summary((1, 3, PIXELS, PIXELS))
    images, labels = xdl.randn(IMAGES, 3, PIXELS, PIXELS), xdl.tensor([1, 2])
    optimizer = optim.SGD(model.parameters(), lr=0.001)
    begun = perf_counter()
    outputs = model(images)
    loss = nn.CrossEntropyLoss()(outputs[0] if isinstance(outputs, tuple) else outputs, labels)
    loss.backward()
    optimizer.step()
    loss.item()
    found = {
        "network": type(model).__name__,
        "parameters": table.parameters,
        "operations": table.flops,
        "seconds to build": round(built - started, 3),
        "seconds a step": round(perf_counter() - begun, 3),
    }
    run.say(f"for {PIXELS}x{PIXELS} pixels and {CLASSES} classes; one step on {IMAGES} images:")
    run.table(tuple(found), [tuple(found.values())])
    return found
