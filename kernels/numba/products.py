"""Products of matrices by compiled loops, see loops/matmul/product.py, and panels for those of many steps.

BLAS keeps results of few rows or columns, each piece by one thread: its own threads wait busily for a core that the
loops need. All is cut so that no bit depends on the threads.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np

from xdl.threads import get_num_threads, parallel, serial

from ..common.buffers import empty
from . import team
from .compiled import Compiled
from .sharing import FORK, REALS, WORTH, in_parts, nothing, over, plain

MATRIX = "T[:, ::1]"
tiles = Compiled(
    "matmul.product.product",
    f"int64[:, ::1] | {MATRIX}, {MATRIX}, T[::1], {MATRIX}, int64, boolean, boolean, boolean",
)
pack = Compiled("matmul.product.pack", f"int64[::1], T[:, :, ::1] | {MATRIX}, boolean")
sum_rows = Compiled("matmul.product.sum_rows", f"{MATRIX} | {MATRIX} |")
LOOPS = tiles, pack, sum_rows  # of whoever calls what is here
WIDTH, LINE = 128, 64  # bytes of a panel's row, as loops/tile.py reads them, and of a line of the cache
FEW = 8  # rows, and columns of a vector's half; of fewer, tiles waste more than they gain
MULTIPLY, COPY, ADD = 0.02, 0.3, 0.1  # nanoseconds of a product, of a number that is packed, and of one that is added
JOBS, CUT, STEP = 4, 96, 24  # for each thread; rows that a job has at least; rows that fill tiles of any height
FAR, TOGETHER = 8 << 20, 4  # bytes of a left matrix from which on several panels share its way from memory
PIECE, PIECES, ROWS = 1 << 25, 16, 128  # operations and rows of a piece for BLAS at least, and pieces at most
BLOCKS = 4  # of the rows of a symmetric product at most


def product(
    a: np.ndarray, b: np.ndarray, begin: int = 0, bias: np.ndarray | None = None, relu: bool = False
) -> np.ndarray:
    """y (N, M) = a b + bias for b (K, M), and for the columns of a (N, begin + K or more) from begin on.

    relu: the larger of that and 0
    """
    if in_columns(a):
        return _product(a.T, begin, len(a), b, True, bias, relu)
    return _product(a, begin, len(a), b, False, bias, relu)


def product_of_columns(a: np.ndarray, low: int, high: int, b: np.ndarray) -> np.ndarray:
    """a[:, low:high]^T b (M, N) for a (K, ...), b (K, N)."""
    return _product(a, low, high - low, b, True, None, False)


def sum_of_rows(g: np.ndarray) -> np.ndarray:
    """The sum (D,) of the rows of g (N, D)."""
    sums: np.ndarray = in_parts(sum_rows[g.dtype], ADD * g.shape[1], [g], 1)[0]
    return sums


def suited(n: int, m: int, itemsize: int) -> bool:
    """Whether tiles are faster than BLAS for a result of n rows and m columns."""
    return n >= FEW and 2 * m * itemsize >= WIDTH


def in_columns(a: np.ndarray) -> bool:
    """Whether the columns of a lie in memory one after the other, and not the rows."""
    return a.flags.f_contiguous and not a.flags.c_contiguous


def _product(
    a: np.ndarray, begin: int, n: int, b: np.ndarray, a_turned: bool, bias: np.ndarray | None, relu: bool
) -> np.ndarray:
    """y (n, M) = a[:, begin:] b, or a[:, begin:]^T b where a_turned; what is beyond n rows, or b's, is not read."""
    (depth, m), dtype = b.shape, a.dtype
    y, work = empty((n, m), dtype), n * m * depth * MULTIPLY
    if not (depth and dtype in REALS and suited(n, m, a.itemsize)):
        _by_blas(a[:, begin : begin + n].T if a_turned else a[:, begin : begin + depth], b, y)
        if bias is not None:
            y += bias
        return np.maximum(y, 0, out=y) if relu else y
    b_turned, width = in_columns(b), WIDTH // a.itemsize
    threads = get_num_threads() if work >= FORK else 1
    far = n * depth * a.itemsize > FAR
    jobs = threads * (JOBS // 2 if far else JOBS) if threads > 1 else 1
    places = _cuts(n, -(-m // width), jobs, TOGETHER if far else 1)
    rest = (
        *(plain(a), plain(b.T if b_turned else b), nothing(dtype) if bias is None else plain(bias), y),
        *(begin, a_turned, b_turned, relu),
    )
    loop = tiles[dtype]
    if threads == 1 or not team.shared(loop, work >= WORTH, 1, [places], [], rest):
        loop(places, *rest)
    return y


@lru_cache(maxsize=1024)
def _cuts(n: int, panels: int, jobs: int, together: int) -> np.ndarray:
    """(jobs or fewer, 4): which panels and which of n rows each job has. Rows are cut where panels are few.

    together: panels of a job at least
    """
    parts = min(-(-panels // together), jobs)
    rows = max(1, min(jobs // parts, n // CUT))
    ends = [n * i // rows // STEP * STEP for i in range(rows)] + [n]
    places = [
        (panels * p // parts, panels * (p + 1) // parts, low, high)
        for p in range(parts)
        for low, high in pairwise(ends)
    ]
    return np.array(places, np.int64)


def _by_blas(a: np.ndarray, b: np.ndarray, y: np.ndarray) -> None:
    """y = a b, rows of a cut into pieces whose number depends on the shapes alone."""
    m, n = y.shape
    pieces = max(1, min(PIECES, m // ROWS, 2 * m * n * a.shape[1] // PIECE))

    def part(low: int, high: int, thread: int) -> None:
        for piece in range(low, high):
            rows = slice(m * piece // pieces, m * (piece + 1) // pieces)
            np.matmul(a[rows], b, out=y[rows])

    (parallel if pieces > 1 else serial)(part, pieces)


def panels(w: np.ndarray) -> np.ndarray:
    """w (K, M) as (P, K, WIDTH): columns side by side, as many as a panel has, and zeros beyond the last."""
    width, turned = WIDTH // w.itemsize, in_columns(w)
    numbers = np.arange(-(-w.shape[1] // width))
    packed = empty((len(numbers), len(w), width), w.dtype)
    over(pack[w.dtype], packed[0].size * COPY, [numbers, packed], plain(w.T if turned else w), turned)
    return packed


def room(packed: np.ndarray, sequences: int) -> np.ndarray:
    """Room for a product with panels: (N, P WIDTH)."""
    return np.empty((sequences, len(packed) * packed.shape[2]), packed.dtype)


def padded(numbers: int, dtype: np.dtype) -> int:
    """So many numbers, or a few more: rows of them begin at different places of the cache."""
    each = LINE // dtype.itemsize
    return (-(-numbers // each) | 1) * each


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
