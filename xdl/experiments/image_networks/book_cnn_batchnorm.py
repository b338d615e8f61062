"""徐彬's convolutional network with batch norm: conv - batch norm - ReLU - pool, twice (6.8, 6.9, figure 6.4)."""

from __future__ import annotations

from dataclasses import dataclass

from xdl.experiments.image_networks import book_cnn
from xdl.experiments.image_networks.book_cnn import TASK, build, run
from xdl.runs.settings import setting

__all__ = ["PRESETS", "QUICK", "TASK", "Settings", "build", "run"]

PRESETS = {"mnist": {"epochs": 3, "schedule": "cosine"}, "fashion-mnist": {"epochs": 10}}
QUICK = {"epochs": 2}


@dataclass(frozen=True)
class Settings(book_cnn.Settings):
    """As the experiment book-cnn, with batch norm."""

    batch_norm: bool = setting(True, "conv - batch norm - ReLU - pool in place of conv - ReLU - pool")
