"""Fully connected pairs of a generator and a critic of images: their settings, and what builds them."""

from __future__ import annotations

from dataclasses import dataclass

from xdl.experiments.adversarial.images.pictures import Kind, PictureSettings
from xdl.models.adversarial import DenseCritic, DenseGenerator
from xdl.runs.settings import setting


@dataclass(frozen=True)
class DensePair(PictureSettings):
    """Hidden layers of both networks, and dropout in the critic."""

    hidden: tuple[int, ...] = setting((128, 256), "units of the generator's hidden layers; the critic's are reversed")
    dropout: float = setting(0.3, "probability of dropping a hidden unit of the critic in training", low=0, high=0.9)


def dense_kind() -> Kind:
    """The pair of `models.adversarial.dense`."""
    return Kind(
        lambda settings, shape, classes: DenseGenerator(settings.noise, shape, settings.hidden, classes),
        lambda settings, shape, classes: DenseCritic(shape, settings.hidden[::-1], classes, settings.dropout),
    )
