"""Other image sizes: interpolation, and pixels exchanged with channels.

x (N, C, D1, ..., Dk): every dimension Di of size n becomes m, one after the other. Position i of the result lies at
s(i) in the source, with r = n / m, or 1 / scale_factor where that is given:

    nearest:            y_i = x[floor(i r)]                     nearest-exact:  y_i = x[floor((i + 1/2) r)]
    linear, bilinear:   y_i = (1 - w) x[j] + w x[j + 1]         j = floor s(i), w = s(i) - j
                        s(i) = max(0, (i + 1/2) r - 1/2), or i (n - 1) / (m - 1) with align_corners
    bicubic:            y_i = sum of h(s(i) - j) x[j] over the four j next to s(i), indices cut to [0, n), s(i) not:
                        h(t) = (a + 2) |t|**3 - (a + 3) t**2 + 1 for |t| <= 1, a (|t|**3 - 5 t**2 + 8 |t| - 4) for
                        |t| < 2, a = -3/4 (Keys, Cubic Convolution Interpolation, 1981)
    area:               the means of m windows, as `adaptive_avg_pool2d`
"""

from __future__ import annotations

from math import floor
from typing import Any

from xdl.errors import SettingError, ShapeError, nearest
from xdl.functional.conv.adaptive_pool import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d
from xdl.functional.conv.antialias import smooth_rule
from xdl.functional.conv.conv import BEYOND
from xdl.functional.conv.resample import resample
from xdl.functional.operands import floating
from xdl.observe import composite
from xdl.tensor import Tensor

DIMS = {
    "nearest": (1, 2, 3),
    "nearest-exact": (1, 2, 3),
    "linear": (1,),
    "bilinear": (2,),
    "trilinear": (3,),
    "bicubic": (2,),
    "area": (1, 2, 3),
}
WITHOUT_CORNERS = ("nearest", "nearest-exact", "area")
AREA = (adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d)


@composite
def interpolate(
    input: Tensor,
    size: int | tuple[int, ...] | None = None,
    scale_factor: float | tuple[float, ...] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """x of another size, as in the module docstring, by exactly one of size and scale_factor (m = floor(n factor)).

    Modes: "nearest", "nearest-exact" and "area" for 1 to 3 dimensions after the channels, "linear" for 1, "bilinear"
    and "bicubic" for 2, "trilinear" for 3. recompute_scale_factor: the steps follow from the sizes, as where a size is
    given. antialias: "bilinear" and "bicubic" average what a smaller image leaves out (`antialias.py`).

    Raises SettingError, ShapeError, DtypeError unless floating.
    """
    floating("interpolate", input=input)
    if mode not in DIMS:
        raise SettingError("interpolate", "a known mode", repr(mode), nearest(str(mode), DIMS))
    k = input.ndim - 2
    if k not in DIMS[mode]:
        raise ShapeError("interpolate", f"input (N, C, sizes) with {DIMS[mode]} sizes for mode {mode!r}", input.shape)
    if (antialias and mode not in ("bilinear", "bicubic")) or (recompute_scale_factor and size is not None):
        hint = "antialias goes with bilinear and bicubic, recompute_scale_factor with scale_factor"
        raise SettingError(
            "interpolate", "settings that fit the mode and the size", f"mode {mode!r}, size {size}", hint
        )
    if (size is None) == (scale_factor is None):
        raise SettingError("interpolate", "exactly one of size and scale_factor", f"{size} and {scale_factor}")
    if align_corners is not None and mode in WITHOUT_CORNERS:
        raise SettingError("interpolate", f"no align_corners for mode {mode!r}", align_corners)
    sources = input.shape[2:]
    if size is not None:
        sizes = _each("size", size, k)
        steps = [n / m if m else 0.0 for n, m in zip(sources, sizes, strict=True)]
    else:
        factors = _each("scale_factor", scale_factor, k)
        if min(factors) <= 0:
            raise SettingError("interpolate", "a scale_factor above 0", scale_factor)
        sizes = tuple([floor(n * factor) for n, factor in zip(sources, factors, strict=True)])
        steps = [1 / factor for factor in factors]
        if recompute_scale_factor:
            steps = [n / m if m else 0.0 for n, m in zip(sources, sizes, strict=True)]
    if max(sizes, default=0) >= BEYOND:
        raise SettingError("interpolate", f"sizes below {BEYOND}", sizes)
    if min(*sizes, *sources) < 1:
        raise ShapeError("interpolate", "sizes of at least 1 before and after", f"{sources} to {sizes}")
    if antialias:
        smooth = [smooth_rule(mode, *along, align_corners) for along in zip(sources, sizes, steps, strict=True)]
        return resample(input, tuple(smooth))
    if mode == "area":
        return AREA[k - 1](input, sizes)
    corners = bool(align_corners)
    rules = [(mode, n, m, float(step), corners) for n, m, step in zip(sources, sizes, steps, strict=True)]
    return resample(input, tuple(rules))


def _each(name: str, value: Any, k: int) -> tuple[Any, ...]:
    values = (value,) * k if isinstance(value, int | float) else tuple(value)
    if len(values) != k:
        raise SettingError("interpolate", f"a number or {k} of them as {name}", value)
    return values


def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """(..., C r r, H, W) -> (..., C, H r, W r): every r r channels become a square of pixels.

    y[c, h r + i, w r + j] = x[c r r + i r + j, h, w] (Shi et al., Real-Time Super-Resolution, 2016). Raises ShapeError.
    """
    r = _factor("pixel_shuffle", upscale_factor)
    if input.ndim < 3 or input.shape[-3] % (r * r):
        raise ShapeError("pixel_shuffle", f"input (..., a multiple of {r * r}, H, W)", input.shape)
    *lead, c, h, w = input.shape
    k = len(lead)
    apart = input.reshape(*lead, c // (r * r), r, r, h, w)
    return apart.permute([*range(k), k, k + 3, k + 1, k + 4, k + 2]).reshape(*lead, c // (r * r), h * r, w * r)


def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    """The inverse of `pixel_shuffle`: (..., C, H r, W r) -> (..., C r r, H, W). Raises ShapeError."""
    r = _factor("pixel_unshuffle", downscale_factor)
    if input.ndim < 3 or input.shape[-2] % r or input.shape[-1] % r:
        raise ShapeError("pixel_unshuffle", f"input (..., C, H, W) with H and W multiples of {r}", input.shape)
    *lead, c, h, w = input.shape
    k = len(lead)
    apart = input.reshape(*lead, c, h // r, r, w // r, r)
    return apart.permute([*range(k), k, k + 2, k + 4, k + 1, k + 3]).reshape(*lead, c * r * r, h // r, w // r)


def channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """(N, C, ...) with the channels of its groups in turn: y[:, i groups + j] = x[:, j C / groups + i].

    Zhang et al., ShuffleNet, 2018. Raises ShapeError unless groups divides C.
    """
    g = _factor("channel_shuffle", groups)
    if input.ndim < 3 or input.shape[1] % g:
        raise ShapeError("channel_shuffle", f"input (N, a multiple of {g}, ...)", input.shape)
    n, c, *rest = input.shape
    return input.reshape(n, g, c // g, *rest).transpose(1, 2).reshape(input.shape)


def _factor(operation: str, factor: int) -> int:
    if factor < 1:
        raise SettingError(operation, "a factor of at least 1", factor)
    return factor
