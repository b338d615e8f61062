"""Products of matrices by compiled loops, see loops/matmul/product.py: no BLAS, whose own threads wait busily."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from xdl.threads import get_num_threads

from ..common.buffers import empty
from . import team
from .compiled import Compiled
from .sharing import FORK, WORTH, nothing, plain

MATRIX = "T[:, ::1]"
product = Compiled(
    "matmul.product.product",
    f"int64[:, ::1], T[::1], {MATRIX}, {MATRIX}, T[::1], {MATRIX}, boolean, boolean, boolean",
)
BYTES, DEPTH, ROWS = 128, 1024, 192  # of a panel's row; rows of a panel, and of the room, as in product.py
COST = 1 / 50  # nanoseconds for a product and its sum
PIECES, CUT = 4, 96  # jobs for each thread, and rows of y that a job gets at least where rows are cut
STEP = 24  # rows: a cut leaves no tile half full


def matmul(
    a: np.ndarray,
    b: np.ndarray,
    bias: np.ndarray | None = None,
    relu: bool = False,
    a_turned: bool = False,
    b_turned: bool = False,
) -> np.ndarray:
    """y = a b + bias, with relu the larger of that and 0. a (N, K) or turned (K, N), b (K, M) or turned (M, K)."""
    n, depth = a.shape[::-1] if a_turned else a.shape
    m, dtype = b.shape[0] if b_turned else b.shape[1], a.dtype
    y, width, work = empty((n, m), dtype), BYTES // a.itemsize, n * m * depth * COST
    threads = get_num_threads() if work >= FORK else 1
    places = cuts(n, -(-m // width), threads * PIECES if threads > 1 else 1)
    rooms = empty((len(places), (min(depth, DEPTH) + ROWS) * width), dtype)
    loop = product[dtype]
    rest = plain(a), plain(b), nothing(dtype) if bias is None else plain(bias), y, a_turned, b_turned, relu
    if threads == 1 or not team.shared(loop, work >= WORTH, 1, [places], [rooms], rest):
        loop(places, rooms[0], *rest)
    return y


@lru_cache(maxsize=1024)
def cuts(n: int, panels: int, jobs: int) -> np.ndarray:
    """(jobs or fewer, 4): which panels and which of n rows each job has. Rows are cut where panels are few."""
    parts = min(panels, jobs)
    rows = max(1, min(jobs // parts, n // CUT))
    ends = [n * i // rows // STEP * STEP for i in range(rows)] + [n]
    places = [
        (panels * p // parts, panels * (p + 1) // parts, low, high)
        for p in range(parts)
        for low, high in zip(ends[:-1], ends[1:], strict=True)
    ]
    return np.array(places, np.int64)
