"""Convolution by Fourier transforms for NumPy (Mathieu, Henaff and LeCun 2013, "Fast training through FFTs").

    X, W, G: two-dimensional transforms of x with its padding, w and g, as if they were L x L' and went on periodically
    Y = sum over c of X conj(W)      dX = sum over o of G W      dW = sum over n of X conj(G)

L = H + PH is enough: what wraps around meets padding. The transforms are products with matrices of cosines and sines:
for images of this size BLAS is faster than a fast transform. Real and imaginary parts are planes of their own, and
frequencies come first, so that the sums over channels are products of matrices too. The work hardly grows with the
filters, which pays for large ones.

    a (h, w, K) -> columns first: (V, 2, h, K) -> for each v of V = L' / 2 + 1, rows: (2, L, K) -> products -> and back

K stands for images and channels (N, C), images and filters, or both channels of the filters.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from xdl.functional.conv.conv import Geometry, output_size

from ...common.buffers import constant, empty
from ..layout import channels_first, pixels, run

CHUNK = 1 << 22  # values of the images that are transformed at a time
BLOCK = 1 << 16  # values of the rows of images that a thread transforms at a time
Sign = Callable[..., np.ndarray]
CONJUGATE, PLAIN = np.add, np.subtract  # the sign in a product with conj(b), and with b


def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, geometry: Geometry) -> np.ndarray:
    """y (N, O, OH, OW) in channels-last memory."""
    size = output_size(x.shape[2:], w.shape[2:], geometry)
    y = empty((len(x), *size, len(w)), x.dtype)
    _convolve(x, w.transpose(2, 3, 1, 0), CONJUGATE, _period(x.shape, geometry), geometry.padding, y, (0, 0))
    if b is not None:
        np.add(y, b, out=y)
    return channels_first(y)


def input_grad(g: np.ndarray, w: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dx (N, C, H, W) = shape in channels-last memory."""
    dx = empty((shape[0], *shape[2:], shape[1]), g.dtype)
    _convolve(g, w.transpose(2, 3, 0, 1), PLAIN, _period(shape, geometry), (0, 0), dx, geometry.padding)
    return channels_first(dx)


def weight_grad(g: np.ndarray, x: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dw (O, C, KH, KW) = shape."""
    (o, c, kh, kw), (rows, columns), (ph, pw) = shape, _period(x.shape, geometry), geometry.padding
    back = _back(rows, 0, kh)
    total = np.zeros((columns // 2 + 1, 2 * kh, c * o), g.dtype)
    for images in _chunks(x, g):
        of_x = _columns(x[images].transpose(2, 3, 0, 1), columns, pw)
        of_g = _columns(g[images].transpose(2, 3, 0, 1), columns, 0)

        def part(v: int, _: int, of_x: np.ndarray = of_x, of_g: np.ndarray = of_g) -> None:
            product = _product(_rows(of_x[v], rows, ph).swapaxes(2, 3), _rows(of_g[v], rows, 0), CONJUGATE)
            total[v] += np.matmul(back, product.reshape(2 * rows, -1))

        run(part, list(range(len(total))), 2 * _operations(of_x, o, rows, back))
    dw = np.empty((kh, kw, c, o), g.dtype)
    _lines(total, columns, 0, dw.reshape(1, kh, kw, c * o))
    return np.ascontiguousarray(dw.transpose(3, 2, 0, 1))


def _convolve(
    x: np.ndarray,
    w: np.ndarray,
    sign: Sign,
    period: tuple[int, int],
    padding: tuple[int, int],
    y: np.ndarray,
    place: tuple[int, int],
) -> None:
    """Writes y (N, OH, OW, O): what begins at `place` of x (N, C, H, W), moved by `padding`, times w (KH, KW, C, O)."""
    (rows, columns), oh, k = period, y.shape[1], w.shape[2] * w.shape[3]
    of_w = _columns(w, columns, 0)
    spectra = empty((len(of_w), 2, rows, *w.shape[2:]), w.dtype)
    forth, back = _forth(rows, 0, len(w)), _back(rows, place[0], oh)

    def transform(v: int, _: int) -> None:
        np.matmul(forth, of_w[v].reshape(-1, k), out=spectra[v].reshape(-1, k))

    run(transform, list(range(len(of_w))), 2.0 * forth.size * len(of_w) * k)
    for images in _chunks(x, y):
        of_x = _columns(x[images].transpose(2, 3, 0, 1), columns, padding[1])
        out = empty((len(of_x), 2 * oh, of_x.shape[2] * w.shape[3]), y.dtype)

        def part(v: int, _: int, of_x: np.ndarray = of_x, out: np.ndarray = out) -> None:
            product = _product(_rows(of_x[v], rows, padding[0]), spectra[v], sign)
            np.matmul(back, product.reshape(2 * rows, -1), out=out[v])

        run(part, list(range(len(of_x))), _operations(of_x, w.shape[3], rows, back))
        _lines(out, columns, place[1], y[images])


def _period(shape: tuple[int, ...], geometry: Geometry) -> tuple[int, int]:
    """(L, L')."""
    return shape[2] + geometry.padding[0], shape[3] + geometry.padding[1]


def _chunks(x: np.ndarray, y: np.ndarray) -> list[slice]:
    """Images whose transforms are made at a time."""
    step = max(1, CHUNK * len(x) // max(x.size, y.size, 1))
    return [slice(i, i + step) for i in range(0, len(x), step)]


def _operations(columns: np.ndarray, o: int, length: int, back: np.ndarray) -> float:
    """Those of the rows, products with O filters, and the inverse transform, for all of (V, 2 h, N, C)."""
    v, h, n, c = columns.shape
    return float(2 * v * (2 * length * h * n * c + 4 * length * n * c * o + back.size * n * o))


def _blocks(h: int, line: int) -> list[slice]:
    """The rows of images that a thread transforms at a time; `line` values each."""
    step = max(1, BLOCK // max(1, line))
    return [slice(i, min(i + step, h)) for i in range(0, h, step)]


def _columns(a: np.ndarray, length: int, offset: int) -> np.ndarray:
    """(V, 2 h, A, B): the transforms of the columns of a (h, w, A, B), any strides, which begins at `offset`."""
    h, w, *pair = a.shape
    k, forth = pair[0] * pair[1], _forth_real(length, offset, w)
    out = empty((len(forth) // 2, 2 * h, *pair), a.dtype)
    by_row = out.reshape(-1, h, k).swapaxes(0, 1)

    def part(rows: slice, _: int) -> None:
        lines = empty((rows.stop - rows.start, w, *pair), a.dtype)
        np.copyto(lines, a[rows])
        np.matmul(forth, lines.reshape(-1, w, k), out=by_row[rows])

    run(part, _blocks(h, w * k), 2.0 * forth.size * h * k)
    return out


def _rows(columns: np.ndarray, length: int, offset: int) -> np.ndarray:
    """(2, L, A, B): the transforms of the rows of (2 h, A, B), which begin at `offset`."""
    h, *pair = columns.shape
    forth = _forth(length, offset, h // 2)
    rows: np.ndarray = np.matmul(forth, columns.reshape(h, -1)).reshape(2, length, *pair)
    return rows


def _product(a: np.ndarray, b: np.ndarray, sign: Sign) -> np.ndarray:
    """a conj(b) or a b of (2, L, A, B) and (2, L, B, C)."""
    shape = (2, a.shape[1], a.shape[2], b.shape[3])
    out, other = np.empty(shape, a.dtype), np.empty(shape, a.dtype)
    np.matmul(a, b[:1], out=out)
    np.matmul(a, b[1:], out=other)
    sign(out[0], other[1], out=out[0])
    opposite = PLAIN if sign is CONJUGATE else CONJUGATE
    opposite(out[1], other[0], out=out[1])
    return out


def _lines(spectra: np.ndarray, length: int, offset: int, y: np.ndarray) -> None:
    """Writes y (N, h, w, K): the values from `offset` on whose columns' transforms are (V, 2 h, N K)."""
    n, h, w, k = y.shape
    back = _back_real(length, offset, w)
    by_row = spectra.reshape(-1, h, n * k).swapaxes(0, 1)

    def part(rows: slice, _: int) -> None:
        lines = empty((rows.stop - rows.start, w, n, k), y.dtype)
        np.matmul(back, by_row[rows], out=lines.reshape(-1, w, n * k))
        np.copyto(pixels(y[:, rows]), pixels(lines).transpose(2, 0, 1))

    run(part, _blocks(h, w * n * k), 2.0 * back.size * h * n * k)


def _waves(length: int, frequencies: int, offset: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Cosines and sines (frequencies, count) of 2 pi u i / length for i from `offset` on."""
    angle = np.outer(np.arange(frequencies), np.arange(offset, offset + count)) % length * (2 * np.pi / length)
    return np.cos(angle), np.sin(angle)


@lru_cache(maxsize=32)
def _forth(length: int, offset: int, count: int) -> np.ndarray:
    """(2 length, 2 count): transforms `count` complex values, all real parts before all imaginary ones."""
    c, s = _waves(length, length, offset, count)
    return constant(np.block([[c, s], [-s, c]]).astype(np.float32))


@lru_cache(maxsize=32)
def _forth_real(length: int, offset: int, count: int) -> np.ndarray:
    """(2 V, count): transforms `count` real values; of each frequency first the real part, then the imaginary one."""
    c, s = _waves(length, length // 2 + 1, offset, count)
    return constant(np.stack([c, -s], 1).reshape(-1, count).astype(np.float32))


@lru_cache(maxsize=32)
def _back(length: int, offset: int, count: int) -> np.ndarray:
    """(2 count, 2 length): the inverse of `_forth`."""
    c, s = _waves(length, length, offset, count)
    return constant((np.block([[c.T, -s.T], [s.T, c.T]]) / length).astype(np.float32))


@lru_cache(maxsize=32)
def _back_real(length: int, offset: int, count: int) -> np.ndarray:
    """(count, 2 V): the inverse of `_forth_real`. A frequency and its mirror image are one, but 0 and length / 2."""
    c, s = _waves(length, length // 2 + 1, offset, count)
    twice = np.full((len(c), 1, 1), 2 / length)
    twice[0] = 1 / length
    if length % 2 == 0:
        twice[-1] = 1 / length
    return constant(np.ascontiguousarray((np.stack([c, -s], 1) * twice).reshape(-1, count).T, np.float32))
