"""A process that holds one library and runs workloads on command, one JSON line in and one out.

{"make": name} builds a workload and warms it up; {"run": name, "seconds": s} answers {"seconds": median of a step}.
"""

from __future__ import annotations

import json
import sys
from statistics import median
from time import perf_counter

from functions import FUNCTIONS, function
from updates import UPDATES, update
from workloads import step


def measure(run, seconds: float) -> float:  # type: ignore[no-untyped-def]
    """The median time of one step, measured for about `seconds`."""
    times = []
    end = perf_counter() + seconds
    while perf_counter() < end or len(times) < 3:
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    return median(times)


def main(library: str, threads: int) -> None:
    """Serves commands from standard input until it closes."""
    __import__(library).set_num_threads(threads)
    made = {}
    for line in sys.stdin:
        command = json.loads(line)
        if "make" in command:
            name = command["make"]
            build = update if name in UPDATES else function if name in FUNCTIONS else step
            made[name] = build(library, name)
            for _ in range(3):
                made[name]()
            print(json.dumps({}), flush=True)
        else:
            print(json.dumps({"seconds": measure(made[command["run"]], command["seconds"])}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
