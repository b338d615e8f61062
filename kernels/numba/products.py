"""Products of large matrices: by compiled tiles, and by BLAS where the result has few columns.

Both are cut so that no bit depends on the threads. Panels are for products with a matrix that many steps share, too.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from xdl.threads import parallel, serial

from ..common.buffers import empty
from .cache import processor
from .compiled import Compiled
from .sharing import REALS, in_parts, over, plain

MATRIX, PANELS, FIRST = "T[:, ::1]", "T[:, :, ::1]", "int64[::1]"
pack = Compiled("products.pack", f"{FIRST}, {PANELS}, {MATRIX}")
pack_turned = Compiled("products.pack_turned", f"{FIRST}, {PANELS}, {MATRIX}")
tiles = Compiled("products.product", f"{MATRIX}, {MATRIX}, {PANELS}, {FIRST}, int64")
turned = Compiled("products.turned", f"{FIRST}, {MATRIX}, {MATRIX}, {PANELS}, {FIRST}")
of_steps = Compiled(
    "products.product_of_steps",
    f"int64[:, ::1], T[:, :, ::1], T[:, :, ::1], {PANELS}, {FIRST}, int64, int64, int64",
)
sum_rows = Compiled("products.sum_rows", f"{MATRIX}, {MATRIX}")
LOOPS = pack, pack_turned, tiles, of_steps, turned, sum_rows  # of whoever calls what is here
WIDTH, LINE = 128, 64  # bytes of a panel's row, as loops/tile.py reads them, and of a line of the cache
MULTIPLY, COPY, ADD = 0.018, 0.3, 0.1  # nanoseconds of a product, of a number that is packed, and of one that is added
PIECE, PIECES, ROWS = 1 << 25, 16, 128  # operations and rows of a piece for BLAS at least, and pieces at most
BLOCKS = 4  # of the rows of a symmetric product at most


def panels(w: np.ndarray) -> np.ndarray:
    """w (K, M) as (P, K, WIDTH): columns side by side, as many as a panel has, and zeros beyond the last."""
    return _packed(w, np.arange(0, w.shape[1], WIDTH // w.itemsize))


def _packed(w: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Panels of the columns from each first one on."""
    packed = empty((len(first), len(w), WIDTH // w.itemsize), w.dtype)
    in_columns = w.flags.f_contiguous and not w.flags.c_contiguous
    loop, w = (pack_turned, plain(w.T)) if in_columns else (pack, plain(w))
    over(loop[w.dtype], packed[0].size * COPY, [first, packed], w)
    return packed


def _covering(w: np.ndarray) -> np.ndarray:
    """The first column of each panel, where the last has the last columns, some of which the one before has, too."""
    columns, m = WIDTH // w.itemsize, w.shape[1]
    first: np.ndarray = np.minimum(np.arange(0, m, columns), m - columns)
    return first


def room(packed: np.ndarray, sequences: int) -> np.ndarray:
    """Room for a product with panels: (N, P WIDTH)."""
    return np.empty((sequences, len(packed) * packed.shape[2]), packed.dtype)


def padded(numbers: int, dtype: np.dtype) -> int:
    """So many numbers, or a few more: rows of them begin at different places of the cache, see loops/products.py."""
    each = LINE // dtype.itemsize
    return (-(-numbers // each) | 1) * each


def product(a: np.ndarray, b: np.ndarray, begin: int = 0) -> np.ndarray:
    """y (M, N) = a b for b (K, N), and for the columns of a (M, begin + K or more) from begin on."""
    if a.flags.f_contiguous and not a.flags.c_contiguous:
        return product_of_columns(a.T[begin : begin + len(b)], 0, len(a), b)
    y = empty((len(a), b.shape[1]), a.dtype)
    if wide(b):
        first = _covering(b)
        over(tiles[a.dtype], b.size * MULTIPLY, [plain(a), y], _packed(b, first), first, begin)
    else:
        _by_blas(a[:, begin : begin + len(b)], b, y)
    return y


class StepsProduct(NamedTuple):
    """y (T, N, M) = a[:, :, begin:] b for some steps and some sequences, by who needs them next."""

    a: np.ndarray
    y: np.ndarray
    packed: np.ndarray
    first: np.ndarray
    begin: int

    def __call__(self, order: np.ndarray, low: int, high: int) -> None:
        of_steps[self.a.dtype](order, *self, low, high)


def product_of_steps(a: np.ndarray, b: np.ndarray, y: np.ndarray, begin: int = 0) -> StepsProduct:
    """The product for b (K, N), which has to be wide."""
    first = _covering(b)
    return StepsProduct(a, y, _packed(b, first), first, begin)


def product_of_columns(a: np.ndarray, low: int, high: int, b: np.ndarray) -> np.ndarray:
    """a[:, low:high]^T b (M, N) for a (K, ...), b (K, N)."""
    y = empty((high - low, b.shape[1]), a.dtype)
    if wide(b):
        first = _covering(b)
        over(turned[a.dtype], b.size * MULTIPLY, [np.arange(low, high), y], plain(a), _packed(b, first), first)
    else:
        _by_blas(a[:, low:high].T, b, y)
    return y


def sum_of_rows(g: np.ndarray) -> np.ndarray:
    """The sum (D,) of the rows of g (N, D)."""
    sums: np.ndarray = in_parts(sum_rows[g.dtype], ADD * g.shape[1], [g], 1)[0]
    return sums


def wide(b: np.ndarray) -> bool:
    """Whether tiles are for a product with b: it fills a panel, and the processor has AVX-512. Else BLAS is faster."""
    return b.dtype in REALS and b.shape[1] * b.itemsize >= WIDTH and len(b) > 0 and _many_registers()


@cache
def _many_registers() -> bool:
    return "+avx512f" in processor()


def _by_blas(a: np.ndarray, b: np.ndarray, y: np.ndarray) -> None:
    """y = a b, rows of a cut into pieces whose number depends on the shapes alone, BLAS at one thread each.

    So none of BLAS's own threads waits busily for a core that the compiled loops need.
    """
    m, n = y.shape
    pieces = max(1, min(PIECES, m // ROWS, 2 * m * n * a.shape[1] // PIECE))

    def part(low: int, high: int, thread: int) -> None:
        for piece in range(low, high):
            rows = slice(m * piece // pieces, m * (piece + 1) // pieces)
            np.matmul(a[rows], b, out=y[rows])

    (parallel if pieces > 1 else serial)(part, pieces)


def symmetric(a: np.ndarray) -> np.ndarray:
    """a a^T for a (M, K): the blocks on the diagonal and below, by BLAS at one thread each, and above the same."""
    m, k = a.shape
    y = empty((m, m), a.dtype)
    n = max(1, min(BLOCKS, m // ROWS, 2 * m * m * k // PIECE))
    blocks = [slice(m * i // n, m * (i + 1) // n) for i in range(n)]
    pairs = [(i, j) for above, i in enumerate(blocks) for j in blocks[: above + 1]]

    def part(low: int, high: int, thread: int) -> None:
        for i, j in pairs[low:high]:
            np.matmul(a[i], a[j].T, out=y[i, j])
            if i != j:
                y[j, i] = y[i, j].T

    (parallel if len(pairs) > 1 else serial)(part, len(pairs))
    return y
