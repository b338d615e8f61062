"""A process that holds one library and runs workloads on command, one JSON line in and one out.

{"make": name} builds a workload, warms it up and answers {"megabytes": growth of the process's peak memory};
{"digest": name} builds a workload anew and answers {"digest": what one run computes}, for sequences;
{"run": name, "seconds": s} answers {"seconds": median of a step}; {"about": true} answers {"about": what computes}.
"""

from __future__ import annotations

import json
import resource
import sys
from importlib import import_module
from statistics import median
from time import perf_counter

PARTS = {"xdl": ("xdl.models.energy", "xdl.train")}  # that workloads use, and the library itself does not load


def measure(run, seconds: float) -> float:  # type: ignore[no-untyped-def]
    """The median time of one step, measured for about `seconds`."""
    times = []
    end = perf_counter() + seconds
    while perf_counter() < end or len(times) < 3:
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    return median(times)


def builder(name: str):  # type: ignore[no-untyped-def]
    """What builds the named workload. NumPy is loaded here, after the library, as in a program that begins with it."""
    from convolution import CONVOLUTIONS, convolution
    from functions import FUNCTIONS, function
    from generative.steps import GENERATIVE, generative
    from sequences import SEQUENCES, sequence
    from updates import UPDATES, update
    from workloads import step

    suites = {
        update: UPDATES,
        function: FUNCTIONS,
        convolution: CONVOLUTIONS,
        sequence: SEQUENCES,
        generative: GENERATIVE,
    }
    return next((build for build, names in suites.items() if name in names), step)


def about(library: str) -> str:
    """The library that computes, its version, and the instructions that it uses."""
    if library == "torch":
        import torch

        return f"PyTorch {torch.__version__} with {torch.backends.cpu.get_cpu_capability()}"
    import numpy
    from threadpoolctl import threadpool_info

    blas, *_ = (info for info in threadpool_info() if info["internal_api"] == "openblas")  # SciPy, too, brings one
    compiled = f", kernels compiled by Numba {sys.modules['numba'].__version__}" if "numba" in sys.modules else ""
    return f"NumPy {numpy.__version__} with OpenBLAS for {blas['architecture']}{compiled}"


def warm_up(framework) -> None:  # type: ignore[no-untyped-def]
    """A training step of a tiny net, so that what a library loads at its first step is not counted as a workload's."""
    layers = framework.nn.GRU(4, 4), framework.nn.Linear(4, 2)
    optimizer = framework.optim.Adam([p for layer in layers for p in layer.parameters()])
    scores = layers[1](layers[0](framework.zeros(2, 2, 4))[0]).reshape(4, 2)
    framework.nn.CrossEntropyLoss()(scores, framework.tensor([0, 1, 1, 0])).backward()
    optimizer.step()


def main(library: str, threads: int) -> None:
    """Serves commands from standard input until it closes."""
    framework = __import__(library.split()[0])
    for part in PARTS.get(framework.__name__, ()):
        import_module(part)
    framework.set_num_threads(threads)
    warm_up(framework)
    made = {}
    for line in sys.stdin:
        command = json.loads(line)
        if "make" in command:
            name = command["make"]
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            made[name] = builder(name)(library.removesuffix(" captured"), name)
            if library.endswith(" captured"):
                made[name] = framework.capture(made[name])
            for _ in range(3):
                made[name]()
            growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            print(json.dumps({"megabytes": growth / 1024}), flush=True)
        elif "digest" in command:
            name = command["digest"]
            print(json.dumps({"digest": builder(name)(library.removesuffix(" captured"), name).digest()}), flush=True)
        elif "about" in command:
            print(json.dumps({"about": about(library)}), flush=True)
        else:
            print(json.dumps({"seconds": measure(made[command["run"]], command["seconds"])}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
