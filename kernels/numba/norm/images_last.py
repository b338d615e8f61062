"""Batch normalization, compiled, with the images last in memory: all values of a channel lie side by side.

x (N, C, M) in memory (C, M, N)      the same values as one image (1, C, M N) in C order
"""

from __future__ import annotations

from typing import Any

import numpy as np

from xdl.functional import either
from xdl.functional.norm.batch_norm import batch_norm_pair

from ..sharing import REALS
from ..slots import register
from . import planes
from .batch_norm import batch_norm_compiled


def _images_last(x: np.ndarray, *_: Any) -> bool:
    return x.dtype in REALS and x.size > 0 and not x.flags.c_contiguous and x.transpose(1, 2, 0).flags.c_contiguous


WHY = "float32 or float64 with the images last in memory"


@register(batch_norm_pair, *planes.LOOPS, when=_images_last, why=WHY)
class batch_norm_images_last:
    """(y, mu, var) with y in the memory of x; saved: what `batch_norm_compiled` saves of the one image, and N."""

    @staticmethod
    def forward(
        x: np.ndarray, gamma: Any, beta: Any, mu: Any, var: Any, eps: float
    ) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray], Any]:
        (y, mu, var), saved = batch_norm_compiled.forward(_one_image(x), gamma, beta, mu, var, eps)
        return (_images(y, len(x)), mu, var), (saved, x)

    @staticmethod
    def backward(g: Any, saved: Any, needs: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        saved, x = saved
        g = (_one_image(either.given(g[0], x)), *g[1:])
        dx, dgamma, dbeta = batch_norm_compiled.backward(g, saved, needs)
        return _images(dx, len(x)), dgamma, dbeta


def _one_image(x: np.ndarray) -> np.ndarray:
    """(1, C, M N) of x (N, C, M): a view where its images lie last in memory."""
    return x.transpose(1, 2, 0).reshape(1, x.shape[1], -1)


def _images(y: np.ndarray, n: int) -> np.ndarray:
    """(N, C, M) over the memory of y (1, C, M N)."""
    return y.reshape(y.shape[1], -1, n).transpose(2, 0, 1)
