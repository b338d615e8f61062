"""The same convolution by loops, inner products, im2col, indices and xdl: equal results, different times.

hwdong 6.3 and 6.4, Xu Bin 5.1 to 5.3. Loops take hours for what the others do in seconds: they and the products
compute the first image and the first filters, and their time is multiplied to the whole.

The book's 419.7 s are of an inner product of arrays at each position, as in the way "products". The way "loops"
multiplies one number of a list at a time, which takes Python much longer: do not compare its time with the book's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import nan
from time import perf_counter
from typing import Any

import xdl
from xdl import functional as F
from xdl import plot
from xdl.errors import SettingError
from xdl.experiments.convolution import conv_loops
from xdl.experiments.convolution.conv_ways import Im2col, Indices, Products, Tape
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor

HEADINGS = ("way", "forward s", "backward s", "times loops", "largest difference")

# name, xdl's function of images, loops forward and backward
OPERATIONS: tuple[tuple[str, Any, Any, Any], ...] = (
    ("padding by 2", lambda x: F.pad(x, (2, 2, 2, 2)), conv_loops.pad, conv_loops.pad_backward),
    ("max pooling", lambda x: F.max_pool2d(x, 2), conv_loops.max_pool, conv_loops.max_pool_backward),
    ("average pooling", lambda x: F.avg_pool2d(x, 2), conv_loops.average_pool, conv_loops.average_pool_backward),
)


QUICK = {"images": 8, "size": 32, "repeats": 1}


@dataclass(frozen=True)
class Settings:
    """The sizes of the book: 128 images of 16 channels and 64x64 pixels, 32 filters of 5x5."""

    images: int = setting(128, "images N; those of a block are compared with float64", low=1)
    channels: int = setting(16, "channels C", low=1)
    size: int = setting(64, "height and width of an image", low=4)
    filters: int = setting(32, "filters O", low=1)
    kernel: int = setting(5, "height and width of a filter, at most an image's", low=1)
    block: int = setting(8, "images at a time for im2col and indices, whose columns take C K K times an image", low=1)
    loop_filters: int = setting(1, "filters that the loops compute, on one image", low=1)
    repeats: int = setting(2, "runs of each fast way, of which the fastest counts", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Two tables: ways to convolve, with their errors; padding and pooling by loops and by xdl."""
    s = settings
    if s.kernel > s.size:
        raise SettingError("conv-speed", f"a kernel of at most the images' {s.size}", s.kernel)
    x, w = xdl.randn(s.images, s.channels, s.size, s.size), xdl.randn(s.filters, s.channels, s.kernel, s.kernel)
    b, side = xdl.randn(s.filters), s.size - s.kernel + 1
    g = xdl.randn(s.images, s.filters, side, side)
    run.say(f"{tuple(x.shape)} images, {tuple(w.shape)} filters, float32, {xdl.get_num_threads()} threads")
    part = min(s.loop_filters, s.filters)
    share = s.images * s.filters / part
    first = x[: s.block], w, b, g[: s.block]  # whose results are checked
    truth = in_float64(*first)
    small = x[:1], w[:part], b[:part], g[:1, :part]
    true_part = in_float64(*small)
    found, by_loops = loops(*small)
    rows: list[tuple[Any, ...]] = [("loops", *[t * share for t in by_loops], 1.0, difference(found, true_part))]
    found, seconds = timed(Products(), *small, 1, 1)
    rows.append(("products", *[t * share for t in seconds], sum(by_loops) / sum(seconds), difference(found, true_part)))
    for name, way, block in (("im2col", Im2col(), s.block), ("indices", Indices(), s.block), ("xdl", Tape(), s.images)):
        _, seconds = timed(way, x, w, b, g, block, s.repeats)
        apart = difference(timed(way, *first, s.block, 1)[0], truth)
        rows.append((name, *seconds, share * sum(by_loops) / sum(seconds), apart))
    table = run.table(HEADINGS, rows)
    run.say(
        f"loops: {sum(by_loops):.3g} s for 1 image and {part} of {s.filters} filters, times {share:g}; products, too"
    )
    draw(run, s, table)
    around = run.table(("operation", "loops s", "xdl s", "times loops", "largest difference"), around_it(x, s.repeats))
    run.say(f"loops: one image of {s.images}, multiplied; forward and backward")
    return {"ways": table, "padding_and_pooling": around, "loops_share": share, "threads": xdl.get_num_threads()}


def draw(run: Run, settings: Settings, table: list[dict[str, Any]]) -> None:
    """Writes figures/times, the seconds and the errors of all ways on logarithmic axes, and says how they compare."""
    seconds = {row["way"]: row["forward s"] + row["backward s"] for row in table}
    errors = [row["largest difference"] or nan for row in table]
    slowest, fastest = max(seconds, key=seconds.__getitem__), min(seconds, key=seconds.__getitem__)
    largest = max(table, key=lambda row: row["largest difference"])
    as_there = replace(settings, block=8, loop_filters=1, repeats=2) == Settings()
    book = ", where the book measured 419.7 s" if as_there else ""
    see = run.see(
        f"{fastest} takes {seconds[fastest]:.2g} s, {slowest} would take {seconds[slowest]:,.0f} s, "
        f"{seconds[slowest] / seconds[fastest]:,.0f} times as long; products {seconds['products']:,.0f} s"
        f"{book}; the largest error is {largest['way']}'s, {largest['largest difference']:.1g}"
    )
    times = {part: [row[f"{part} s"] for row in table] for part in ("forward", "backward")}
    panels = {"seconds": times, "largest error, relative": {"": errors}}
    title = "one convolution in several ways, against float64"
    run.figure("times", plot.bars_data(list(seconds), panels, title, log=True), see)


def in_float64(x: Tensor, w: Tensor, b: Tensor, g: Tensor) -> list[Tensor]:
    """[y, dx, dw, db] of the same numbers in float64: the truth that all ways are compared with."""
    images, filters, biases, slopes = (t.to("float64") for t in (x, w, b, g))
    return timed(Im2col(), images, filters, biases, slopes, len(x), 1)[0]


def loops(x: Tensor, w: Tensor, b: Tensor, g: Tensor) -> tuple[list[Tensor], tuple[float, float]]:
    """[y, dx, dw, db] by loops, and the seconds forward and backward."""
    images, filters, biases, slopes = (t.tolist() for t in (x, w, b, g))
    start = perf_counter()
    y = conv_loops.convolve(images, filters, biases)
    middle = perf_counter()
    gradients = conv_loops.convolve_backward(slopes, images, filters)
    end = perf_counter()
    return [xdl.tensor(result, dtype="float64") for result in (y, *gradients)], (middle - start, end - middle)


def timed(
    way: Any, x: Tensor, w: Tensor, b: Tensor, g: Tensor, block: int, repeats: int
) -> tuple[list[Tensor], tuple[float, float]]:
    """[y, dx, dw, db] by one way, `block` images at a time, and the least seconds forward and backward."""
    best = (float("inf"), float("inf"))
    for _ in range(repeats):
        parts: list[tuple[Tensor, ...]] = []
        forward = backward = 0.0
        for low in range(0, x.shape[0], block):
            images, slopes = x[low : low + block], g[low : low + block]
            start = perf_counter()
            y, kept = way.forward(images, w, b)
            wait(y)
            middle = perf_counter()
            gradients = way.backward(slopes, kept)
            wait(gradients[0])
            forward, backward = forward + middle - start, backward + perf_counter() - middle
            parts.append((y, *gradients))
        best = min(best[0], forward), min(best[1], backward)
    y, dx, dw, db = zip(*parts, strict=True)
    return [F.cat(y), F.cat(dx), F.stack(dw).sum(0), F.stack(db).sum(0)], best


def wait(x: Tensor) -> None:
    """Until a device has done what it was asked to."""
    xdl.backend.of(x.array).synchronize()


def difference(found: list[Tensor], expected: list[Tensor]) -> float:
    """The largest difference of any result from what is expected, relative to the largest value of that."""
    return max(float((a.to("float64") - b).abs().max() / b.abs().max()) for a, b in zip(found, expected, strict=True))


def around_it(x: Tensor, repeats: int) -> list[tuple[Any, ...]]:
    """Padding by 2, and 2x2 pooling: loops on one image multiplied to all, xdl on all."""
    one = x[:1].tolist()
    rows = []
    for name, fast, forward, backward in OPERATIONS:
        seconds = float("inf")
        for _ in range(repeats):
            images = x.detach().requires_grad_()
            start = perf_counter()
            y = fast(images)
            gradients: Any = xdl.grad(y, images, y.detach())
            wait(y)
            seconds = min(seconds, perf_counter() - start)
        start = perf_counter()
        plain = forward(one, 2)
        slopes = backward(plain, one, 2)
        slow = (perf_counter() - start) * x.shape[0]
        right = [xdl.tensor(values, dtype="float64") for values in (plain, slopes)]
        apart = difference([y[:1].detach(), gradients[0][:1]], right)
        rows.append((name, slow, seconds, slow / seconds, apart))
    return rows
