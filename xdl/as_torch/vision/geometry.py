"""Where the pixels go: sizes, windows, borders and mirrors, of pictures and Tensors (`transforms.functional`)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any

import numpy as np

from xdl.as_torch.vision.chance import size_pair
from xdl.as_torch.vision.pillow import Image, get_dimensions, is_tensor, pillow
from xdl.errors import SettingError, expect
from xdl.nn import functional as F
from xdl.tensor import Tensor


class InterpolationMode(Enum):
    """How values between the pixels are found."""

    NEAREST = "nearest"
    NEAREST_EXACT = "nearest-exact"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    BOX = "box"
    HAMMING = "hamming"
    LANCZOS = "lanczos"


CODES = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5}  # Pillow's
BORDERS = {"constant": "constant", "edge": "replicate", "reflect": "reflect"}  # torchvision's -> of F.pad


def mode_of(operation: str, interpolation: Any) -> str:
    """The name of a mode, also for Pillow's number. Raises SettingError for an unknown one."""
    names = {code: name for name, code in CODES.items()}
    name = interpolation.value if isinstance(interpolation, InterpolationMode) else names.get(interpolation)
    expect(name is not None, SettingError, operation, "an InterpolationMode", repr(interpolation))
    return str(name)


def code_of(operation: str, interpolation: Any) -> int:
    """Pillow's number of it."""
    return CODES[mode_of(operation, interpolation).removesuffix("-exact")]


def resize(
    img: Image,
    size: int | Sequence[int],
    interpolation: Any = InterpolationMode.BILINEAR,
    max_size: int | None = None,
    antialias: bool | None = True,
) -> Image:
    """The image with `size` = (height, width); of one number it is the shorter side, and the ratio is kept.

    max_size:  the longer side at most, with one number as size
    antialias: of Tensors; pictures always average what a smaller one leaves out
    """
    height, width = get_dimensions(img)[1:]
    new = _new_size(size, max_size, height, width)
    if not is_tensor("resize", img):
        return img.resize(new[::-1], code_of("resize", interpolation))
    mode = mode_of("resize", interpolation)
    expect(mode in F_MODES, SettingError, "resize", "bilinear, bicubic or nearest for a Tensor", mode)
    flat = img.reshape(-1, 1, height, width)
    smooth = mode in ("bilinear", "bicubic")
    values = flat if img.is_floating_point() else flat.float()
    resized = F.interpolate(values, new, mode=mode, antialias=bool(antialias) and smooth)
    resized = resized.reshape(*img.shape[:-2], *new)
    return resized if img.is_floating_point() else resized.round().clamp(0, 255).to(img.dtype)


F_MODES = ("bilinear", "bicubic", "nearest", "nearest-exact")


def _new_size(size: int | Sequence[int], max_size: int | None, height: int, width: int) -> tuple[int, int]:
    if not isinstance(size, int) and len(size) == 2:
        expect(max_size is None, SettingError, "resize", "max_size with one number as size", size)
        return size_pair("resize", size)
    shorter = size_pair("resize", size)[0]
    longer = int(shorter * max(height, width) / min(height, width))
    if max_size is not None and longer > max_size:
        expect(max_size > shorter, SettingError, "resize", f"max_size > {shorter}, the shorter side", max_size)
        shorter, longer = int(max_size * shorter / longer), max_size
    return (longer, shorter) if width <= height else (shorter, longer)


def crop(img: Image, top: int, left: int, height: int, width: int) -> Image:
    """The window of that size; what lies outside the image is 0."""
    if not is_tensor("crop", img):
        return img.crop((left, top, left + width, top + height))
    h, w = img.shape[-2:]
    right, bottom = left + width, top + height
    inside = img[..., max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    outside = [max(min(-left, width), 0), max(right - max(w, left), 0), max(min(-top, height), 0)]
    outside.append(max(bottom - max(h, top), 0))
    return F.pad(inside, tuple(outside)) if any(outside) else inside


def center_crop(img: Image, output_size: int | Sequence[int]) -> Image:
    """The window in the middle; a smaller image gets a border of 0."""
    new_h, new_w = size_pair("center_crop", output_size)
    h, w = get_dimensions(img)[1:]
    if new_h > h or new_w > w:
        down, right = max(new_h - h, 0), max(new_w - w, 0)
        img = pad(img, [right // 2, down // 2, (right + 1) // 2, (down + 1) // 2])
        h, w = get_dimensions(img)[1:]
    return crop(img, round((h - new_h) / 2), round((w - new_w) / 2), new_h, new_w)


def resized_crop(
    img: Image,
    top: int,
    left: int,
    height: int,
    width: int,
    size: int | Sequence[int],
    interpolation: Any = InterpolationMode.BILINEAR,
    antialias: bool | None = True,
) -> Image:
    """`crop`, then `resize` to (height, width)."""
    return resize(
        crop(img, top, left, height, width), list(size_pair("resized_crop", size)), interpolation, None, antialias
    )


def pad(img: Image, padding: int | Sequence[int], fill: Any = 0, padding_mode: str = "constant") -> Image:
    """The image with a border: of one width, of (left and right, top and bottom), or of (left, top, right, bottom).

    padding_mode: "constant" of the value `fill`, "edge", "reflect", or "symmetric" for pictures
    """
    given = [padding] if isinstance(padding, int) else list(padding)
    expect(len(given) in (1, 2, 4), SettingError, "pad", "one, two or four widths", padding)
    left, top, right, bottom = (given * 4)[:4]
    if is_tensor("pad", img):
        expect(padding_mode in BORDERS, SettingError, "pad", f"one of {', '.join(BORDERS)}", repr(padding_mode))
        batch = img if img.ndim > 3 else img.reshape((1,) * (4 - img.ndim) + img.shape)
        bordered = F.pad(
            batch, (left, right, top, bottom), BORDERS[padding_mode], fill if padding_mode == "constant" else 0
        )
        return bordered.reshape(*img.shape[:-2], *bordered.shape[-2:])
    if padding_mode == "constant":
        return pillow().ImageOps.expand(img, (left, top, right, bottom), fill_of(img, fill))
    expect(padding_mode in ("edge", "reflect", "symmetric"), SettingError, "pad", "a known padding_mode", padding_mode)
    pixels = np.asarray(img)
    widths = ((top, bottom), (left, right), (0, 0))[: pixels.ndim]
    mode: Any = padding_mode
    return pillow().Image.fromarray(np.pad(pixels, widths, mode))


def fill_of(img: Any, fill: Any) -> Any:
    """A filling for each band of a picture. None is 0."""
    bands = len(img.getbands())
    if isinstance(fill, Sequence):
        return tuple(fill) if bands > 1 else fill[0]
    return (fill or 0,) * bands if bands > 1 else fill or 0


def hflip(img: Image) -> Image:
    """Left and right change places."""
    return img.flip(-1) if is_tensor("hflip", img) else pillow().ImageOps.mirror(img)


def vflip(img: Image) -> Image:
    """Top and bottom change places."""
    return img.flip(-2) if is_tensor("vflip", img) else pillow().ImageOps.flip(img)


def erase(img: Tensor, i: int, j: int, h: int, w: int, v: Any, inplace: bool = False) -> Tensor:
    """The Tensor with the value v in the window (h, w) from row i and column j on."""
    erased = img if inplace else img.clone()
    erased[..., i : i + h, j : j + w] = v
    return erased


def five_crop(img: Image, size: int | Sequence[int]) -> tuple[Image, ...]:
    """The windows at the corners (top left, top right, bottom left, bottom right), and in the middle."""
    new_h, new_w = size_pair("five_crop", size)
    h, w = get_dimensions(img)[1:]
    expect(new_h <= h and new_w <= w, SettingError, "five_crop", f"a size within {h} x {w}", size)
    corners = [(i, j) for i in (0, h - new_h) for j in (0, w - new_w)]
    return (*(crop(img, i, j, new_h, new_w) for i, j in corners), center_crop(img, size))


__all__ = ["InterpolationMode", "center_crop", "crop", "erase", "five_crop", "hflip", "pad", "resize", "resized_crop"]
__all__ += ["vflip"]
