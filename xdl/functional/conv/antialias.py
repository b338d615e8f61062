"""Interpolation to smaller images without aliasing: each new pixel averages all that it stands for.

Along one dimension of n pixels, made m with the step s (n / m, or 1 / scale):

    y_i = sum_j w_ij x_j / sum_j w_ij        w_ij = f((j + 1/2 - c_i) / max(s, 1))        c_i = (i + 1/2) s

over the j with |j + 1/2 - c_i| < r max(s, 1): f is a triangle with r = 1 (bilinear), or the cubic of Keys (1981,
"Cubic convolution interpolation for digital image processing") with a = -1/2 and r = 2 (bicubic). Source of the rule:
Pillow's resize, which PyTorch follows.
"""

from __future__ import annotations

from functools import lru_cache

A = -0.5


MODES = {"bilinear": "smooth-bilinear", "bicubic": "smooth-bicubic"}  # as the rules of `resample.py` call them
SMOOTH = tuple(MODES.values())


def smooth_rule(
    mode: str, n: int, m: int, step: float, align_corners: bool | None
) -> tuple[str, int, int, float, bool]:
    """The rule along one dimension. With align_corners the step is that between the corners."""
    if align_corners:
        step = (n - 1) / (m - 1) if m > 1 else 0.0
    return MODES[mode], n, m, step, False


@lru_cache(maxsize=256)
def weights_of(n: int, m: int, step: float, mode: str) -> list[list[float]]:
    """w_ij / sum_j w_ij, (m, n), of a mode of a rule."""
    wide = max(step, 1.0)
    reach = wide * (1 if mode == "smooth-bilinear" else 2)
    rows = []
    for i in range(m):
        c = (i + 0.5) * step
        low, high = max(int(c - reach + 0.5), 0), min(int(c + reach + 0.5), n)
        w = [_triangle(t) if mode == "smooth-bilinear" else _cubic(t) for t in _distances(low, high, c, wide)]
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
