"""The transposed convolution is the product with the transpose of the convolution's matrix (hwdong 8.8.1, 8.8.2).

A convolution is linear, y = A x, and A has a striped form: row r holds the kernel where window r lies. The transposed
convolution of the same kernel, stride and padding is A^T y, in one dimension and in two: stripes that run down. It goes
back from the shape of y to that of x, s (H - 1) + k - 2 p, but A^T is not the inverse of A. The gradient of a
convolution by its input is a transposed convolution, and the other way round.

Where the kernel is no multiple of the stride, neighbouring pixels get different numbers of terms: a checkerboard
(Odena, Dumoulin, Olah 2016).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import xdl
from xdl import functional as F
from xdl import plot
from xdl.errors import SettingError, expect
from xdl.experiments.adversarial.images.checkerboard import checkerboard
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor

QUICK: dict[str, Any] = {"side": 22}
CASES = ((1, 0), (1, 1), (2, 0), (2, 1), (3, 1))  # strides and paddings that are checked
KERNELS = (2, 3, 4, 5, 6)  # of the checkerboards, at stride 2
SHOWN = 6  # pixels a side that are drawn
HEADINGS = ("dimensions", "kernel", "stride", "padding", "x", "A", "y", "shape rule", "A x", "A^T y", "gradient")


@dataclass(frozen=True)
class Settings:
    """The sizes of what is drawn."""

    size: int = setting(8, "numbers of x in one dimension, and twice the pixels a side in two", low=6, high=20)
    kernel: int = setting(3, "length of the kernel, height and width in two dimensions", low=1, high=5)
    stride: int = setting(2, "of the figures", low=1, high=3)
    side: int = setting(24, "pixels a side of the checkerboards", low=22, high=64)

    def __post_init__(self) -> None:
        fits = 2 * self.kernel <= self.size + 2
        expect(fits, SettingError, "--set kernel", f"at most {self.size // 2 + 1} for size {self.size}", self.kernel)


class Pair:
    """A convolution and its transpose, for one channel. x: shape without channels, (L,) or (H, W)."""

    def __init__(self, x: tuple[int, ...], kernel: int, stride: int, padding: int) -> None:
        self.x, self.stride, self.padding, self.dims = x, stride, padding, len(x)
        self.weight = xdl.arange(1, kernel**self.dims + 1).to("float64").reshape(1, 1, *[kernel] * self.dims)
        self.y = tuple((n + 2 * padding - kernel) // stride + 1 for n in x)
        back = tuple(stride * (n - 1) + kernel - 2 * padding for n in self.y)
        self.back, self.rest = back, tuple(n - m for n, m in zip(x, back, strict=True))  # rest: output_padding

    def forward(self, x: Tensor) -> Tensor:
        """The convolution of (N, 1, *x)."""
        convolve = F.conv1d if self.dims == 1 else F.conv2d
        return convolve(x, self.weight, stride=self.stride, padding=self.padding)

    def transposed(self, y: Tensor) -> Tensor:
        """The transposed convolution of (N, 1, *y)."""
        convolve = F.conv_transpose1d if self.dims == 1 else F.conv_transpose2d
        return convolve(y, self.weight, stride=self.stride, padding=self.padding, output_padding=self.rest)

    def matrix(self) -> Tensor:
        """A (numbers of y, numbers of x), by the windows: element k of the kernel stands where window r has it."""
        places = xdl.arange(prod(self.x)).to("float64").reshape(1, 1, *self.x) + 1  # 0 is left for the padding
        around = F.pad(places, (self.padding,) * (2 * self.dims))
        kernel = self.weight.shape[-1]
        windows = around[0, 0].unfold(0, kernel, self.stride)
        if self.dims == 2:
            windows = windows.unfold(1, kernel, self.stride)
        at = windows.reshape(prod(self.y), -1)
        there = (at.unsqueeze(2) == xdl.arange(1, prod(self.x) + 1).to("float64")).to("float64")
        found: Tensor = (there * self.weight.reshape(1, -1, 1)).sum(1)
        return found

    def errors(self) -> tuple[float, float, float]:
        """The largest differences: of the convolution from A x, of the transposed one from A^T y and the gradient."""
        a = self.matrix()
        x, y = xdl.randn(1, 1, *self.x, dtype="float64").requires_grad_(), xdl.randn(1, 1, *self.y, dtype="float64")
        image = self.forward(x)
        gradient: Any = xdl.grad(image, [x], y)
        back = self.transposed(y)
        pairs = (image.flatten(), a @ x.flatten()), (back.flatten(), a.T @ y.flatten()), (back, gradient[0])
        one, two, three = ((found - expected).abs().max().item() for found, expected in pairs)
        return one, two, three


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """The table of the cases, the stripes, and the checkerboards."""
    run.reseed()
    rows = []
    for dims in (1, 2):
        shape = (settings.size,) if dims == 1 else (settings.size // 2 + 1,) * 2
        for stride, padding in CASES:
            pair = Pair(shape, settings.kernel, stride, padding)
            sizes = shape, tuple(pair.matrix().shape), pair.y, pair.back
            rows.append((dims, settings.kernel, stride, padding, *map(str, sizes), *pair.errors()))
    run.say("largest differences from the products with A and A^T, and from the gradient of the convolution by x:")
    table = run.table(HEADINGS, rows)
    largest = max(max(row[-3:]) for row in rows)
    see = run.see(
        f"in one dimension and in two a transposed convolution is the product with A^T, and the gradient of the "
        f"convolution by its input (largest difference {largest:.1g})"
    )
    _stripes(settings, run, see)
    return {"cases": table, "largest_difference": largest, "checkerboards": _checkerboards(settings, run)}


def _stripes(settings: Settings, run: Run, see: str) -> None:
    """Writes figures/stripes: A and its transpose, in one dimension and in two."""
    line = Pair((settings.size,), settings.kernel, settings.stride, 0).matrix()
    plane = Pair((settings.size // 2 + 1,) * 2, settings.kernel, 1, 0).matrix()
    panels = {
        f"A, 1-D, stride {settings.stride}": line.numpy(),
        "A^T: the transposed convolution": line.T.numpy(),
        "A, 2-D, stride 1": plane.numpy(),
        "A^T, 2-D": plane.T.numpy(),
    }
    data = plot.matrices_data(panels, "stripes of a convolution's matrix, and of its transpose", 2, share=True)
    run.figure("stripes", data, see)


def _checkerboards(settings: Settings, run: Run) -> list[dict[str, Any]]:
    """Writes figures/checkerboards: what kernels of ones, and enlarging first, make of an even picture; the table."""
    even = xdl.ones(1, 1, settings.side // 2, settings.side // 2)
    pictures, rows = {}, []
    for kernel in KERNELS:
        made = F.conv_transpose2d(even, xdl.ones(1, 1, kernel, kernel) / (kernel * kernel / 4), stride=2)
        edge = kernel  # pixels that not all windows reach
        inner = made[0, 0, edge:-edge, edge:-edge]
        pictures[f"{kernel}x{kernel}, stride 2"] = inner
        spread = inner.max().item() - inner.min().item()
        rows.append((f"transposed, {kernel}x{kernel}, stride 2", spread, checkerboard(inner[None])))
    larger = F.interpolate(even, scale_factor=2, mode="nearest")
    made = F.conv2d(larger, xdl.ones(1, 1, 3, 3) / 9)
    inner = made[0, 0, 2:-2, 2:-2]
    pictures["enlarged, then 3x3"] = inner
    rows.append(
        ("enlarged by 2, then convolved 3x3", inner.max().item() - inner.min().item(), checkerboard(inner[None]))
    )
    table = run.table(("an even picture of ones after", "largest less least", "of period two"), rows)
    worst = [row["an even picture of ones after"] for row in table if row["largest less least"] > 1e-3]
    see = run.see(f"an even picture stays even but for {'; '.join(worst)}: kernels that are no multiple of the stride")
    cut = {name: (picture[:SHOWN, :SHOWN] - 1).numpy() for name, picture in pictures.items()}
    title = "transposed convolutions of an even picture, kernels of ones: how far from 1, on one scale"
    run.figure("checkerboards", plot.matrices_data(cut, title, 3, share=True), see)
    return table
