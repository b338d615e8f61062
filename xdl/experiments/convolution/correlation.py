"""Cross-correlation, which networks call convolution, and the classic convolution, which turns the kernel around.

hwdong 6.1.1 and 6.1.3, 徐彬 4.2. In one dimension, x being 0 outside:

    correlation  (x * w)[p] = sum over i of w[i] x[p + i]      convolution  (x ** w)[p] = sum over i of w[i] x[p - i]

so x ** w is the correlation with w turned around (in two dimensions: by 180 degrees). Where w is its own mirror image
both are the same. Only the convolution is commutative; it gives back the kernel where x is a single 1, and it is the
gradient of a correlation by its input.
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
KERNELS = {
    "symmetric": [[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]],
    "skew": [[-2.0, -1.0, 0.0], [-1.0, 1.0, 1.0], [0.0, 1.0, 2.0]],
}


@dataclass(frozen=True)
class Settings:
    """The drawn photograph, and what a kernel's results are compared on."""

    size: int = setting(96, "pixels of the picture a side", low=LEAST, high=512)
    noise: float = setting(0.04, "deviation of the picture's noise", low=0, high=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Both on an array of numbers and on the picture, with the relations between them as measured differences."""
    impulse = xdl.zeros(5, 5, dtype="float64")
    impulse[2, 2] = 1.0
    picture = photograph(settings.size, settings.noise).to("float64")
    rows: list[tuple[Any, ...]] = []
    matrices: dict[str, Any] = {}
    pictures, titles = [], []
    for name, numbers in KERNELS.items():
        w = xdl.tensor(numbers, dtype="float64")
        both = {"correlation": correlate(picture, w), "convolution": convolve(picture, w)}
        rows.append((name, *relations(picture, w, both)))
        matrices[f"{name} kernel w"] = w.tolist()
        matrices[f"{name}: turned by 180 degrees"] = w.flip((0, 1)).tolist()
        matrices[f"{name}: correlation of a single 1"] = correlate(impulse, w).tolist()
        matrices[f"{name}: convolution of a single 1"] = convolve(impulse, w).tolist()
        pictures += [picture, *both.values(), (both["correlation"] - both["convolution"]).abs()]
        titles += ["the picture", *(f"{name}: {way}" for way in both), f"{name}: |difference|"]
    headings = ("kernel", "apart", "apart, w turned", "convolution, x and w swapped", "correlation, swapped", "dx")
    run.say("largest differences, relative to the largest value:")
    table = run.table(headings, rows)
    run.say('"apart": correlation and convolution; "w turned": convolution and the correlation with w turned by 180')
    run.say('degrees; "swapped": w ** x against x ** w, w * x against x * w; "dx": gradient of the correlation by x')
    run.say("against the convolution of g with w")
    (_, same, *_), (_, skew, *_) = rows
    worst = max(max(row[2], row[3], row[5]) for row in rows)
    see = run.see(
        f"correlation and convolution differ by at most {same:.1g} with the symmetric kernel, by up to {skew:.0%} of "
        f"the largest value with the skew one; a convolution is the correlation with the kernel turned by 180 degrees "
        f"(largest difference {worst:.1g})"
    )
    run.figure("numbers", plot.matrices_data(matrices, "what a single 1 becomes: w, or w turned around"), see)
    stacked = xdl.stack(pictures).numpy()
    run.figure("pictures", plot.gallery_data(stacked, titles, 4, "a picture under both", size=2.4), see)
    return {"kernels": table, "relation_error": worst}


def correlate(x: Tensor, w: Tensor) -> Tensor:
    """The correlation with w (K, K), of the size of x: y[p, q] = sum of w[i, j] x[p + i - K//2, q + j - K//2]."""
    k = w.shape[0] // 2
    return F.conv2d(x.reshape(1, 1, *x.shape), w.reshape(1, 1, *w.shape), padding=k)[0, 0]


def convolve(x: Tensor, w: Tensor) -> Tensor:
    """The convolution, of the size of x: each w[i, j] adds w[i, j] x, moved by i - K//2 down and j - K//2 right."""
    (height, width), k = x.shape, w.shape[0] // 2
    around = F.pad(x, (k, k, k, k))
    y = xdl.zeros_like(x)
    for i, row in enumerate(w.tolist()):
        for j, weight in enumerate(row):
            top, left = 2 * k - i, 2 * k - j
            y = y + weight * around[top : top + height, left : left + width]
    return y


def relations(x: Tensor, w: Tensor, both: dict[str, Tensor]) -> tuple[float, ...]:
    """How far apart what the columns of the table name is, relative to the largest value."""
    g = xdl.randn(*x.shape, dtype="float64")
    input = x.detach().requires_grad_()
    (dx,) = xdl.grad(correlate(input, w), [input], g)
    line, row = x[0], w[2]
    swapped = F.convolve(line, row), F.convolve(row, line)
    full = full_correlation(line, row), full_correlation(row, line)
    return (
        _apart(both["correlation"], both["convolution"]),
        _apart(correlate(x, w.flip((0, 1))), both["convolution"]),
        _apart(*swapped),
        _apart(*full),
        _apart(dx, convolve(g, w)),
    )


def full_correlation(x: Tensor, w: Tensor) -> Tensor:
    """sum over i of w[i] x[p + i] at every p where they meet, for signals (L,) and (K,): L + K - 1 values."""
    zeros = xdl.zeros(len(w) - 1, dtype=x.dtype)
    around = F.cat([zeros, x, zeros]).reshape(1, 1, -1)
    return F.conv1d(around, w.reshape(1, 1, -1)).flatten()


def _apart(a: Any, b: Tensor) -> float:
    return float((a - b).abs().max() / b.abs().max())
