"""LeNet-5 on digits enlarged to the 28x28 pixels it was made for (LeCun et al. 1998; hwdong 6.5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl.data import load_digits
from xdl.experiments.classify import ClassifierSettings, train_classifier
from xdl.experiments.run import Run
from xdl.experiments.settings import setting
from xdl.models import LeNet5


@dataclass(frozen=True)
class Settings(ClassifierSettings):
    """61706 weights and 1295 images: dropout keeps the network from learning the images by heart."""

    lr: float = setting(0.003, "learning rate of the first epoch", above=0)
    lr_decay: float = setting(0.9, "factor on the learning rate after each epoch", above=0, high=1)
    dropout: float = setting(0.3, "probability of dropping a hidden unit in training", low=0, high=0.9)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains it; the filters' figure shows the six 5x5 filters of the first convolution."""
    data = load_digits(size=28)
    model = LeNet5(len(data.class_names), settings.dropout)
    return train_classifier(run, model, data, settings, lambda: model.features[0].weight.numpy())
