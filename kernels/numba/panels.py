"""Matrices packed into panels of columns, as loops/tile.py multiplies by them."""

from __future__ import annotations

import numpy as np

WIDTH = 128  # bytes of a panel's row


def panels(w: np.ndarray) -> np.ndarray:
    """w (K, M) as (P, K, WIDTH): columns side by side, as many as a panel has, and zeros beyond the last."""
    columns, (depth, m) = WIDTH // w.itemsize, w.shape
    packed = np.zeros((-(-m // columns), depth, columns), w.dtype)
    for panel, first in zip(packed, range(0, m, columns), strict=True):
        part = w[:, first : first + columns]
        panel[:, : part.shape[1]] = part
    return packed
