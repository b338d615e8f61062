"""The classes of `torchvision.transforms` that draw colours and angles: ColorJitter, RandomRotation, RandomAffine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xdl.as_torch.vision.chance import order, span, uniform
from xdl.as_torch.vision.colour import adjust_brightness, adjust_contrast, adjust_hue, adjust_saturation
from xdl.as_torch.vision.geometry import InterpolationMode
from xdl.as_torch.vision.pillow import Image, get_image_size
from xdl.as_torch.vision.turning import affine, rotate
from xdl.errors import SettingError, expect
from xdl.nn import Module

NEAREST = InterpolationMode.NEAREST


class ColorJitter(Module):
    """Brightness, contrast, saturation and hue by drawn factors, in a drawn order.

    A number v draws the factor from [max(0, 1 - v), 1 + v], of the hue from [-v, v]; a pair is the range itself.
    """

    def __init__(self, brightness: Any = 0, contrast: Any = 0, saturation: Any = 0, hue: Any = 0) -> None:
        self.brightness, self.contrast, self.saturation = (
            _factors(name, value)
            for name, value in (("brightness", brightness), ("contrast", contrast), ("saturation", saturation))
        )
        self.hue = span("ColorJitter", "hue", hue, -0.5)
        expect(self.hue[1] <= 0.5, SettingError, "ColorJitter", "hue up to 0.5", hue)

    def forward(self, img: Image) -> Image:
        """The changed image."""
        ways = (
            (adjust_brightness, self.brightness, 1),
            (adjust_contrast, self.contrast, 1),
            (adjust_saturation, self.saturation, 1),
            (adjust_hue, self.hue, 0),
        )
        for i in order(len(ways)):
            adjust, limits, neutral = ways[i]
            if limits != (neutral, neutral):
                img = adjust(img, uniform(*limits))
        return img


def _factors(name: str, value: Any) -> tuple[float, float]:
    if isinstance(value, int | float):
        expect(value >= 0, SettingError, "ColorJitter", f"{name} >= 0", value)
        return max(0.0, 1.0 - value), 1.0 + value
    return span("ColorJitter", name, value, 0)


class RandomRotation(Module):
    """`functional.rotate` by an angle drawn from [-degrees, degrees], or from a pair."""

    def __init__(
        self,
        degrees: Any,
        interpolation: Any = NEAREST,
        expand: bool = False,
        center: Sequence[int] | None = None,
        fill: Any = 0,
    ) -> None:
        self.degrees, self.interpolation = span("RandomRotation", "degrees", degrees), interpolation
        self.expand, self.center, self.fill = expand, center, fill

    @staticmethod
    def get_params(degrees: Sequence[float]) -> float:
        """The angle, drawn."""
        return uniform(degrees[0], degrees[1])

    def forward(self, img: Image) -> Image:
        """The turned image."""
        return rotate(img, self.get_params(self.degrees), self.interpolation, self.expand, self.center, self.fill)


class RandomAffine(Module):
    """`functional.affine` by drawn amounts.

    degrees, shear: a number v for [-v, v], or a pair; of shear also four numbers, for x and y
    translate:      (a, b): up to a of the width and b of the height, either way
    scale:          (low, high)
    """

    def __init__(
        self,
        degrees: Any,
        translate: Sequence[float] | None = None,
        scale: Sequence[float] | None = None,
        shear: Any = None,
        interpolation: Any = NEAREST,
        fill: Any = 0,
        center: Sequence[float] | None = None,
    ) -> None:
        self.degrees = span("RandomAffine", "degrees", degrees)
        self.translate = (0.0, 0.0) if translate is None else tuple(translate)
        fits = len(self.translate) == 2 and all(0 <= part <= 1 for part in self.translate)
        expect(fits, SettingError, "RandomAffine", "translate as two parts from 0 to 1", translate)
        self.scale = (1.0, 1.0) if scale is None else span("RandomAffine", "scale", scale, 0)
        four = isinstance(shear, Sequence) and len(shear) == 4
        self.shear_x = span("RandomAffine", "shear", shear[:2] if four else shear or 0)
        self.shear_y = span("RandomAffine", "shear", shear[2:]) if four else (0.0, 0.0)
        self.interpolation, self.fill, self.center = interpolation, fill, center

    def forward(self, img: Image) -> Image:
        """The changed image."""
        furthest = [part * length for part, length in zip(self.translate, get_image_size(img), strict=True)]
        angle, scale = uniform(*self.degrees), uniform(*self.scale)
        shift = [round(uniform(-far, far)) for far in furthest]
        shear = uniform(*self.shear_x), uniform(*self.shear_y)
        return affine(img, angle, shift, scale, shear, self.interpolation, self.fill, self.center)


__all__ = ["ColorJitter", "RandomAffine", "RandomRotation"]
