"""Where the time of a training step goes: products, transforms, copies, allocation, Python, and the machine's limits.

    python bench/where.py [--only TEXT] [--steps 20] [--json FILE]

A timer interrupts the step a thousand times a second and looks which line of xdl is running; a line inside NumPy is
seen when NumPy returns, and is given all the time since the last look. Everything runs on one thread, so that nothing
runs unseen. The limits are those of one thread too: a product of 1024x1024 matrices, and a copy of 64 MiB.
"""

from __future__ import annotations

import argparse
import json
import linecache
import os
import signal
from collections import defaultdict
from pathlib import Path
from time import perf_counter
from types import CodeType, FrameType
from typing import Any

os.environ.update(dict.fromkeys(("XDL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))  # before NumPy is loaded

import numpy as np
from convolution import convolution
from networks import NETS

import xdl

ROOT = Path(__file__).resolve().parents[1]
INTERVAL = 0.001
COPIES = ("copyto(", "ascontiguousarray(", "as_strided(", ".astype(")
PRODUCTS = ("matmul(", " @ ")
TRANSFORMS = ("self.matrix, ", "matmul(gg, ", "matmul(forth, ", "matmul(back, ")  # of Winograd's and Fourier's ways
FAMILIES = {  # files of kernels/numpy by their beginning; its folder conv is told by lines
    "norm": "batch norm",
    "pool": "pooling",
    "optim": "optimizer",
    "blocks": "optimizer",
    "activation": "ReLU and other elementwise",
    "pointwise": "ReLU and other elementwise",
    "loss": "loss",
    "softmax": "loss",
    "rows": "loss",
}


def kind(path: Path, line: str) -> str:
    """What a line of the repository spends its time on."""
    folder = path.relative_to(ROOT).parent.parts[:3] if path.is_relative_to(ROOT) else ()
    if folder[:2] != ("kernels", "numpy"):
        if any(word in line for word in PRODUCTS):
            return "products (GEMM)"
        return "Python, and small NumPy calls outside of kernels"
    if path.stem == "buffers":
        return "allocation"
    for start, family in FAMILIES.items():
        if folder == ("kernels", "numpy") and path.stem.startswith(start):
            return family
    if any(word in line for word in TRANSFORMS):
        return "transforms (Winograd, Fourier)"
    if any(word in line for word in PRODUCTS):
        return "products (GEMM)"
    if any(word in line for word in COPIES):
        return "copies (columns, tiles, layouts)"
    return "rest of the convolutions"


class Watch:
    """Inside `with`, gathers the time of each line of the repository, the innermost one that runs."""

    def __init__(self) -> None:
        self.lines: dict[tuple[CodeType, int], float] = defaultdict(float)
        self.last = 0.0

    def look(self, _: int, frame: FrameType | None) -> None:
        """Gives the time since the last look to the line."""
        while frame is not None and not frame.f_code.co_filename.startswith(str(ROOT)):
            frame = frame.f_back
        now = perf_counter()
        if frame is not None:
            self.lines[frame.f_code, frame.f_lineno or 0] += now - self.last
        self.last = now

    def kinds(self) -> dict[str, float]:
        """The seconds of each kind, the longest first."""
        seconds: dict[str, float] = defaultdict(float)
        for (code, number), spent in self.lines.items():
            path = Path(code.co_filename)
            seconds[kind(path, linecache.getline(str(path), number))] += spent
        return dict(sorted(seconds.items(), key=lambda item: -item[1]))

    def __enter__(self) -> Watch:
        self.last = perf_counter()
        signal.signal(signal.SIGALRM, self.look)
        signal.setitimer(signal.ITIMER_REAL, INTERVAL, INTERVAL)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


def limits() -> tuple[float, float]:
    """GFLOP/s of a large product, and GB/s (read and written) of a large copy, the best of five."""
    a, b = np.ones((1024, 1024), np.float32), np.empty((1024, 1024), np.float32)
    source, target = np.ones(1 << 24, np.float32), np.empty(1 << 24, np.float32)
    product, copy = [], []
    for _ in range(5):
        started = perf_counter()
        np.matmul(a, a, out=b)
        product.append(perf_counter() - started)
        started = perf_counter()
        np.copyto(target, source)
        copy.append(perf_counter() - started)
    return 2 * 1024**3 / min(product) / 1e9, 2 * source.nbytes / min(copy) / 1e9


def profile(name: str, steps: int) -> dict[str, Any]:
    """The milliseconds a step of each kind, the whole step, and what its arithmetic takes at the limit."""
    step = convolution("xdl", name)
    for _ in range(3):
        step()
    started = perf_counter()
    with Watch() as watch:
        for _ in range(steps):
            step()
    whole = perf_counter() - started
    build, shape = NETS[name]
    operations = 3 * build(xdl.nn).summary(shape).flops  # the backward pass costs about twice the forward pass
    return {
        "step_ms": 1000 * whole / steps,
        "kinds_ms": {what: 1000 * seconds / steps for what, seconds in watch.kinds().items()},
        "gigaflops": operations / 1e9,
        "gigaflops_per_second": operations * steps / whole / 1e9,
    }


def main() -> None:
    """Prints a table for every net."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--only", default="", help="nets whose name contains this")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    product, copy = limits()
    print(f"limits of one thread: {product:.0f} GFLOP/s in a product, {copy:.1f} GB/s in a copy")
    results = {}
    for name in [name for name in NETS if given.only in name]:
        found = results[name] = profile(name, given.steps)
        print(
            f"\n{name}: {found['step_ms']:.1f} ms a step; {found['gigaflops']:.2f} GFLOP counted directly, "
            f"{found['gigaflops_per_second']:.0f} GFLOP/s, {found['gigaflops_per_second'] / product:.0%} of the limit"
        )
        for what, ms in found["kinds_ms"].items():
            print(f"  {what:50} {ms:8.2f} ms  {ms / found['step_ms']:6.1%}")
    if given.json:
        given.json.write_text(json.dumps({"product": product, "copy": copy, "nets": results}, indent=2) + "\n")


if __name__ == "__main__":
    main()
