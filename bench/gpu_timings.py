"""The sections of gpu_report.py that measure: ceilings of the device, and xdl's times beside PyTorch's on it.

A time is the median over several rounds of calls with one wait at the end of each, so launches count as users pay for
them. A ratio is PyTorch's time over xdl's: above 1 xdl is faster. Precision "tf32" allows both libraries TF32.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from statistics import median
from time import perf_counter
from typing import Any

from workloads import LENET, MLPS, step

from xdl import backend, kernel
from xdl.kernels.cuda.launch import Device

Rows = Iterator[dict[str, Any]]
Call = Callable[[], Any]
ROUNDS = 7
ROUND_SECONDS = 0.05

LSTMS = ((100, 64, 512), (100, 16, 512), (100, 64, 256), (100, 64, 128))  # T, B, H; as many inputs as H
CONVOLUTIONS = (  # N, C, size, O, kernel
    (128, 16, 32, 32, 3),
    (128, 64, 32, 64, 3),
    (32, 64, 56, 64, 3),
    (32, 64, 56, 128, 1),
    (128, 128, 16, 128, 3),
    (32, 128, 28, 128, 3),
    (32, 32, 56, 32, 5),
)


def device(dry_run: bool) -> Device:
    """The device to measure, with its backend in use."""
    chosen: Any = backend.use("cuda-on-host" if dry_run else "cupy")
    found: Device = chosen.device
    return found


def seconds(run: Call, synchronize: Call, dry_run: bool) -> float:
    """The median time of a call."""
    for _ in range(1 if dry_run else 3):
        run()
    once = _round(run, synchronize, 1)
    count = 1 if dry_run else max(1, min(500, int(ROUND_SECONDS / once)))
    return median(_round(run, synchronize, count) for _ in range(1 if dry_run else ROUNDS))


def _round(run: Call, synchronize: Call, count: int) -> float:
    synchronize()
    start = perf_counter()
    for _ in range(count):
        run()
    synchronize()
    return (perf_counter() - start) / count


def torch_on_gpu(dry_run: bool) -> Any:
    """PyTorch, making its tensors on the GPU; None where there is none."""
    if dry_run:
        return None
    try:
        torch: Any = import_module("torch")
    except ImportError:
        return None
    if not torch.cuda.is_available():
        return None
    torch.set_default_device("cuda")
    return torch


def set_precision(torch: Any, precision: str) -> None:
    """The same in both libraries."""
    kernel.set_precision(precision)
    if torch is not None:
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tf32"


def beside(name: str, ours: Call, theirs: dict[str, Callable[[], Call]], torch: Any, dry_run: bool) -> dict[str, Any]:
    """A row with xdl's time and those of PyTorch's variants. A variant that fails is named with its error.

    theirs: makes the call to measure, by the variant's name; "eager" is what the ratio compares with
    """
    row: dict[str, Any] = {"name": name, "precision": kernel.get_precision()}
    row["xdl"] = seconds(ours, backend.current().synchronize, dry_run)
    for variant, make in theirs.items() if torch is not None else ():
        try:
            row[f"torch {variant}"] = seconds(make(), torch.cuda.synchronize, dry_run)
        except Exception as error:
            row[f"torch {variant}"] = f"{type(error).__name__}: {str(error)[:300]}"
    if isinstance(row.get("torch eager"), float):
        row["ratio"] = row["torch eager"] / row["xdl"]
        row["ratio_to_best"] = min(t for key, t in row.items() if key.startswith("torch") and isinstance(t, float))
        row["ratio_to_best"] /= row["xdl"]
    return row


def ceilings(dry_run: bool) -> Rows:
    """Bytes a second of a copy, operations a second of a product."""
    gpu, torch = device(dry_run), torch_on_gpu(dry_run)
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


def lstm(dry_run: bool) -> Rows:
    """An LSTM layer over whole sequences: forward alone, and with backward."""
    device(dry_run)
    torch = torch_on_gpu(dry_run)
    for steps_, batch, hidden in ((3, 2, 128),) if dry_run else LSTMS:
        for precision in ("float32", "tf32"):
            set_precision(torch, precision)
            for kind, make in (("forward", lstm_forward), ("forward and backward", lstm_both)):
                name = f"LSTM T={steps_} B={batch} H={hidden} {kind}"
                sizes = (steps_, batch, hidden)
                theirs = {"eager": lambda make=make, sizes=sizes: make("torch", *sizes)}
                yield beside(name, make("xdl", *sizes), theirs, torch, dry_run)


def lstm_forward(library: str, steps_: int, batch: int, hidden: int) -> Call:
    """A forward pass that records nothing."""
    framework: Any = import_module(library)
    layer, x = framework.nn.LSTM(hidden, hidden), framework.randn(steps_, batch, hidden)

    def run() -> None:
        with framework.no_grad():
            layer(x)

    return run


def lstm_both(library: str, steps_: int, batch: int, hidden: int) -> Call:
    """Forward and all gradients."""
    framework: Any = import_module(library)
    layer, x = framework.nn.LSTM(hidden, hidden), framework.randn(steps_, batch, hidden)

    def run() -> None:
        for p in layer.parameters():
            p.grad = None
        layer(x)[0].sum().backward()

    return run


def convolution(dry_run: bool) -> Rows:
    """Forward passes of one convolution with bias, stride 1, and as much padding as keeps the size."""
    device(dry_run)
    torch = torch_on_gpu(dry_run)
    for sizes in ((1, 8, 6, 8, 3),) if dry_run else CONVOLUTIONS:
        for precision in ("float32", "tf32"):
            set_precision(torch, precision)
            n, c, size, o, k = sizes
            name = f"conv {k}x{k} {c}->{o}, {n} images {size}x{size}"
            theirs = {
                "eager": lambda sizes=sizes: conv_forward("torch", *sizes),
                "channels_last": lambda sizes=sizes: conv_forward("torch", *sizes, channels_last=True),
            }
            yield beside(name, conv_forward("xdl", *sizes), theirs, torch, dry_run)


def conv_forward(library: str, n: int, c: int, size: int, o: int, k: int, channels_last: bool = False) -> Call:
    """A forward pass that records nothing."""
    framework: Any = import_module(library)
    layer, x = framework.nn.Conv2d(c, o, k, padding=k // 2), framework.randn(n, c, size, size)
    if channels_last:
        layer, x = (a.to(memory_format=framework.channels_last) for a in (layer, x))

    def run() -> None:
        with framework.no_grad():
            layer(x)

    return run


def steps(dry_run: bool) -> Rows:
    """Training steps of small networks: eager, channels last, compiled."""
    device(dry_run)
    torch = torch_on_gpu(dry_run)
    set_precision(torch, "float32")
    names = ("mlp 32-32-32-10, batch 16", LENET) if dry_run else (*MLPS, LENET)
    for name in names:
        theirs = {
            "eager": lambda name=name: step("torch", name),
            "channels_last": lambda name=name: step(
                "torch", name, lambda model: model.to(memory_format=torch.channels_last)
            ),
            "compiled": lambda name=name: step(
                "torch", name, lambda model: torch.compile(model, mode="reduce-overhead")
            ),
        }
        if name != LENET:
            del theirs["channels_last"]
        yield beside(name, step("xdl", name), theirs, torch, dry_run)
