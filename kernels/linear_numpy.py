"""The linear layer on NumPy for batches that are small beside the layer."""

from __future__ import annotations

import numpy as np

from xdl.functional.linear import LinearPair, linear_pair

LARGE = 1 << 16  # elements of w


def _small_batch(x: np.ndarray, w: np.ndarray, b: np.ndarray | None) -> bool:
    return 1 < x.shape[0] <= w.shape[0] // 2 and w.size >= LARGE


@linear_pair.register("numpy", when=_small_batch, why="2 or more rows, at most half as many as outputs, of a large w")
class linear_small_batch(LinearPair):
    """y^T = w x^T: BLAS packs w as it lies in memory, where x w^T would have it transposed, which takes up to twice
    as long as the product. y is then copied into C order, together with b."""

    @staticmethod
    def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
        product = (w @ x.T).T
        y = np.empty(product.shape, product.dtype)
        if b is None:
            np.copyto(y, product)
        else:
            np.add(product, b, out=y)
        return y, (x, w)
