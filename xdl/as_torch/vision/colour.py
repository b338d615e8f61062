"""Values of pixels: brightness, contrast, saturation, hue and grey (`transforms.functional`).

A factor f mixes the image x with one that has none of a thing: f x + (1 - f) y, cut to the range of its dtype; y is
black for the brightness, the mean grey for the contrast, the grey image for the saturation.
"""

from __future__ import annotations

from typing import Any

import xdl
from xdl.as_torch.vision.pillow import Image, is_tensor, pillow
from xdl.errors import KindError, SettingError, ShapeError, expect
from xdl.tensor import Tensor

LUMA = (0.2989, 0.587, 0.114)  # of red, green and blue, of Tensors


def adjust_brightness(img: Image, brightness_factor: float) -> Image:
    """Darker below 1, lighter above."""
    return _adjust("adjust_brightness", "Brightness", img, brightness_factor)


def adjust_contrast(img: Image, contrast_factor: float) -> Image:
    """Weaker below 1, stronger above."""
    return _adjust("adjust_contrast", "Contrast", img, contrast_factor)


def adjust_saturation(img: Image, saturation_factor: float) -> Image:
    """Greyer below 1, more colourful above."""
    return _adjust("adjust_saturation", "Color", img, saturation_factor)


def adjust_hue(img: Image, hue_factor: float) -> Image:
    """A picture with its hues turned by a part from -0.5 to 0.5 of the circle. Raises KindError for a Tensor."""
    expect(-0.5 <= hue_factor <= 0.5, SettingError, "adjust_hue", "hue_factor from -0.5 to 0.5", hue_factor)
    expect(not is_tensor("adjust_hue", img), KindError, "adjust_hue", "a picture of Pillow", "Tensor")
    if img.mode in ("L", "1", "I", "F"):
        return img
    hue, saturation, value = img.convert("HSV").split()
    shift = int(hue_factor * 255)
    turned = hue.point([(h + shift) % 256 for h in range(256)])
    return pillow().Image.merge("HSV", (turned, saturation, value)).convert(img.mode)


def adjust_gamma(img: Image, gamma: float, gain: float = 1) -> Image:
    """gain x**gamma of values from 0 to 1."""
    expect(gamma >= 0, SettingError, "adjust_gamma", "gamma >= 0", gamma)
    if is_tensor("adjust_gamma", img):
        top = _top(img)
        changed = (gain * (img.float() / top) ** gamma).clamp(0, 1)
        return changed.to(img.dtype) if img.is_floating_point() else (changed * (top + 1 - 1e-3)).to(img.dtype)
    table = [int((255 + 1 - 1e-3) * gain * (value / 255) ** gamma) for value in range(256)]
    colours = img if img.mode == "L" else img.convert("RGB")
    return colours.point([min(value, 255) for value in table] * len(colours.getbands())).convert(img.mode)


def invert(img: Image) -> Image:
    """The negative."""
    return _top(img) - img if is_tensor("invert", img) else pillow().ImageOps.invert(img)


def to_grayscale(img: Any, num_output_channels: int = 1) -> Any:
    """A picture in grey, in one band or in three equal ones."""
    expect(num_output_channels in (1, 3), SettingError, "to_grayscale", "1 or 3 channels", num_output_channels)
    grey = img.convert("L")
    return grey if num_output_channels == 1 else pillow().Image.merge("RGB", (grey,) * 3)


def rgb_to_grayscale(img: Image, num_output_channels: int = 1) -> Image:
    """The same; of a Tensor (..., 3, H, W) 0.2989 red + 0.587 green + 0.114 blue."""
    if not is_tensor("rgb_to_grayscale", img):
        return to_grayscale(img, num_output_channels)
    expect(num_output_channels in (1, 3), SettingError, "rgb_to_grayscale", "1 or 3 channels", num_output_channels)
    expect(img.ndim > 2 and img.shape[-3] in (1, 3), ShapeError, "rgb_to_grayscale", "1 or 3 channels", img.shape)
    if img.shape[-3] == 1:
        grey = img
    else:
        red, green, blue = (LUMA[i] * img[..., i : i + 1, :, :].float() for i in range(3))
        grey = (red + green + blue).to(img.dtype)
    return grey if num_output_channels == 1 else xdl.cat([grey] * 3, -3)


def _adjust(operation: str, enhancer: str, img: Image, factor: float) -> Image:
    expect(factor >= 0, SettingError, operation, "a factor >= 0", factor)
    if not is_tensor(operation, img):
        return getattr(pillow().ImageEnhance, enhancer)(img).enhance(factor)
    x = img.float()
    if enhancer == "Brightness":
        mixed = factor * x
    else:
        grey = rgb_to_grayscale(img).float()
        mixed = factor * x + (1 - factor) * (grey.mean((-3, -2, -1), keepdim=True) if enhancer == "Contrast" else grey)
    return mixed.clamp(0, _top(img)).to(img.dtype)


def _top(img: Tensor) -> float:
    """The value of white."""
    return 1.0 if img.is_floating_point() else xdl.iinfo(img.dtype).max


__all__ = ["adjust_brightness", "adjust_contrast", "adjust_gamma", "adjust_hue", "adjust_saturation", "invert"]
__all__ += ["rgb_to_grayscale", "to_grayscale"]
