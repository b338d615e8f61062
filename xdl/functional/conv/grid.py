"""Images read at any places: grid_sample, and the grids of affine maps.

x (N, C, H, W)   grid (N, Ho, Wo, 2): the places, column first, from -1 to 1   y (N, C, Ho, Wo); or with a depth each

A place p along a dimension of size n lies at s = (p + 1) (n - 1) / 2 with align_corners, where -1 and 1 are the
middles of the outer pixels, else at s = ((p + 1) n - 1) / 2, where they are the image's edges. With j = floor s and
t = s - j:

    nearest    y = x[round s]
    bilinear   y = (1 - t) x[j] + t x[j + 1]            along each dimension
    bicubic    y = sum of h(s - i) x[i] over the four i next to s, with the h of `resize.py`

Beyond the image x is 0 ("zeros"), its outer pixel ("border": s is cut to [0, n - 1]), or the image in a mirror
("reflection": s is reflected at the middles of the outer pixels with align_corners, else at the edges). Where s is cut
it passes no gradient on, and "nearest" passes none on: the gradient of the grid is 0. Jaderberg et al., Spatial
Transformer Networks, 2015.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from xdl import backend
from xdl.backend import Array, namespaces
from xdl.errors import SettingError, ShapeError, nearest
from xdl.functional import either
from xdl.functional.conv.resample import far, near
from xdl.functional.index.select import take
from xdl.functional.operands import floating
from xdl.functional.shape.rearrange import stack
from xdl.observe import composite
from xdl.tensor import Tensor

MODES = {"bilinear": (2, 3), "nearest": (2, 3), "bicubic": (2,)}
PADDINGS = ("zeros", "border", "reflection")


class Tap(NamedTuple):
    """What is read at every place: raw indices, whether they are inside, and weights; None, in all taps, for 1."""

    ids: Array
    inside: Array
    weight: Tensor | None


@composite
def grid_sample(
    input: Tensor,
    grid: Tensor,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Tensor:
    """y of the module docstring for input x (N, C, H, W), grid (N, Ho, Wo, 2), or (N, C, D, H, W), (N, Do, Ho, Wo, 3).

    mode "bicubic" is for two dimensions; align_corners is False by default. Raises ShapeError, SettingError,
    DtypeError.
    """
    floating("grid_sample", input=input, grid=grid)
    for name, value, known in (("mode", mode, MODES), ("padding_mode", padding_mode, PADDINGS)):
        if value not in known:
            raise SettingError("grid_sample", f"a known {name}", repr(value), nearest(str(value), known))
    k = input.ndim - 2
    if k not in MODES[mode]:
        dims = " or ".join(map(str, MODES[mode]))
        raise ShapeError("grid_sample", f"input (N, C, sizes) with {dims} sizes for mode {mode!r}", input.shape)
    n, c, *sizes = input.shape
    if grid.ndim != k + 2 or grid.shape[0] != n or grid.shape[-1] != k or min(sizes) < 1:
        expected = f"input (N, C, sizes of at least 1) and grid (N, {k} sizes, {k})"
        raise ShapeError("grid_sample", expected, f"{input.shape} and {grid.shape}")
    places = grid.reshape(-1, k)
    axes = [
        _taps(_unit(places[:, k - 1 - d], size, align_corners), size, mode, padding_mode, bool(align_corners))
        for d, size in enumerate(sizes)
    ]
    xp = namespaces[type(input.array)]
    sample = xp.arange(n, device=input.array.device)[:, None] + xp.zeros(
        (n, prod(grid.shape[1:-1])), dtype=xp.int64, device=input.array.device
    )
    corners = [Tap(xp.reshape(sample, (-1,)), True, None)]
    for taps, size in zip(axes, sizes, strict=True):
        corners = [_joined(corner, tap, size) for corner in corners for tap in taps]
    pixels = input.transpose(0, 1).reshape(c, n * prod(sizes))
    read = take(pixels, xp.concat([corner.ids for corner in corners]), 1).reshape(c, len(corners), -1)
    if weights := [corner.weight for corner in corners if corner.weight is not None]:
        read = read * stack(weights)
    if padding_mode == "zeros":
        read = read.where(Tensor(xp.stack([corner.inside for corner in corners])), 0.0)
    return read.sum(1).reshape(c, n, *grid.shape[1:-1]).transpose(0, 1)


def _joined(corner: Tap, tap: Tap, size: int) -> Tap:
    """A corner of the dimensions so far, with one tap of the next, which has that size."""
    weight = tap.weight if corner.weight is None or tap.weight is None else corner.weight * tap.weight
    return Tap(corner.ids * size + tap.ids, tap.inside & corner.inside, weight)


def _unit(p: Tensor, n: int, align_corners: bool | None) -> Tensor:
    """s for places p."""
    return (p + 1) * ((n - 1) / 2) if align_corners else ((p + 1) * n - 1) / 2


def _taps(s: Tensor, n: int, mode: str, padding: str, corners: bool) -> list[Tap]:
    """What is read along a dimension of size n at s (P,)."""
    xp = namespaces[type(s.array)]
    if mode == "bicubic":
        j = xp.floor(s.array)
        t = s - Tensor(j)
        return [
            _tap(_padded(Tensor(j + i), n, padding, corners).array, n, weight)
            for i, weight in ((-1, far(t + 1)), (0, near(t)), (1, near(1 - t)), (2, far(2 - t)))
        ]
    s = _padded(s, n, padding, corners)
    if mode == "nearest":
        nowhere = xp.zeros(s.shape, dtype=xp.bool, device=s.array.device)
        return [_tap(xp.round(s.array), n, s.where(Tensor(nowhere), 1.0) if s.requires_grad else None)]
    j = xp.floor(s.array)
    t = s - Tensor(j)
    return [_tap(j, n, 1 - t), _tap(j + 1, n, t)]


def _tap(j: Array, n: int, weight: Tensor | None) -> Tap:
    xp = namespaces[type(j)]
    inside = (j >= 0) & (j <= n - 1)
    return Tap(xp.astype(xp.where(inside, j, xp.zeros_like(j)), xp.int64), inside, weight)


def _padded(s: Tensor, n: int, padding: str, corners: bool) -> Tensor:
    """s in the image, by the rule of the padding."""
    if padding == "zeros":
        return s
    if padding == "reflection":
        s = _reflected(s, 0.0, n - 1.0) if corners else _reflected(s, -0.5, n - 0.5)
    within = (s.array > 0) & (s.array < n - 1)
    return s.where(Tensor(within), Tensor(either.clip(s.array, 0.0, n - 1.0)))


def _reflected(s: Tensor, low: float, high: float) -> Tensor:
    """s, mirrored at low and high as often as it takes."""
    span = high - low
    if span == 0:
        return s * 0.0
    x, xp = s.array - low, namespaces[type(s.array)]
    turns = xp.floor(abs(x) / span)
    odd = turns % 2 == 1
    sign = xp.where(odd, -xp.ones_like(x), xp.ones_like(x)) * xp.where(x < 0, -xp.ones_like(x), xp.ones_like(x))
    rest = abs(x) - turns * span
    value = xp.where(odd, span - rest, rest) + low
    return s * Tensor(sign) + Tensor(value - s.array * sign)


@composite
def affine_grid(theta: Tensor, size: Sequence[int], align_corners: bool | None = None) -> Tensor:
    """The grid for `grid_sample` that reads an image of `size` through the affine maps theta.

    theta (N, 2, 3) and size (N, C, H, W) give (N, H, W, 2); theta (N, 3, 4) and size (N, C, D, H, W) (N, D, H, W, 3):
    grid = theta (place, 1) for every place of a regular grid. align_corners is False by default, and means what it
    means in `grid_sample`. Raises ShapeError, DtypeError.
    """
    floating("affine_grid", theta=theta)
    n, k, sizes = size[0], len(size) - 2, tuple(size[2:])
    if k not in (2, 3) or theta.shape != (n, k, k + 1) or min(size) < 1:
        expected = "theta (N, 2, 3) and size (N, C, H, W), or theta (N, 3, 4) and size (N, C, D, H, W)"
        raise ShapeError("affine_grid", expected, f"{theta.shape} and {tuple(size)}")
    b = backend.of(theta.array)
    xp = namespaces[type(theta.array)]
    axes = [b.asarray(_places(m, bool(align_corners)), theta.dtype) for m in reversed(sizes)]
    shaped = [xp.reshape(axis, (-1, *[1] * d)) for d, axis in enumerate(axes)]
    regular = xp.stack([xp.broadcast_to(axis, sizes) for axis in shaped], axis=-1)
    base = Tensor(xp.reshape(regular, (-1, k)))
    return (base @ theta[:, :, :k].mT + theta[:, :, k].unsqueeze(1)).reshape(n, *sizes, k)


def _places(m: int, corners: bool) -> list[float]:
    """m places from -1 to 1: the middles of pixels, or from corner to corner."""
    if m == 1:
        return [0.0]
    return [2 * i / (m - 1) - 1 if corners else (2 * i + 1) / m - 1 for i in range(m)]
