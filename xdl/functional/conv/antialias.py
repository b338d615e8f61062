"""Interpolation to smaller images without aliasing: each new pixel averages all that it stands for.

Along one dimension of n pixels, made m with the step s (n / m, or 1 / scale):

    y_i = sum_j w_ij x_j / sum_j w_ij        w_ij = f((j + 1/2 - c_i) / max(s, 1))        c_i = (i + 1/2) s

over the j with |j + 1/2 - c_i| < r max(s, 1): f is a triangle with r = 1 (bilinear), or the cubic of Keys (1981,
"Cubic convolution interpolation for digital image processing") with a = -1/2 and r = 2 (bicubic). Source of the rule:
Pillow's resize, which PyTorch follows.
"""

from __future__ import annotations

from xdl import backend
from xdl.functional.products.linear import matmul
from xdl.tensor import Tensor

A = -0.5


def smoothed(x: Tensor, sizes: tuple[int, ...], steps: list[float], mode: str, align_corners: bool | None) -> Tensor:
    """x (N, C, H, W) with the last dimensions made `sizes`, with these steps along each."""
    for d, (m, step) in enumerate(zip(sizes, steps, strict=True), 2):
        n = x.shape[d]
        s = step if not align_corners else (n - 1) / (m - 1) if m > 1 else 0.0
        weights = Tensor(backend.of(x.array).asarray(weights_of(n, m, s, mode), x.dtype))
        x = matmul(x.movedim(d, -1), weights.mT).movedim(-1, d)
    return x


def weights_of(n: int, m: int, step: float, mode: str) -> list[list[float]]:
    """w_ij / sum_j w_ij, (m, n)."""
    wide = max(step, 1.0)
    reach = wide * (1 if mode == "bilinear" else 2)
    rows = []
    for i in range(m):
        c = (i + 0.5) * step
        low, high = max(int(c - reach + 0.5), 0), min(int(c + reach + 0.5), n)
        w = [_triangle(t) if mode == "bilinear" else _cubic(t) for t in _distances(low, high, c, wide)]
        total = sum(w)
        rows.append([0.0] * low + [one / total for one in w] + [0.0] * (n - high))
    return rows


def _distances(low: int, high: int, c: float, wide: float) -> list[float]:
    return [abs((j + 0.5 - c) / wide) for j in range(low, high)]


def _triangle(t: float) -> float:
    return max(0.0, 1 - t)


def _cubic(t: float) -> float:
    if t < 1:
        return ((A + 2) * t - (A + 3)) * t * t + 1
    return (((t - 5) * t + 8) * t - 4) * A if t < 2 else 0.0
