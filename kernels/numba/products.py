"""Products of large matrices by BLAS, cut so that no bit depends on the threads, and panels for those of each step."""

from __future__ import annotations

import numpy as np

from xdl.threads import parallel, serial

from ..common.buffers import empty

WIDTH = 128  # bytes of a panel's row, as loops/tile.py reads them
PIECE, PIECES, ROWS = 1 << 25, 16, 128  # operations and rows of a piece at least, and pieces at most
BLOCKS = 4  # of the rows of a symmetric product at most


def panels(w: np.ndarray) -> np.ndarray:
    """w (K, M) as (P, K, WIDTH): columns side by side, as many as a panel has, and zeros beyond the last."""
    columns, (depth, m) = WIDTH // w.itemsize, w.shape
    packed = np.zeros((-(-m // columns), depth, columns), w.dtype)
    for panel, first in zip(packed, range(0, m, columns), strict=True):
        part = w[:, first : first + columns]
        panel[:, : part.shape[1]] = part
    return packed


def room(packed: np.ndarray, sequences: int) -> np.ndarray:
    """Room for a product with panels: (N, P WIDTH)."""
    return np.empty((sequences, len(packed) * packed.shape[2]), packed.dtype)


def product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a (M, K) b (K, N), rows of a cut into pieces whose number depends on the shapes alone, BLAS at one thread each.

    So the sums have the same bits on any number of threads, and none of BLAS's own threads waits busily for a core
    that the compiled loops need.
    """
    m, n = a.shape[0], b.shape[1]
    y = empty((m, n), a.dtype)
    pieces = max(1, min(PIECES, m // ROWS, 2 * m * n * a.shape[1] // PIECE))

    def part(low: int, high: int, thread: int) -> None:
        for piece in range(low, high):
            rows = slice(m * piece // pieces, m * (piece + 1) // pieces)
            np.matmul(a[rows], b, out=y[rows])

    (parallel if pieces > 1 else serial)(part, pieces)
    return y


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
