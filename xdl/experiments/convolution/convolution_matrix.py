"""A convolution in two dimensions as a product of matrices, by rows of windows and by indices, forward and backward.

hwdong 6.3.2, 6.3.4 and 6.4; 徐彬 5.2.3 and 5.3.2. One image x (C, H, W), padded already, filters w (O, C, K, K);
P positions, n = C K K elements of a window, and `places` (P, n): where in the flattened image each of them lies.

    im2row     X (P, n) = x at places        y (P, O) = X V, where V (n, O) holds a filter a column
    backward   dV = X^T g                    dX = g V^T        dx = row2im(dX): each dX[r, k] is added at places[r, k]
    matrix     A (O P, C H W): row (o, r) holds filter o at places[r]        y = A x        dx = A^T g

An image's pixel is in several windows, so row2im must add. `dx[places] += dX`, as one would first write it, reads all
of dx before it writes: of equal indices one wins, and the rest of the gradient is lost. `conv-speed` times the ways.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import xdl
from xdl import functional as F
from xdl import plot
from xdl.errors import SettingError, expect
from xdl.experiments.convolution.places import places, windows
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor

QUICK: dict[str, Any] = {}
WAYS = ((1, 0), (2, 0), (1, 1), (2, 1))  # strides and paddings that are checked
HEADINGS = ("stride", "padding", "X", "A", "zeros in A", "way", "y", "dx", "dw")
MISTAKE = "indices, += in place of a sum"


@dataclass(frozen=True)
class Settings:
    """The sizes, small enough for every number to be read."""

    channels: int = setting(2, "channels of the image", low=1, high=4)
    size: int = setting(4, "pixels of the image a side", low=2, high=10)
    filters: int = setting(2, "filters, each making one map", low=1, high=4)
    kernel: int = setting(2, "height and width of a filter, at most the image's", low=1, high=5)
    stride: int = setting(1, "positions from one window to the next, in the figures", low=1, high=4)

    def __post_init__(self) -> None:
        fits = self.kernel <= self.size
        expect(fits, SettingError, "--set kernel", f"at most the image's {self.size}", self.kernel)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """A table with the errors of every way, and four figures: indices, product, matrix, backward."""
    s = settings
    x = xdl.randint(-4, 5, (s.channels, s.size, s.size)).to("float64")
    shape = (s.filters, s.channels, s.kernel, s.kernel)
    w = (xdl.randint(1, 4, shape) * (2 * xdl.randint(0, 2, shape) - 1)).to("float64")  # no zeros, so that A shows its
    rows: list[tuple[Any, ...]] = []
    for stride, padding in dict.fromkeys(((s.stride, 0), *WAYS)):
        around = F.pad(x, (padding,) * 4)
        at = places(around.shape, (s.kernel, s.kernel), stride)
        a = matrix(at, w, around.numel())
        sizes = str(tuple(at.shape)), str(tuple(a.shape)), f"{float((a == 0).to('float64').mean()):.0%}"
        found = compared(x, w, stride, padding)
        rows += [(stride, padding, *sizes, way, *errors) for way, errors in found.items()]
    run.say("largest differences from conv2d, and from its gradients by the tape:")
    table = run.table(HEADINGS, rows)
    right = [max(row[-3:]) for row in rows if row[5] != MISTAKE]
    repeats = places((s.channels, s.size, s.size), (s.kernel, s.kernel), s.stride)
    number = repeats.numel() / x.numel()
    see = run.see(
        f"rows of windows hold {repeats.numel()} numbers for the image's {x.numel()}, {number:.2g} times as many; "
        f"product, matrix and indices equal conv2d forward and backward (largest difference {max(right):.1g})"
    )
    lost = _lost(s, x, w)
    run.see(
        f"`dx[places] += dX` keeps one of the {number:.2g} terms of a pixel's gradient on average: "
        f"{lost:.0%} of dX is lost, and nothing says so"
    )
    _draw(run, s, x, w, see)
    return {"ways": table, "largest_difference": max(right), "lost_by_assignment": lost}


def matrix(at: Tensor, w: Tensor, pixels: int) -> Tensor:
    """A (O P, pixels): in row (o, r) element k of filter o stands at place at[r, k]; 0 elsewhere."""
    there = (at.unsqueeze(2) == xdl.arange(pixels)).to(w.dtype)  # (P, n, pixels)
    return xdl.einsum("rkx,ok->orx", there, w.flatten(1)).reshape(-1, pixels)


def row2im(rows: Tensor, at: Tensor, shape: tuple[int, ...]) -> Tensor:
    """The sums of the rows' elements at their places, (C, H, W) = shape."""
    nothing = xdl.zeros(shape[0] * shape[1] * shape[2], dtype=rows.dtype)
    return F.index_add(nothing, 0, at.flatten(), rows.flatten()).reshape(shape)


def assigned(rows: Tensor, at: Tensor, shape: tuple[int, ...]) -> Tensor:
    """What `dx[at] += rows` makes of zeros: where a place is named several times, one value alone."""
    found = xdl.zeros(shape[0] * shape[1] * shape[2], dtype=rows.dtype)
    found[at.flatten()] = found[at.flatten()] + rows.flatten()
    return found.reshape(shape)


def compared(x: Tensor, w: Tensor, stride: int, padding: int) -> dict[str, tuple[float, ...]]:
    """{way: largest difference of y, dx, dw from conv2d and the tape}, for one gradient g of y by chance."""
    inputs = [value.detach().requires_grad_() for value in (x, w)]
    true = F.conv2d(inputs[0].unsqueeze(0), inputs[1], stride=stride, padding=padding)[0]
    g = xdl.randn(*true.shape, dtype="float64")
    gradients: Any = xdl.grad(true, inputs, g)
    around, k = F.pad(x, (padding,) * 4), w.shape[2]
    at = places(around.shape, (k, k), stride)
    slopes, filters = g.flatten(1).T, w.flatten(1).T  # (P, O), (n, O)

    def inside(dx: Tensor) -> Tensor:
        return dx[:, padding : padding + x.shape[1], padding : padding + x.shape[2]]

    unfolded = F.unfold(around.unsqueeze(0), k, stride=stride)[0].T
    back = (slopes @ filters.T).T.unsqueeze(0)
    folded = F.fold(back, (around.shape[1], around.shape[2]), k, stride=stride)[0]
    a = matrix(at, w, around.numel())
    by_index = around.flatten()[at]
    drows = slopes @ filters.T
    of_filters = matrix_by_filters(at, around, w.shape[0])
    ways = {
        "im2row and row2im by slices": (unfolded @ filters, folded, unfolded.T @ slopes),
        "the matrix A": (
            (a @ around.flatten()).reshape(len(w), -1).T,
            (a.T @ g.flatten()).reshape(around.shape),
            (of_filters.T @ g.flatten()).reshape(len(w), -1).T,
        ),
        "indices": (by_index @ filters, row2im(drows, at, around.shape), by_index.T @ slopes),
        MISTAKE: (by_index @ filters, assigned(drows, at, around.shape), by_index.T @ slopes),
    }
    return {
        name: (
            _apart(y.T.reshape(true.shape), true.detach()),
            _apart(inside(dx), gradients[0]),
            _apart(dv.T.reshape(w.shape), gradients[1]),
        )
        for name, (y, dx, dv) in ways.items()
    }


def matrix_by_filters(at: Tensor, x: Tensor, filters: int) -> Tensor:
    """The same product seen from the filters: (O P, O n), block by block the rows of windows; y = it times w."""
    return xdl.einsum("op,rk->orpk", xdl.eye(filters, dtype=x.dtype), x.flatten()[at]).reshape(filters * len(at), -1)


def _lost(settings: Settings, x: Tensor, w: Tensor) -> float:
    """The share of a gradient of ones that an assignment loses."""
    at = places(x.shape, (w.shape[2], w.shape[3]), settings.stride)
    ones = xdl.ones(*at.shape, dtype=x.dtype)
    return 1 - float(assigned(ones, at, x.shape).sum() / ones.sum())


def _draw(run: Run, settings: Settings, x: Tensor, w: Tensor, see: str) -> None:
    """The four figures, of the settings' stride and no padding."""
    kernel = (settings.kernel, settings.kernel)
    c, row, column = windows(x.shape, kernel, settings.stride)
    at = places(x.shape, kernel, settings.stride)
    side = (settings.size - settings.kernel) // settings.stride + 1
    indices = {"channel c": c, "row p S + i": row, "column q S + j": column, "places: (c H + row) W + column": at}
    title = "index arrays: a row for each position (p, q), a column for each (c, i, j)"
    run.figure("indices", plot.matrices_data(_lists(indices), title, 2), see)

    rows, filters = x.flatten()[at], w.flatten(1).T
    y = rows @ filters
    product = {f"x, channel {i}": plane for i, plane in enumerate(x)}
    product |= {"X, a window a row": rows, "V, a filter a column": filters, "y = X V": y}
    product |= {f"map {o}": y[:, o].reshape(side, side) for o in range(settings.filters)}
    run.figure("product", plot.matrices_data(_lists(product), "im2row: a convolution as one product", 4), see)

    a = matrix(at, w, x.numel())
    zeros = float((a == 0).to("float64").mean())
    whole = {f"A {tuple(a.shape)}, {zeros:.0%} zeros": a, "x": x.reshape(-1, 1), "y": y.T.reshape(-1, 1)}
    run.figure(
        "matrix", plot.matrices_data(_lists(whole), "the same as y = A x: a filter, moved along each row", 3), see
    )

    g = xdl.randint(-2, 3, (settings.filters, side, side)).to("float64")
    drows = g.flatten(1).T @ filters.T
    times = row2im(xdl.ones(*at.shape, dtype=x.dtype), at, x.shape)[0]
    backward = {f"g, map {o}": plane for o, plane in enumerate(g)} | {"dX = g V^T": drows}
    backward |= {f"dx = row2im(dX), channel {i}": plane for i, plane in enumerate(row2im(drows, at, x.shape))}
    backward |= {"windows that hold a pixel": times}
    backward |= {f"wrong: dx[places] += dX, channel {i}": p for i, p in enumerate(assigned(drows, at, x.shape))}
    run.figure(
        "backward", plot.matrices_data(_lists(backward), "row2im: what windows share is added up", 3), run.seen[-1]
    )


def _lists(matrices: dict[str, Tensor]) -> dict[str, Any]:
    return {name: values.tolist() for name, values in matrices.items()}


def _apart(a: Tensor, b: Tensor) -> float:
    return float((a - b).abs().max())
