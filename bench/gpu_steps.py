"""The sections of gpu_report.py about all but single layers: first use, ceilings of the device, functions, training
steps, and launches. How times are taken: gpu_timings.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from time import perf_counter
from typing import Any

import gpu_timings
import launches as launch_costs
from gpu_timings import Call, beside, seconds, set_precision, torch_on_gpu
from workloads import LENET, MLPS, RESNET18, RESNET20, step

import xdl
from xdl import backend, kernel

Rows = Iterator[dict[str, Any]]
SMALL_MLP = "mlp 32-32-32-10, batch 16"
COUNTED = (SMALL_MLP, LENET, RESNET20, RESNET18)
FUNCTIONS: dict[str, tuple[Callable[[Any, int], Any], tuple[int, ...]]] = {  # module (of a width), shape of its input
    "GELU": (lambda nn, width: nn.GELU(), (8192, 2048)),  # noqa: ARG005
    "layer norm": (lambda nn, width: nn.LayerNorm(width), (8192, 1024)),
    "softmax": (lambda nn, width: nn.Softmax(-1), (8192, 1024)),  # noqa: ARG005
    "batch norm": (lambda nn, width: nn.BatchNorm2d(width), (64, 32, 32, 128)),
}


def compilation(dry_run: bool) -> Rows:
    """Seconds of the first run of what is measured later, which compiles what no section has compiled yet, and of the
    second."""
    synchronize = gpu_timings.device(dry_run).synchronize
    for precision in ("float32",) if dry_run else ("float32", "tf32"):
        kernel.set_precision(precision)
        for name, run in _runs(dry_run):
            times = []
            for _ in range(2):
                start = perf_counter()
                run()
                synchronize()
                times.append(perf_counter() - start)
            yield {"name": name, "precision": precision, "first": times[0], "second": times[1]}


def ceilings(dry_run: bool) -> Rows:
    """Bytes a second of a copy, operations a second of a product."""
    gpu, torch = gpu_timings.device(dry_run), torch_on_gpu(dry_run)
    source, target = (gpu.empty((1 << 14 if dry_run else 1 << 28,), "float32") for _ in range(2))
    time = seconds(lambda: gpu.copy(source, target), gpu.synchronize, dry_run)
    yield {"name": "copy", "GB_per_s": 2 * source.nbytes / time / 1e9}
    n = 64 if dry_run else 8192
    for dtype in ("float32", "float64"):
        a, b, out = (gpu.empty((n, n), dtype) for _ in range(3))
        for array in (a, b):
            array[...] = 0.5
        time = seconds(lambda a=a, b=b, out=out: gpu.gemm(a, b, out), gpu.synchronize, dry_run)
        yield {"name": f"GEMM {dtype}", "TFLOP_per_s": 2 * n**3 / time / 1e12}
    for precision in ("float32", "tf32") if torch is not None else ():
        set_precision(torch, precision)
        a, b = torch.randn(n, n), torch.randn(n, n)
        time = seconds(lambda a=a, b=b: a @ b, torch.cuda.synchronize, dry_run)
        yield {"name": f"PyTorch GEMM {precision}", "TFLOP_per_s": 2 * n**3 / time / 1e12}


def _runs(dry_run: bool) -> Iterator[tuple[str, Call]]:
    """What is looked at apart from its time."""
    steps_, batch, hidden = sizes = (3, 2, 128) if dry_run else gpu_timings.LSTMS[0]
    yield f"LSTM T={steps_} B={batch} H={hidden} forward and backward", gpu_timings.lstm_both("xdl", *sizes)
    for name in (SMALL_MLP,) if dry_run else COUNTED:
        yield name, step("xdl", name)


def functions(dry_run: bool) -> Rows:
    """Functions of one launch or two: forward alone, and with backward."""
    gpu_timings.device(dry_run)
    torch = torch_on_gpu(dry_run)
    set_precision(torch, "float32")
    for name, (_, shape) in FUNCTIONS.items():
        small = tuple(min(size, 8) for size in shape) if dry_run else shape
        for kind, make in (("forward", function_forward), ("forward and backward", function_both)):
            theirs = {"eager": lambda make=make, name=name, small=small: make("torch", name, small)}
            yield beside(f"{name} {kind}", make("xdl", name, small), theirs, torch, dry_run)


def function_forward(library: str, name: str, shape: tuple[int, ...]) -> Call:
    """A forward pass that records nothing."""
    return gpu_timings.forward(library, *_function(library, name, shape))


def function_both(library: str, name: str, shape: tuple[int, ...]) -> Call:
    """Forward and all gradients."""
    return gpu_timings.both(*_function(library, name, shape))


def _function(library: str, name: str, shape: tuple[int, ...]) -> tuple[Any, Any]:
    framework: Any = import_module(library)
    make, _ = FUNCTIONS[name]
    width = shape[1] if name == "batch norm" else shape[-1]
    return make(framework.nn, width), framework.randn(*shape)


def step_names(dry_run: bool) -> tuple[str, ...]:
    """The training steps to measure."""
    return (SMALL_MLP, LENET) if dry_run else (RESNET18, *MLPS, LENET)


def steps(dry_run: bool) -> Rows:
    """Training steps, eager and captured, beside PyTorch's eager and channels last."""
    gpu_timings.device(dry_run)
    torch = torch_on_gpu(dry_run)
    for name in step_names(dry_run):
        for precision in ("float32", "tf32") if name == RESNET18 else ("float32",):
            set_precision(torch, precision)
            theirs = {"eager": lambda name=name: step("torch", name)}
            if name not in MLPS:
                theirs["channels_last"] = lambda name=name: step("torch", name, _channels_last)
            captured = lambda name=name: xdl.capture(step("xdl", name))  # noqa: E731
            yield beside(name, step("xdl", name), theirs, torch, dry_run, captured)


def compiled(dry_run: bool) -> Rows:
    """The same steps beside PyTorch's compiler, which takes long."""
    gpu_timings.device(dry_run)
    torch = torch_on_gpu(dry_run)
    if torch is None:
        yield {"name": "PyTorch", "state": "not usable on a GPU here"}
        return
    set_precision(torch, "float32")
    for name in (*MLPS, LENET):
        theirs = {"compiled": lambda name=name: step("torch", name, _compiled)}
        yield beside(f"{name}, compiled", step("xdl", name), theirs, torch, dry_run)


def _channels_last(model: Any) -> Any:
    return model.to(memory_format=import_module("torch").channels_last)


def _compiled(model: Any) -> Any:
    return import_module("torch").compile(model, mode="reduce-overhead")


def launches(dry_run: bool) -> Rows:
    """Microseconds of Python of a launch, and how many launches of own kernels and calls of cuBLAS a step makes."""
    device = gpu_timings.device(dry_run)
    idle = launch_costs.IdleDevice() if dry_run else launch_costs.IdleCard()
    for name, microseconds in launch_costs.costs(idle, rounds=1 if dry_run else launch_costs.ROUNDS):
        yield {"name": f"host: {name}", "us": microseconds}
    for name, run in _runs(dry_run):
        own, products = counted(device, run)
        yield {"name": f"step: {name}", "own": own, "products": products, "launches": own + products}
    backend.current().synchronize()


def counted(device: Any, run: Call) -> tuple[int, int]:
    """Launches of own kernels and products of a run after the first. CuPy's own kernels are counted by the tests, on a
    stand-in for CuPy.
    """
    numbers = {"launch": 0, "product": 0}

    def counting(name: str) -> Callable[..., None]:
        original = getattr(device, name)

        def call(*arguments: Any) -> None:
            numbers[name] += 1
            original(*arguments)

        return call

    run()
    for name in numbers:
        setattr(device, name, counting(name))
    try:
        run()
    finally:
        for name in numbers:
            delattr(device, name)
    return numbers["launch"], numbers["product"]
