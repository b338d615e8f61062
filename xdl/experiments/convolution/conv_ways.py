"""Ways to convolve images, without padding and with stride 1 (hwdong 6.3 and 6.4; Xu Bin 5.2 and 5.3).

    x (N, C, H, W)   w (O, C, KH, KW)   b (O,)   y, g (N, O, OH, OW)   K = C KH KW   P = OH OW

im2col and indices write x as columns (N, K, P), one for each position of the filters. The rest is a matrix product:

    y = w columns + b      dw = sum of g columns^T over the images      d columns = w^T g, and dx adds them up
"""

from __future__ import annotations

from itertools import product
from typing import Any

import xdl
from xdl import functional as F
from xdl.experiments.convolution.places import places
from xdl.tensor import Tensor, no_grad

Gradients = tuple[Tensor, Tensor, Tensor]  # dx, dw, db


class Im2col:
    """Columns by slices of x, one for each place in the filter; dx by adding to the same slices."""

    def columns(self, x: Tensor, kernel: tuple[int, int]) -> Tensor:
        """(N, K, P)."""
        return F.unfold(x, kernel)

    def images(self, columns: Tensor, shape: tuple[int, ...], kernel: tuple[int, int]) -> Tensor:
        """The sums of the columns' elements where they came from, (N, C, H, W) = shape."""
        return F.fold(columns, (shape[2], shape[3]), kernel)

    @no_grad()
    def forward(self, x: Tensor, w: Tensor, b: Tensor) -> tuple[Tensor, Any]:
        """y, and what the backward pass needs."""
        columns = self.columns(x, (w.shape[2], w.shape[3]))
        y = w.flatten(1) @ columns + b.unsqueeze(1)
        sizes = [n - k + 1 for n, k in zip(x.shape[2:], w.shape[2:], strict=True)]
        return y.reshape(x.shape[0], w.shape[0], *sizes), (columns, x.shape, w)

    @no_grad()
    def backward(self, g: Tensor, kept: Any) -> Gradients:
        """dx, dw, db."""
        columns, shape, w = kept
        rows = g.flatten(2)
        dx = self.images(w.flatten(1).mT @ rows, shape, (w.shape[2], w.shape[3]))
        return dx, (rows @ columns.mT).sum(0).reshape(w.shape), rows.sum((0, 2))


class Indices(Im2col):
    """Columns by one index array into each flattened image; dx by adding at the same indices."""

    def places(self, shape: tuple[int, ...], kernel: tuple[int, int]) -> Tensor:
        """Where element (c, i, j) of the column of position (p, q) lies in the flattened image: (K P,)."""
        return places(shape[1:], kernel).T.flatten()

    def columns(self, x: Tensor, kernel: tuple[int, int]) -> Tensor:
        """(N, K, P)."""
        found = F.index_select(x.flatten(1), 1, self.places(x.shape, kernel))
        return found.reshape(x.shape[0], x.shape[1] * kernel[0] * kernel[1], -1)

    def images(self, columns: Tensor, shape: tuple[int, ...], kernel: tuple[int, int]) -> Tensor:
        """The sums of the columns' elements where they came from, (N, C, H, W) = shape."""
        nothing = xdl.zeros(shape[0], shape[1] * shape[2] * shape[3], dtype=columns.dtype)
        return F.index_add(nothing, 1, self.places(shape, kernel), columns.flatten(1)).reshape(shape)


class Products:
    """An inner product of arrays at every position, by loops over images, filters and positions (hwdong 6.2.3).

    It works on the raw arrays: for so small ones, Tensors would take longer than the arithmetic.
    """

    def forward(self, x: Tensor, w: Tensor, b: Tensor) -> tuple[Tensor, Any]:
        """y, and what the backward pass needs."""
        images, filters, biases, (kh, kw) = x.array, w.array, b.array, w.shape[2:]
        y = xdl.zeros(x.shape[0], w.shape[0], x.shape[2] - kh + 1, x.shape[3] - kw + 1, dtype=x.dtype)
        for n, o, p, q in product(*map(range, y.shape)):
            y.array[n, o, p, q] = (filters[o] * images[n, :, p : p + kh, q : q + kw]).sum() + biases[o]
        return y, (x, w)

    def backward(self, g: Tensor, kept: Any) -> Gradients:
        """dx, dw, db."""
        x, w = kept
        kh, kw = w.shape[2:]
        dx, dw = xdl.zeros_like(x), xdl.zeros_like(w)
        for n, o, p, q in product(*map(range, g.shape)):
            slope, window = g.array[n, o, p, q], (n, slice(None), slice(p, p + kh), slice(q, q + kw))
            dw.array[o] += slope * x.array[window]
            dx.array[window] += slope * w.array[o]
        return dx, dw, g.sum((0, 2, 3))


class Tape:
    """`functional.conv2d` as a network calls it, with the tape."""

    def forward(self, x: Tensor, w: Tensor, b: Tensor) -> tuple[Tensor, Any]:
        """y, and what the backward pass needs."""
        inputs = [t.detach().requires_grad_() for t in (x, w, b)]
        y = F.conv2d(inputs[0], inputs[1], inputs[2])
        return y.detach(), (y, inputs)

    def backward(self, g: Tensor, kept: Any) -> Gradients:
        """dx, dw, db."""
        y, inputs = kept
        gradients: Any = xdl.grad(y, inputs, g)  # each exists: y depends on all three
        dx, dw, db = gradients
        return dx, dw, db
