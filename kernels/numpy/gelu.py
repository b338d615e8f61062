"""GELU in float32 for NumPy: one tanh for both forms, which NumPy computes twice as fast as exp.

    y = x P          P = (1 + tanh u) / 2          u = x (c_0 + c_1 s + c_2 s**2 + ...)      s = x**2
    dx = g (P + x P')

    form none: P' = e**(-s / 2) / sqrt(2 pi)       form tanh: P' = 2 P (1 - P) (c_0 + 3 c_1 s)

The tanh form is this by definition. For erf, u = atanh(erf(x / sqrt(2))) is odd and smooth; its coefficients are fitted
by least squares on |x| < 6, weighted for an even error of y: at most 7e-8, to which the rounding of float32 adds 4e-7
near |x| = 5.

Every pass but the first works in place, on scratch of the buffer pool; factors that are numbers cost half a pass.
"""

from __future__ import annotations

import numpy as np

from xdl.functional.elementwise.gelu import CUBE, SCALE, gelu_pair

from ..common.buffers import empty
from ..common.memory_order import memory_order
from .pointwise import in_blocks
from .slots import register

COEFFICIENTS = {
    "tanh": (SCALE, SCALE * CUBE),
    "none": (
        0.7978842161356854,
        0.03633428347650432,
        -3.3129971908445015e-05,
        -5.524016386033686e-05,
        3.969110084445766e-06,
        -1.3344644282390882e-07,
        1.805617072569135e-09,
    ),
}
END = 6.0  # y = 0 or x beyond, in float32
FAR = 20.0  # e**(-x**2 / 2) = 0 beyond


def _dense(x: np.ndarray, form: str) -> bool:
    return x.dtype == np.float32 and x.ndim > 0 and memory_order(x) is not None


def _polynomial(coefficients: tuple[float, ...], s: np.ndarray, out: np.ndarray) -> None:
    """out = c_0 + c_1 s + c_2 s**2 + ..."""
    np.multiply(s, coefficients[-1], out=out)
    for c in coefficients[-2:0:-1]:
        out += c
        out *= s
    out += coefficients[0]


@register(gelu_pair, when=_dense, why="dense float32 of at least one dimension")
class gelu_tanh:
    """y = x P; saved: x, P and the form."""

    @staticmethod
    def forward(x: np.ndarray, form: str) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, str]]:
        coefficients = COEFFICIENTS[form]

        def part(y: np.ndarray, p: np.ndarray, x: np.ndarray) -> None:
            c = np.clip(x, -END, END, out=y)
            _polynomial(coefficients, np.square(c, out=empty(c.shape, c.dtype)), p)
            p *= c
            np.tanh(p, out=p)
            p *= 0.5
            p += 0.5
            np.clip(x, -END, np.inf, out=y)
            y *= p

        y, p = in_blocks(part, x, results=2)
        return y, (x, p, form)

    @staticmethod
    def backward(g: np.ndarray, saved: tuple[np.ndarray, np.ndarray, str], needs: object) -> tuple[np.ndarray]:
        x, p, form = saved
        slope = _normal_density if form == "none" else _tanh_slope

        def part(dx: np.ndarray, x: np.ndarray, p: np.ndarray, g: np.ndarray) -> None:
            c = np.clip(x, -FAR, FAR, out=empty(x.shape, x.dtype))
            slope(c, p, dx)
            dx *= c
            dx += p
            dx *= g

        return (in_blocks(part, x, p, g)[0],)


def _normal_density(x: np.ndarray, p: np.ndarray, out: np.ndarray) -> None:
    """out = e**(-x**2 / 2) / sqrt(2 pi)."""
    np.square(x, out=out)
    out *= -0.5
    np.exp(out, out=out)
    out *= SCALE / 2


def _tanh_slope(x: np.ndarray, p: np.ndarray, out: np.ndarray) -> None:
    """out = 2 p (1 - p) (c_0 + 3 c_1 x**2)."""
    np.square(x, out=out)
    out *= 6 * SCALE * CUBE
    out += 2 * SCALE
    out *= p
    out *= np.subtract(1, p, out=empty(p.shape, p.dtype))
