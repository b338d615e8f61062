"""Training steps, functions, updates, convolutions, sequences or generative models of xdl beside PyTorch: alternating
processes, as many threads.

    python bench/compare.py [--suite steps|functions|updates|conv|sequences|generative] [--only TEXT] [--captured]
                            [--threads 1 2] [--rounds 7] [--instructions own|avx2] [--seconds 0.5] [--json FILE]

Each library runs in a process of its own, so that their thread pools do not meet. The parent lets them run in turn,
in changing order, so that both see the same state of the machine, and prints PyTorch's time over xdl's: above 1
xdl is faster. Both use the widest instructions that they find, or none beyond AVX2: where the environment holds one of
them back, that is lifted. Convolutions are compared with PyTorch's channels_last too. Megabytes are the growth of a
process's peak memory by building and running the workload, after a tiny step that loads what a library needs; one of
xdl's has compiled its loops before, so that no compiler's memory is counted. Of sequences, both must compute the same
numbers before they are timed. With --captured xdl's steps are captured ones, beside PyTorch's and its own. At the end
comes a table in Markdown. Needs `pip install torch`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from statistics import geometric_mean, median
from typing import Any

from convolution import CONVOLUTIONS
from functions import FUNCTIONS
from generative.steps import GENERATIVE
from sequences import SEQUENCES, difference
from updates import UPDATES
from workloads import NAMES

LIBRARIES = ("torch", "xdl")
WITH_LAYOUT = ("torch", "torch channels_last", "xdl")
CAPTURED = "xdl captured"
AVX2 = {  # NumPy's names for what it may leave out changed with 2.4; it passes over those that it does not know
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL",
}
SUITES = {
    "steps": NAMES,
    "functions": FUNCTIONS,
    "updates": UPDATES,
    "conv": CONVOLUTIONS,
    "sequences": SEQUENCES,
    "generative": GENERATIVE,
}


class Worker:
    """A `worker.py` process of one library."""

    def __init__(self, library: str, threads: int, instructions: str) -> None:
        count = str(threads)
        own = {name: value for name, value in os.environ.items() if name not in AVX2}
        limits = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "XDL_NUM_THREADS"), count)
        here = Path(__file__).parent
        paths = os.pathsep.join([str(here.parent), os.environ.get("PYTHONPATH", "")])
        self.process = subprocess.Popen(
            [sys.executable, str(here / "worker.py"), library, count],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**own, **(AVX2 if instructions == "avx2" else {}), **limits, "PYTHONPATH": paths},
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


def compare(name: str, threads: int, given: argparse.Namespace, libraries: tuple[str, ...]) -> dict[str, float]:
    """{library: median seconds of a run, "ratio to ...": over the last one's, "megabytes of ...": peak memory}."""
    first = Worker(libraries[-1], threads, given.instructions)
    first.ask(make=name)
    first.close()
    workers = {library: Worker(library, threads, given.instructions) for library in libraries}
    memory = {library: worker.ask(make=name)["megabytes"] for library, worker in workers.items()}
    if given.suite == "sequences":
        differs = difference(*(worker.ask(digest=name)["digest"] for worker in workers.values()))
        if differs:
            raise SystemExit(f"{name}: {' and '.join(libraries)} compute different numbers: {differs}")
    times: dict[str, list[float]] = {library: [] for library in libraries}
    for i in range(given.rounds):
        for library in libraries if i % 2 else libraries[::-1]:
            times[library].append(workers[library].ask(run=name, seconds=given.seconds)["seconds"])
    for worker in workers.values():
        worker.close()
    *others, ours = libraries
    ratios = {library: median(t / x for t, x in zip(times[library], times[ours], strict=True)) for library in others}
    print(
        f"{name:34s} {threads} thread{'s' if threads > 1 else ' '}",
        *(f" {library} {median(times[library]) * 1e3:.3f} ms {memory[library]:.0f} MB" for library in libraries),
        *(f" ratio to {library} {ratio:.2f}" for library, ratio in ratios.items()),
        flush=True,
    )
    return (
        {library: median(values) for library, values in times.items()}
        | {f"ratio to {library}": ratio for library, ratio in ratios.items()}
        | {f"megabytes of {library}": value for library, value in memory.items()}
    )


def markdown(results: dict[str, dict[str, dict[str, float]]], library: str, ours: str = "xdl") -> list[str]:
    """The ratios of times and of the growth of peak memory as lines of Markdown: {threads: {name: row}}."""
    counts = list(results)
    kinds = [f"{what}, {n} thread{'s' if n != '1' else ''}" for what in ("time", "peak memory") for n in counts]
    lines = [f"| {library}'s over {ours}'s | {' | '.join(kinds)} |", "|---" * (len(kinds) + 1) + "|"]
    for name in results[counts[0]]:
        rows = [results[n][name] for n in counts]
        times = [f"{row[f'ratio to {library}']:.2f}" for row in rows]
        grown = [(row[f"megabytes of {library}"], row[f"megabytes of {ours}"]) for row in rows]
        memory = [f"{a / b:.2f}" if b >= 1 else f"{a:.0f} MB / {b:.0f} MB" for a, b in grown]
        lines.append(f"| {name} | {' | '.join(times + memory)} |")
    return lines


def main() -> None:
    """Measures, prints a table and the geometric mean, and writes JSON where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--suite", choices=SUITES, default="steps")
    parser.add_argument("--only", default="", help="measure only workloads with this text in their names")
    parser.add_argument("--threads", type=int, nargs="+", default=[os.cpu_count() or 1])
    parser.add_argument("--instructions", choices=("own", "avx2"), default="own")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--captured", action="store_true", help="xdl's steps as captured ones, not for functions")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    about = []
    for library in LIBRARIES:
        worker = Worker(library, 1, given.instructions)
        about.append(worker.ask(about=True)["about"])
        worker.close()
    print(*about, f"Python {platform.python_version()}, float32", sep=", ")
    libraries = (*(WITH_LAYOUT if given.suite == "conv" else LIBRARIES), *([CAPTURED] if given.captured else []))
    names = [name for name in SUITES[given.suite] if given.only in name]
    results = {
        str(threads): {name: compare(name, threads, given, libraries) for name in names} for threads in given.threads
    }
    for threads, table in results.items():
        for library in libraries[:-1]:
            mean = geometric_mean(row[f"ratio to {library}"] for row in table.values())
            print(f"geometric mean of the ratios to {library}, {threads} threads: {mean:.2f}")
    for library in libraries[:-1]:
        print("", *markdown(results, library, libraries[-1]), sep="\n")
    if given.json:
        given.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
