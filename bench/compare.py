"""Training steps, functions or optimizer updates of xdl beside PyTorch: alternating processes, as many threads.

    python bench/compare.py [--suite steps|functions|updates] [--threads 1 2] [--rounds 7] [--seconds 0.5] [--json FILE]

Each library runs in a process of its own, so that their thread pools do not meet. The parent lets them run in turn,
in changing order, so that both see the same state of the machine, and prints PyTorch's time over xdl's: above 1
xdl is faster. Needs `pip install torch`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from statistics import geometric_mean, median
from typing import Any

from functions import FUNCTIONS
from updates import UPDATES
from workloads import NAMES

LIBRARIES = ("torch", "xdl")
SUITES = {"steps": NAMES, "functions": FUNCTIONS, "updates": UPDATES}


class Worker:
    """A `worker.py` process of one library."""

    def __init__(self, library: str, threads: int) -> None:
        count = str(threads)
        limits = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "XDL_NUM_THREADS"), count)
        here = Path(__file__).parent
        paths = os.pathsep.join([str(here.parent), os.environ.get("PYTHONPATH", "")])
        self.process = subprocess.Popen(
            [sys.executable, str(here / "worker.py"), library, count],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **limits, "PYTHONPATH": paths},
        )

    def ask(self, **command: Any) -> dict[str, Any]:
        """The answer to one command."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps(command), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"the {self.process.args} worker ended: see its message above")
        return dict(json.loads(line))

    def close(self) -> None:
        """Ends the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def compare(names: tuple[str, ...], threads: int, rounds: int, seconds: float) -> dict[str, dict[str, float]]:
    """{workload: {library: median seconds of a step, "ratio": PyTorch's over xdl's}}."""
    workers = {library: Worker(library, threads) for library in LIBRARIES}
    results = {}
    for name in names:
        times: dict[str, list[float]] = {library: [] for library in LIBRARIES}
        for worker in workers.values():
            worker.ask(make=name)
        for i in range(rounds):
            for library in LIBRARIES if i % 2 else LIBRARIES[::-1]:
                times[library].append(workers[library].ask(run=name, seconds=seconds)["seconds"])
        middle = {library: median(values) for library, values in times.items()}
        ratio = median(t / x for t, x in zip(times["torch"], times["xdl"], strict=True))
        results[name] = {**middle, "ratio": ratio}
        print(
            f"{name:32s} {threads} thread{'s' if threads > 1 else ' '}  torch {middle['torch'] * 1e3:9.3f} ms  "
            f"xdl {middle['xdl'] * 1e3:9.3f} ms  ratio {ratio:6.2f}",
            flush=True,
        )
    for worker in workers.values():
        worker.close()
    return results


def main() -> None:
    """Measures, prints a table and the geometric mean, and writes JSON where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--suite", choices=SUITES, default="steps")
    parser.add_argument("--threads", type=int, nargs="+", default=[os.cpu_count() or 1])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    print(f"PyTorch {version('torch')}, NumPy {version('numpy')}, Python {platform.python_version()}, float32")
    results = {
        str(threads): compare(SUITES[given.suite], threads, given.rounds, given.seconds) for threads in given.threads
    }
    for threads, table in results.items():
        mean = geometric_mean(row["ratio"] for row in table.values())
        print(f"geometric mean of the ratios, {threads} threads: {mean:.2f}")
    if given.json:
        given.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
