"""A fully connected network (hwdong 4.3.6: 784-200-100-10, 4.3.9: 784-500-200-100-10; 徐彬 3.8: 784-500-10)."""

from __future__ import annotations

from typing import Any

from xdl.experiments.shared.classify import train_classifier
from xdl.experiments.shared.dense import Settings, build
from xdl.experiments.shared.image_classifier import ImageClassifier
from xdl.runs.run import Run

__all__ = ["PRESETS", "QUICK", "TASK", "Settings", "build", "run"]

PRESETS: dict[str, dict[str, Any]] = {
    "mnist": {"epochs": 25, "batch_size": 128, "schedule": "cosine", "hidden": (500, 200), "dropout": 0.2},
    "fashion-mnist": {"hidden": (500, 200, 100)},
}
QUICK: dict[str, Any] = {}
TASK = ImageClassifier(build)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains it; the filters' figure shows the weights of the first hidden units as images."""
    _, results = train_classifier(run, settings, build)
    return results
