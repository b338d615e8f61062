"""The order in which an array's dimensions lie in memory, and arrays made in that order."""

from __future__ import annotations

import numpy as np

from .buffers import empty


def memory_order(x: np.ndarray) -> list[int] | None:
    """The order of the dimensions in which x is contiguous, such as N, H, W, C for channels last; None without one."""
    if x.flags.c_contiguous:
        return list(range(x.ndim))
    order = sorted(range(x.ndim), key=lambda i: -x.strides[i])
    return order if x.transpose(order).flags.c_contiguous else None


def empty_like(x: np.ndarray, order: list[int]) -> np.ndarray:
    """Uninitialized memory with the dimensions of x in this order."""
    back = sorted(range(x.ndim), key=order.__getitem__)
    return empty(x.transpose(order).shape, x.dtype).transpose(back)
