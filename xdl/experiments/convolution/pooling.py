"""Max and average pooling with strides and padding, on an array and on a drawn photograph (hwdong 6.1.5; 徐彬 4.2).

    max      y[p, q] = the largest of a window of K x K, whose first element is x[p S - P, q S - P]
    average  y[p, q] = their sum / K**2, padding counted as zeros

Padding is never the largest: max pooling takes it for minus infinity. Backward, a gradient goes to the place of the
largest value, or an equal share of it to all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import xdl
from xdl import functional as F
from xdl import plot
from xdl.experiments.shared.picture import LEAST, photograph
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor

QUICK: dict[str, Any] = {}
ARRAY = ((1, 3, 2, 1), (4, 8, 6, 5), (3, 1, 0, 9), (2, 7, 4, 3))
WAYS = ((2, 2, 0), (2, 1, 0), (3, 1, 0), (3, 2, 1))  # kernel, stride, padding
POOLS: dict[str, Any] = {"max": F.max_pool2d, "average": F.avg_pool2d}


@dataclass(frozen=True)
class Settings:
    """The drawn photograph, and the windows on it."""

    size: int = setting(96, "pixels of the picture a side", low=LEAST, high=512)
    noise: float = setting(0.04, "deviation of the picture's noise", low=0, high=1)
    kernels: tuple[int, ...] = setting((2, 4, 8), "sides of the windows on the picture, side by side", low=1, high=24)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """The array under every kernel, stride and padding, forward and backward; then the picture under larger windows."""
    array = on_the_array(run)
    return {**array, **on_the_picture(settings, run)}


def on_the_array(run: Run) -> dict[str, Any]:
    """Both kinds on the array of 4x4 numbers, checked against plain loops; figures/numbers.png."""
    x = xdl.tensor(ARRAY, dtype="float64")
    matrices: dict[str, Any] = {"x": x.tolist()}
    rows = []
    for kernel, stride, padding in WAYS:
        for name, pool in POOLS.items():
            input = x.reshape(1, 1, *x.shape).detach().requires_grad_()
            y = pool(input, kernel, stride, padding)
            gradients: Any = xdl.grad(y.sum(), [input])
            dx = gradients[0][0, 0]
            plain = xdl.tensor(by_loops(name, ARRAY, kernel, stride, padding), dtype="float64")
            apart = float((y[0, 0].detach() - plain).abs().max())
            rows.append(
                (
                    name,
                    kernel,
                    stride,
                    padding,
                    str(tuple(plain.shape)),
                    apart,
                    sum(value != 0 for line in dx.tolist() for value in line),
                )
            )
            title = f"{name}, {kernel}x{kernel}, stride {stride}" + (f", padding {padding}" if padding else "")
            matrices[title] = plain.tolist()
            if (kernel, stride) == (2, 2):
                matrices[f"{name}: gradient of the sum of y by x"] = dx.tolist()
    headings = ("kind", "kernel", "stride", "padding", "y", "apart from loops", "elements of x with a gradient")
    table = run.table(headings, rows)
    first = {row[0]: row[-1] for row in rows[:2]}
    see = run.see(
        f"2x2 windows side by side: of the {x.numel()} numbers {first['max']} get a gradient from max pooling, the "
        f"largest of each window, and {first['average']} from average pooling"
    )
    run.figure("numbers", plot.matrices_data(matrices, "max and average pooling of an array", columns=4), see)
    return {"array": table}


def by_loops(name: str, x: Any, kernel: int, stride: int, padding: int) -> list[list[float]]:
    """The definition, for rows of numbers."""
    height, width = len(x), len(x[0])
    y: list[list[float]] = []
    for p in range((height + 2 * padding - kernel) // stride + 1):
        y.append([])
        for q in range((width + 2 * padding - kernel) // stride + 1):
            places = [
                (p * stride + i - padding, q * stride + j - padding) for i in range(kernel) for j in range(kernel)
            ]
            window = [float(x[i][j]) for i, j in places if 0 <= i < height and 0 <= j < width]
            y[-1].append(max(window) if name == "max" else sum(window) / kernel**2)
    return y


def on_the_picture(settings: Settings, run: Run) -> dict[str, Any]:
    """What larger and larger windows keep of strokes and brightness; figures/pictures.png."""
    s = settings
    picture = photograph(s.size, s.noise)
    pictures, titles, rows = [picture], ["the picture"], []
    for kernel in s.kernels:
        for name, pool in POOLS.items():
            small = pool(picture.reshape(1, 1, s.size, s.size), kernel)[0, 0]
            strokes = float(small[int(small.shape[0] * 0.6) :].max())
            lift = float(small.mean() - picture.mean())
            rows.append((f"{kernel}x{kernel}", name, str(tuple(small.shape)), strokes, lift))
            pictures.append(enlarged(small, kernel, s.size))
            titles.append(f"{name}, {kernel}x{kernel}: {small.shape[0]}x{small.shape[1]}")
    padded = F.avg_pool2d(xdl.ones(1, 1, 8, 8), 3, 2, 1)[0, 0]
    table = run.table(("window", "kind", "y", "brightest stroke", "brighter by"), rows)
    run.say(f"average pooling of ones with padding 1: {float(padded[0, 0]):.3g} in the corner, where zeros count, and")
    run.say(f"{float(padded[1, 1]):.3g} inside\n")
    largest, mean = rows[-2:]
    see = run.see(
        f"windows of {largest[0]}: max pooling keeps the strokes at {largest[3]:.2f} of 1 and makes the picture "
        f"brighter by {largest[4]:.2f}; average pooling fades them to {mean[3]:.2f} and keeps its brightness "
        f"({mean[4]:+.2f})"
    )
    order = [0, *range(1, len(pictures), 2), 0, *range(2, len(pictures), 2)]  # max above average
    shown = xdl.stack([pictures[i] for i in order]).numpy(), [titles[i] for i in order]
    data = plot.gallery_data(
        *shown, len(order) // 2, "a picture pooled, stride = window, shown at its old size", size=2.4
    )
    run.figure("pictures", data, see)
    return {"picture": table, "corner_of_padded_ones": float(padded[0, 0])}


def enlarged(small: Tensor, kernel: int, size: int) -> Tensor:
    """Each pixel as kernel x kernel ones, black up to (size, size)."""
    large = small.repeat_interleave(kernel, 0).repeat_interleave(kernel, 1)
    return F.pad(large, (0, size - large.shape[1], 0, size - large.shape[0]))
