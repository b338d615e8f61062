"""The time from an empty process to the first training step, and the peak memory of it, beside PyTorch.

    python bench/startup.py [--rounds 7]

Each round starts one fresh process for each library that imports it and runs one step of a small network, and one
for Python alone, whose time is taken off. Needs `pip install torch`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

PROGRAMS = {
    "python": "",
    "import": "import {library}",
    "first step": "from workloads import step; step('{library}', 'mlp 32-32-32-10, batch 16')()",
}
PEAK = "\nimport resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"


def run(program: str) -> tuple[float, float]:
    """Seconds and peak MiB of a fresh process."""
    here = Path(__file__).parent
    start = perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", program + PEAK],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(here), str(here.parent)])},
    )
    return perf_counter() - start, int(done.stdout) / 1024


def main() -> None:
    """Prints a table of medians and ratios."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    for name in ("import", "first step"):
        seconds: dict[str, list[float]] = {"torch": [], "xdl": []}
        memory: dict[str, list[float]] = {"torch": [], "xdl": []}
        for _ in range(rounds):
            bare = run(PROGRAMS["python"])[0]
            for library in seconds:
                taken, peak = run(PROGRAMS[name].format(library=library))
                seconds[library].append(taken - bare)
                memory[library].append(peak)
        times = {library: median(values) for library, values in seconds.items()}
        peaks = {library: median(values) for library, values in memory.items()}
        print(
            f"{name:12s} torch {times['torch']:6.3f} s, {peaks['torch']:5.0f} MiB   xdl {times['xdl']:6.3f} s, "
            f"{peaks['xdl']:5.0f} MiB   ratio {times['torch'] / times['xdl']:5.1f}"
        )


if __name__ == "__main__":
    main()
