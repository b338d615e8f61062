"""The error function for NumPy: the reference in blocks that stay in cache, on all threads."""

from __future__ import annotations

import numpy as np

from xdl.functional.erf import ErfReference, erf_kernel
from xdl.threads import parallel

BLOCK = 1 << 13  # elements: about ten temporaries stay in the L2 cache
PARALLEL = 1 << 15


def _large(x: np.ndarray, complement: bool) -> bool:
    return x.size > BLOCK


@erf_kernel.register("numpy", when=_large, why=f"more than {BLOCK} elements")
class erf_blocks:
    """y = erf x or erfc x."""

    @staticmethod
    def forward(x: np.ndarray, complement: bool) -> tuple[np.ndarray, None]:
        source = np.ascontiguousarray(x).reshape(-1)
        y = np.empty(x.shape, x.dtype)
        out = y.reshape(-1)

        def part(low: int, high: int, thread: int) -> None:
            for i in range(low, high, BLOCK):
                j = min(i + BLOCK, high)
                out[i:j] = ErfReference.forward(source[i:j], complement)[0]

        if x.size < PARALLEL:
            part(0, x.size, 0)
        else:
            parallel(part, x.size)
        return y, None
