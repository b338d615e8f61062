"""Rotations and affine maps of pictures and Tensors (`transforms.functional`).

A pixel of the new image at p, seen from the centre c, shows the old one at c + A^-1 (p - t), where
A = s R(a) [[1, -tan(x)], [-tan(y), 1 + tan(x) tan(y)]] with the angle a, the scale s, the shears x and y; t shifts.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, radians, sin, tan
from typing import Any

import xdl
from xdl.as_torch.vision.geometry import InterpolationMode, code_of, fill_of, mode_of
from xdl.as_torch.vision.pillow import Image, is_tensor
from xdl.errors import SettingError, expect
from xdl.nn import functional as F
from xdl.tensor import Tensor


def rotate(
    img: Image,
    angle: float,
    interpolation: Any = InterpolationMode.NEAREST,
    expand: bool = False,
    center: Sequence[int] | None = None,
    fill: Any = None,
) -> Image:
    """The image turned by `angle` degrees against the clock; expand, center: for pictures."""
    if not is_tensor("rotate", img):
        return img.rotate(angle, code_of("rotate", interpolation), expand, center, fillcolor=fill_of(img, fill))
    expect(not expand and center is None, SettingError, "rotate", "a picture where expand or center is set", "a Tensor")
    return _look_up(img, _inverse(-angle, (0, 0), 1.0, (0, 0)), mode_of("rotate", interpolation), fill)


def affine(
    img: Image,
    angle: float,
    translate: Sequence[float],
    scale: float,
    shear: float | Sequence[float],
    interpolation: Any = InterpolationMode.NEAREST,
    fill: Any = None,
    center: Sequence[float] | None = None,
) -> Image:
    """The image turned by `angle` degrees with the clock, enlarged, sheared by degrees, and shifted by pixels."""
    expect(scale > 0, SettingError, "affine", "scale > 0", scale)
    shears = (float(shear), 0.0) if isinstance(shear, int | float) else (*shear, 0.0)[:2]
    a, b, c, d, e, f = _inverse(angle, translate, scale, shears)
    if is_tensor("affine", img):
        expect(center is None, SettingError, "affine", "a picture where center is set", "a Tensor")
        return _look_up(img, (a, b, c, d, e, f), mode_of("affine", interpolation), fill)
    x, y = (img.width / 2, img.height / 2) if center is None else center
    places = (a, b, x + c - a * x - b * y, d, e, y + f - d * x - e * y)
    return img.transform(img.size, 0, places, code_of("affine", interpolation), fillcolor=fill_of(img, fill))


def _inverse(angle: float, shift: Sequence[float], scale: float, shears: Sequence[float]) -> tuple[float, ...]:
    """The two rows of A^-1 and of -A^-1 t, with angle and shears in degrees."""
    turn, (x, y) = radians(angle), (tan(radians(one)) for one in shears)
    a, b = cos(turn) + sin(turn) * y, -cos(turn) * x - sin(turn) * (1 + x * y)
    c, d = sin(turn) - cos(turn) * y, -sin(turn) * x + cos(turn) * (1 + x * y)
    rows = ((d / scale, -b / scale), (-c / scale, a / scale))  # the determinant of R and of the shears is 1
    return tuple(n for p, q in rows for n in (p, q, -p * shift[0] - q * shift[1]))


def _look_up(img: Tensor, inverse: Sequence[float], mode: str, fill: Any) -> Tensor:
    """The Tensor at the places of the inverse map, `fill` where these lie outside."""
    (h, w), (a, b, c, d, e, f) = img.shape[-2:], inverse
    values = img.reshape(1, -1, h, w).float()
    theta = xdl.tensor([[[a, b * h / w, 2 * c / w], [d * w / h, e, 2 * f / h]]], dtype="float32", device=img.device)
    grid = F.affine_grid(theta, (1, 1, h, w), align_corners=False)
    found = F.grid_sample(values, grid, mode=mode, align_corners=False)
    if fill:
        inside = F.grid_sample(xdl.ones_like(values[:, :1]), grid, mode=mode, align_corners=False)
        outer = xdl.tensor(fill, dtype="float32", device=img.device).reshape(1, -1, 1, 1)
        found = found * inside + outer * (1 - inside) if mode != "nearest" else xdl.where(inside > 0.5, found, outer)
    found = found.reshape(img.shape)
    return found.to(img.dtype) if img.is_floating_point() else found.round().to(img.dtype)


__all__ = ["affine", "rotate"]
