"""Fully connected generator and critic of images (Goodfellow et al. 2014; hwdong 8.5.3), with labels or without.

With labels both are given them as vectors of 0 and a 1, beside noise and pixels (Mirza and Osindero 2014).
"""

from __future__ import annotations

from functools import partial
from math import prod

from xdl import nn
from xdl.functional import cat
from xdl.models.adversarial.labels import check_conditional, expect_labels, one_hot
from xdl.models.mlp import MLP
from xdl.nn.module import check_sizes
from xdl.tensor import Tensor


class DenseGenerator(nn.Module):
    """Noise (N, noise), and labels (N,) where num_classes is above 0, to images (N, *shape) within (-1, 1).

    hidden: units of the hidden layers; each has batch normalization and ReLU
    """

    def __init__(
        self, noise: int, shape: tuple[int, ...], hidden: tuple[int, ...] = (128, 256), num_classes: int = 0
    ) -> None:
        check_conditional("DenseGenerator", num_classes, shape=shape, hidden=hidden)
        check_sizes("DenseGenerator", noise=noise)
        self.shape, self.num_classes = tuple(shape), num_classes
        self.layers = MLP((noise + num_classes, *hidden, prod(shape)), batch_norm=True)

    def forward(self, noise: Tensor, labels: Tensor | None = None) -> Tensor:
        """Images. Raises SettingError for labels that are missing, or that it does not take."""
        expect_labels("DenseGenerator", self.num_classes, labels)
        x = noise if labels is None else cat([noise, one_hot(labels, self.num_classes, noise.dtype)], 1)
        pixels: Tensor = self.layers(x).tanh()
        return pixels.reshape(-1, *self.shape)


class DenseCritic(nn.Module):
    """Images (N, *shape), and labels (N,) where num_classes is above 0, to scores (N, 1).

    hidden: units of the hidden layers; each has LeakyReLU with the slope 0.2, and dropout in training
    """

    def __init__(
        self, shape: tuple[int, ...], hidden: tuple[int, ...] = (256, 128), num_classes: int = 0, dropout: float = 0.0
    ) -> None:
        check_conditional("DenseCritic", num_classes, shape=shape, hidden=hidden)
        self.num_classes = num_classes
        self.layers = MLP((prod(shape) + num_classes, *hidden, 1), partial(nn.LeakyReLU, 0.2), dropout)

    def forward(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """Scores. Raises SettingError for labels that are missing, or that it does not take."""
        expect_labels("DenseCritic", self.num_classes, labels)
        x = images.flatten(1)
        if labels is not None:
            x = cat([x, one_hot(labels, self.num_classes, x.dtype)], 1)
        scores: Tensor = self.layers(x)
        return scores
