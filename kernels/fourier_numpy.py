"""Convolution by Fourier transforms for NumPy (Mathieu, Henaff and LeCun 2013, "Fast training through FFTs").

    X, W, G: two-dimensional transforms of x with its padding, w and g, all with zeros up to a common size L x L'
    Y = sum over c of X conj(W)      dX = sum over o of G W      dW = sum over n of X conj(G)

L is at least the padded input's size, so nothing wraps around into the part that is read. The sums are complex matrix
products, one for each of the L (L' / 2 + 1) frequencies: the work hardly grows with the filters, which pays for large
ones. NumPy's float32 transforms keep float32.
"""

from __future__ import annotations

from itertools import count

import numpy as np

from xdl.functional.conv import Geometry, output_size
from xdl.threads import parallel

from .buffers_numpy import empty


def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, geometry: Geometry) -> np.ndarray:
    """y (N, O, OH, OW) in C order."""
    size = _sizes(x.shape, geometry)
    y = _image(np.matmul(_spectrum(x, size, geometry.padding), _spectrum(w, size).conj().transpose(0, 2, 1)), size)
    oh, ow = output_size(x.shape[2:], w.shape[2:], geometry)
    y = np.ascontiguousarray(y[:, :, :oh, :ow])
    if b is not None:
        y += b[:, None, None]
    return y


def input_grad(g: np.ndarray, w: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dx (N, C, H, W) = shape in C order."""
    size, (ph, pw), (h, width) = _sizes(shape, geometry), geometry.padding, shape[2:]
    dx = _image(np.matmul(_spectrum(g, size), _spectrum(w, size)), size)
    return np.ascontiguousarray(dx[:, :, ph : ph + h, pw : pw + width])


def weight_grad(g: np.ndarray, x: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dw (O, C, KH, KW) = shape."""
    size = _sizes(x.shape, geometry)
    rows = _spectrum(g, size).conj().transpose(0, 2, 1)
    dw = _image(np.matmul(rows, _spectrum(x, size, geometry.padding)), size)
    return np.ascontiguousarray(dw[:, :, : shape[2], : shape[3]])


def _sizes(shape: tuple[int, ...], geometry: Geometry) -> tuple[int, int]:
    """(L, L'): sizes of at least the padded input's with no prime factor above 5."""
    rows, columns = (_smooth(n + 2 * p) for n, p in zip(shape[2:], geometry.padding, strict=True))
    return rows, columns


def _smooth(least: int) -> int:
    for n in count(least):
        rest = n
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return n
    raise AssertionError("unreachable: there is always a larger power of two")


def _spectrum(a: np.ndarray, size: tuple[int, int], padding: tuple[int, int] = (0, 0)) -> np.ndarray:
    """The transforms (L (L' / 2 + 1), A, B) of a (A, B, h, w), moved by the padding."""
    (first, second, h, w), (ph, pw) = a.shape, padding
    frequencies = size[0] * (size[1] // 2 + 1)
    out = empty((frequencies, first, second), np.result_type(a.dtype, np.complex64))

    def part(low: int, high: int, thread: int) -> None:
        for i in range(low, high):
            padded = np.zeros((second, *size), a.dtype)
            padded[:, ph : ph + h, pw : pw + w] = a[i]
            out[:, i] = np.fft.rfft2(padded).reshape(second, frequencies).T

    parallel(part, first)
    return out


def _image(spectrum: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The images (A, B, L, L') of transforms (L (L' / 2 + 1), A, B)."""
    _, first, second = spectrum.shape
    y = empty((first, second, *size), spectrum.real.dtype)

    def part(low: int, high: int, thread: int) -> None:
        for i in range(low, high):
            y[i] = np.fft.irfft2(spectrum[:, i].T.reshape(second, size[0], -1), size)

    parallel(part, first)
    return y
