"""The sections of gpu_report.py that measure layers beside PyTorch's, and how all of them measure.

A time is the median over several rounds of calls with one wait at the end of each, so launches count as users pay for
them; calls before that compile and warm up. A ratio is PyTorch's time over xdl's: above 1 xdl is faster. Precision
"tf32" allows both libraries TF32. PyTorch's default is another one: TF32 in convolutions and recurrent layers, float32
in products; the ratio to it is in the row too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from statistics import median
from time import perf_counter
from typing import Any

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
    if dry_run:
        return once
    count = max(1, min(500, int(ROUND_SECONDS / once)))
    return median(_round(run, synchronize, count) for _ in range(ROUNDS))


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


@contextmanager
def default_precision(torch: Any) -> Iterator[None]:
    """Inside, PyTorch computes as it does where nobody says anything."""
    products, layers = torch.backends.cuda.matmul, torch.backends.cudnn
    before = products.allow_tf32, layers.allow_tf32
    products.allow_tf32, layers.allow_tf32 = False, True
    try:
        yield
    finally:
        products.allow_tf32, layers.allow_tf32 = before


def beside(
    name: str,
    ours: Call,
    theirs: dict[str, Callable[[], Call]],
    torch: Any,
    dry_run: bool,
    captured: Callable[[], Call] | None = None,
) -> dict[str, Any]:
    """A row with xdl's time and those of PyTorch's variants. A variant that fails is named with its error.

    theirs:   makes the call to measure, by the variant's name; "eager", which the ratios compare with, is measured in
              PyTorch's default precision too
    captured: makes xdl's call as a whole step
    """
    row: dict[str, Any] = {"name": name, "precision": kernel.get_precision()}
    synchronize = backend.current().synchronize
    row["xdl"] = seconds(ours, synchronize, dry_run)
    if captured is not None:
        row["xdl captured"] = _tried(captured, synchronize, dry_run)
    if torch is None:
        return row
    for variant, make in theirs.items():
        row[f"torch {variant}"] = _tried(make, torch.cuda.synchronize, dry_run)
    if "eager" in theirs:
        with default_precision(torch):
            row["torch default"] = _tried(theirs["eager"], torch.cuda.synchronize, dry_run)
    return {**row, **ratios(row)}


def _tried(make: Callable[[], Call], synchronize: Call, dry_run: bool) -> float | str:
    """The time of a call, or what went wrong."""
    try:
        return seconds(make(), synchronize, dry_run)
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:300]}"


def ratios(row: dict[str, Any]) -> dict[str, float]:
    """PyTorch's times over xdl's, of what was measured in a row: eager in the same and in the default precision, also
    over xdl's captured step, and the best of the same precision."""
    found = {}
    times = {key: value for key, value in row.items() if isinstance(value, float)}
    for ours, end in (("xdl", ""), ("xdl captured", "_captured")):
        for theirs, beginning in (("torch eager", "ratio"), ("torch default", "ratio_default")):
            if ours in times and theirs in times:
                found[beginning + end] = times[theirs] / times[ours]
    same = [time for key, time in times.items() if key.startswith("torch") and key != "torch default"]
    return {**found, "ratio_to_best": min(same) / times["xdl"]} if same else found


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
    return forward(library, framework.nn.LSTM(hidden, hidden), framework.randn(steps_, batch, hidden))


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
    """One convolution with bias, stride 1, and as much padding as keeps the size: forward alone, and with backward."""
    device(dry_run)
    torch = torch_on_gpu(dry_run)
    for sizes in ((1, 8, 6, 8, 3),) if dry_run else CONVOLUTIONS:
        for precision in ("tf32", "float32"):
            set_precision(torch, precision)
            for kind, make in (("forward", conv_forward), ("forward and backward", conv_both)):
                n, c, size, o, k = sizes
                name = f"conv {k}x{k} {c}->{o}, {n} images {size}x{size}, {kind}"
                theirs = {
                    "eager": lambda make=make, sizes=sizes: make("torch", *sizes),
                    "channels_last": lambda make=make, sizes=sizes: make("torch", *sizes, channels_last=True),
                }
                yield beside(name, make("xdl", *sizes), theirs, torch, dry_run)


def conv_forward(library: str, n: int, c: int, size: int, o: int, k: int, channels_last: bool = False) -> Call:
    """A forward pass that records nothing."""
    layer, x = _convolution(library, n, c, size, o, k, channels_last)
    return forward(library, layer, x)


def conv_both(library: str, n: int, c: int, size: int, o: int, k: int, channels_last: bool = False) -> Call:
    """Forward, and the gradients of image, filters and bias."""
    return both(*_convolution(library, n, c, size, o, k, channels_last))


def _convolution(library: str, n: int, c: int, size: int, o: int, k: int, channels_last: bool) -> tuple[Any, Any]:
    framework: Any = import_module(library)
    layer, x = framework.nn.Conv2d(c, o, k, padding=k // 2), framework.randn(n, c, size, size)
    if channels_last:
        layer, x = (a.to(memory_format=framework.channels_last) for a in (layer, x))
    return layer, x


def forward(library: str, module: Any, x: Any) -> Call:
    """A call of a module that records nothing."""
    framework: Any = import_module(library)

    def run() -> None:
        with framework.no_grad():
            module(x)

    return run


def both(module: Any, x: Any) -> Call:
    """A call of a module, and the gradients of its input and parameters, from given gradients of its output."""
    x.requires_grad = True
    g = module(x).detach().clone()
    leaves = [x, *module.parameters()]

    def run() -> None:
        for leaf in leaves:
            leaf.grad = None
        module(x).backward(g)

    return run
