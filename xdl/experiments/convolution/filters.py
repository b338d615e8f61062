"""Filters of pictures (H, W) float64, and how well edges are found: what `image-filters` is made of."""

from __future__ import annotations

from math import ceil

import xdl
from xdl import functional as F
from xdl.experiments.convolution import conv_loops
from xdl.tensor import Tensor

SOBEL = ((-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0), (-1.0, 0.0, 1.0))


def kernels(sigma: float) -> dict[str, Tensor]:
    """The filters by name, (K, K) each."""
    by_name = {
        "box blur": [[1 / 9] * 3] * 3,
        "sharpen": [[0.0, -1.0, 0.0], [-1.0, 5.0, -1.0], [0.0, -1.0, 0.0]],
        "edges": [[-1.0, -1.0, -1.0], [-1.0, 8.0, -1.0], [-1.0, -1.0, -1.0]],
        "Sobel across": [list(row) for row in SOBEL],
        "Sobel down": [list(row) for row in zip(*SOBEL, strict=True)],
    }
    return {"Gaussian": gaussian(sigma)} | {name: xdl.tensor(w, dtype="float64") for name, w in by_name.items()}


def gaussian(sigma: float) -> Tensor:
    """exp(-(i^2 + j^2) / 2 sigma^2) up to 3 sigma from the centre, divided by the sum: (K, K) float64."""
    reach = ceil(3 * sigma)
    line = (-(xdl.arange(-reach, reach + 1, dtype="float64") ** 2) / (2 * sigma**2)).exp()
    return line.reshape(-1, 1) * line / line.sum() ** 2


def filtered(x: Tensor, w: Tensor) -> Tensor:
    """x (H, W) or (C, H, W) under w (K, K), as large as x; beyond its edge x goes on with the nearest pixel."""
    k = w.shape[0] // 2
    around = F.pad(x.reshape(-1, 1, *x.shape[-2:]), (k, k, k, k), mode="replicate")
    return F.conv2d(around, w.reshape(1, 1, *w.shape)).reshape(x.shape)


def magnitude(x: Tensor) -> Tensor:
    """The length of the gradient by Sobel's two filters, in brightness a pixel."""
    w = xdl.tensor(SOBEL, dtype="float64") / 8
    return (filtered(x, w).square() + filtered(x, w.T).square()).sqrt()


def by_sums(x: Tensor, w: Tensor) -> Tensor:
    """The valid sums as loops: x (C, H, W), w (O, C, K, K), y (O, P, Q)."""
    return xdl.tensor(conv_loops.convolve([x.tolist()], w.tolist(), [0.0] * len(w))[0], dtype="float64")


def differences(x: Tensor) -> Tensor:
    """The length of the gradient by central differences, weights -1/2 and 1/2."""
    line = xdl.tensor([[0.0, 0.0, 0.0], [-0.5, 0.0, 0.5], [0.0, 0.0, 0.0]], dtype="float64")
    return (filtered(x, line).square() + filtered(x, line.T).square()).sqrt()


def near(edges: Tensor) -> Tensor:
    """The pixels (H, W) bool that are an edge or beside one."""
    around: Tensor = F.max_pool2d(edges.to("float64")[None, None], 3, 1, 1)[0, 0]
    return around > 0


def share_found(strength: Tensor, edges: Tensor) -> float:
    """Of the strongest pixels, as many as there are edges, the share that are an edge or beside one."""
    strongest = strength.flatten().topk(int(edges.sum())).indices
    return float(near(edges).flatten().to("float64")[strongest].mean())
