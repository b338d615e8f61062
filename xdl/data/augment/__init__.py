"""Augmentation: random changes of images that leave their class alone, made anew in every pass.

    transform = augment.Compose([augment.RandomCrop(28, padding=2), augment.RandomErasing(8)])
    loader = DataLoader(train, 64, shuffle=True, transform=transform)

A transform is called with the images of a batch, (N, C, H, W) floating on the host, and with a `xdl.random.Stream` of
that batch, and returns new images; any function of these two will do. Its draws depend on the seed, the pass and the
batch, so equal seeds give equal images, whichever thread makes them.
"""

from xdl.data.augment.base import Compose, Normalize, RandomApply, Transform
from xdl.data.augment.colour import (
    Brightness,
    Contrast,
    Gamma,
    GaussianBlur,
    GaussianNoise,
    Grayscale,
    Invert,
    LogExposure,
)
from xdl.data.augment.erasing import RandomErasing
from xdl.data.augment.geometry import RandomCrop, RandomHorizontalFlip, RandomVerticalFlip
from xdl.data.augment.warp import RandomAffine, RandomWarp

__all__ = [
    "Brightness",
    "Compose",
    "Contrast",
    "Gamma",
    "GaussianBlur",
    "GaussianNoise",
    "Grayscale",
    "Invert",
    "LogExposure",
    "Normalize",
    "RandomAffine",
    "RandomApply",
    "RandomCrop",
    "RandomErasing",
    "RandomHorizontalFlip",
    "RandomVerticalFlip",
    "RandomWarp",
    "Transform",
]
