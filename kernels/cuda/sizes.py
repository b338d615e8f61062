"""CUDA's limits for grids, and sizes that kernels count in 32 bits, refused by name where they are larger.

Elements of a whole array are counted in 64 bits everywhere; so only what a thread computes within one plane, one row or
one dimension is limited.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from xdl.errors import ShapeError

MAX_GRID_X, MAX_GRID_YZ = 2**31 - 1, 65535  # blocks along x, and along y and z
LARGEST = 2**31 - 2**16  # an int of a kernel, with room for one step of its loop beyond the end


def check_size(operation: str, what: str, size: int) -> None:
    """Raises ShapeError where a size is beyond what the kernels of this operation count."""
    if size > LARGEST:
        raise ShapeError(operation, f"at most {LARGEST} {what}", size)


def check_windows(operation: str, size: Sequence[int], out: Sequence[int], padding: Sequence[int]) -> None:
    """For kernels that walk windows over planes of `size` H, W, to planes of `out` P, Q. Raises ShapeError."""
    check_size(operation, "elements in a plane", max(prod(size), prod(out)))
    longest = max(n + 2 * p for n, p in zip(size, padding, strict=True))
    if longest > LARGEST // 2:  # where a window ends, it may be twice as far
        raise ShapeError(operation, f"at most {LARGEST // 2} rows or columns in a padded plane", longest)
