"""Parity: every kernel slot on every usable backend and dtype, against the plain references in float64.

An error is the largest deviation over the largest reference value, of the outputs (forward) and of all gradients
(backward). `tests` hold bounds; `xdl parity` shows the figures of this machine, with times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

from xdl import backend, kernel, philox, random
from xdl import functional as F
from xdl.errors import BackendError
from xdl.functional import either
from xdl.functional.conv.conv import Geometry, input_grad, weight_grad
from xdl.functional.elementwise.add_relu import add_relu
from xdl.functional.elementwise.unary import pointwise
from xdl.functional.index.select import sum_at
from xdl.node import edge
from xdl.optim.adam import adam_update
from xdl.optim.sgd import sgd_update
from xdl.tape import grad
from xdl.tensor import Tensor

DTYPES = ("float32", "float64")


@dataclass(frozen=True)
class Case:
    """A call of one slot.

    shapes: of normal inputs, which are differentiated; scale: their std
    labels: (count, below) of integer inputs
    """

    slot: str
    call: Callable[..., Tensor]
    shapes: tuple[tuple[int, ...], ...]
    labels: tuple[int, int] | None = None
    scale: float = 1.0


@dataclass(frozen=True)
class Row:
    """One line of the report. forward, backward: errors (backward is None without gradients); seconds: of both."""

    slot: str
    backend: str
    dtype: str
    version: str
    forward: float
    backward: float | None
    seconds: float


def _gates(n: int) -> tuple[tuple[int, ...], ...]:
    """Weights and biases of a recurrent layer with n gates, 24 inputs and 32 hidden units."""
    return (n * 32, 24), (n * 32, 32), (n * 32,), (n * 32,)


def _dropout(x: Tensor) -> Tensor:
    random.manual_seed(0)
    return F.dropout(x, 0.3)


def _words(x: Tensor) -> Tensor:
    """The upper 24 bits of the words, which float32 holds exactly."""
    words = philox.philox_words(x.array, (1, 2), 3, 0, 1000)[1]
    xp = backend.namespaces[type(words)]
    return Tensor(xp.astype(words >> 40, x.array.dtype))


def _updated(update: Callable[..., Any]) -> Callable[..., Tensor]:
    """The parameters after one step from copies of p and of the buffers."""

    def call(*tensors: Tensor) -> Tensor:
        p, g, *others = [backend.namespaces[type(t.array)].asarray(t.array * t.array, copy=True) for t in tensors]
        update(p, [g], *others)
        return Tensor(p)

    return call


_same = Geometry((1, 1), (1, 1), (1, 1), 1)

CASES = (
    Case("linear", F.linear, ((64, 96), (80, 96), (80,))),
    Case("relu", F.relu, ((64, 1000),)),
    Case("clip", lambda x: Tensor(either.clip(x.array, -0.5, None)), ((64, 1000),)),
    Case("pointwise", lambda x: Tensor(pointwise(x.array, lambda a: a * a)[1]), ((64, 1000),)),
    Case("conv2d", lambda x, w, b: F.conv2d(x, w, b, padding=1), ((8, 16, 20, 20), (32, 16, 3, 3), (32,))),
    Case("conv2d", lambda x, w, b: F.conv2d(x, w, b, (2, 1), 2, (1, 2), 2), ((4, 6, 15, 17), (8, 3, 5, 3), (8,))),
    Case("conv2d_input_grad", lambda g, w: input_grad(g, w, (4, 8, 14, 14), _same), ((4, 6, 14, 14), (6, 8, 3, 3))),
    Case("conv2d_weight_grad", lambda g, x: weight_grad(g, x, (6, 8, 3, 3), _same), ((4, 6, 14, 14), (4, 8, 14, 14))),
    Case("max_pool2d", lambda x: F.max_pool2d(x, 3, 2, 1), ((8, 16, 21, 21),)),
    Case("avg_pool2d", lambda x: F.avg_pool2d(x, 2), ((8, 16, 20, 20),)),
    Case("batch_norm", lambda x, w, b: F.batch_norm(x, None, None, w, b, True), ((8, 16, 12, 12), (16,), (16,))),
    Case("layer_norm", lambda x, w, b: F.layer_norm(x, (100,), w, b), ((128, 100), (100,), (100,))),
    Case("rms_norm", lambda x, w: F.rms_norm(x, (100,), w), ((128, 100), (100,))),
    Case("group_norm", lambda x, w, b: F.group_norm(x, 4, w, b), ((8, 16, 12, 12), (16,), (16,))),
    Case("gelu", F.gelu, ((64, 1000),)),
    Case("add_relu", add_relu, ((64, 1000), (64, 1000))),
    Case("element_loss", lambda x, t: F.huber_loss(x, t), ((64, 1000), (64, 1000))),
    Case("softmax", lambda x: F.softmax(x, 1), ((128, 100),)),
    Case("log_softmax", lambda x: F.log_softmax(x, 1), ((128, 100),)),
    Case("cross_entropy", lambda x, t: F.cross_entropy(x, t), ((128, 100),), (128, 100)),
    Case("embedding", lambda w, t: F.embedding(t, w), ((50, 24),), (300, 50)),
    Case("sum_at", lambda g, t: sum_at(g, t.array, 0, 50), ((300, 24),), (300, 50)),
    Case("philox_words", _words, ((1,),)),
    Case("dropout", _dropout, ((64, 1000),)),
    Case(
        "recurrence",
        lambda x, h, c, *w: F.lstm(x, (h, c), *w)[0],
        ((12, 16, 24), (16, 32), (16, 32), *_gates(4)),
        scale=0.3,
    ),
    Case("recurrence", lambda x, h, *w: F.gru(x, h, *w)[0], ((12, 16, 24), (16, 32), *_gates(3)), scale=0.3),
    Case(
        "sgd_update",
        _updated(lambda p, g, b: sgd_update(p, g, b, False, 0.1, 0.9, 0.0, 0.01, True, False)),
        ((1000,),) * 3,
    ),
    Case(
        "adam_update",
        _updated(lambda *a: adam_update(*a, None, 0.37, 0.0, 0.055, 0.9, 0.999, 1e-8, 0.01, 1.0, False)),
        ((1000,),) * 4,
    ),
)


def usable_backends() -> list[str]:
    """The backends that work on this machine, of the ones that run real hardware."""
    found = []
    for name in ("numpy", "cupy"):
        try:
            found.append(backend.load(name).name)
        except BackendError:  # `xdl info` says why
            continue
    return found


def measure(backends: Sequence[str], repeats: int = 5, cases: Sequence[Case] = CASES) -> Iterator[Row]:
    """A row for every case, backend and dtype. Raises BackendError for a backend that does not work here."""
    before, mode = backend.current().name, kernel.get_mode()
    try:
        for case in cases:
            backend.use("numpy")
            kernel.set_mode("reference")
            expected, _ = _run(case, "float64")
            kernel.set_mode(mode)
            for name in backends:
                backend.use(name)
                for dtype in DTYPES:
                    yield _row(case, name, dtype, expected, repeats)
    finally:
        kernel.set_mode(mode)
        backend.use(before)


def _row(case: Case, name: str, dtype: str, expected: list[Any], repeats: int) -> Row:
    found, version = _run(case, dtype)
    seconds = []
    for _ in range(repeats):
        backend.current().synchronize()
        start = perf_counter()
        _run(case, dtype)
        backend.current().synchronize()
        seconds.append(perf_counter() - start)
    errors = [_error(got, wanted) for got, wanted in zip(found, expected, strict=True)]
    return Row(case.slot, name, dtype, version, errors[0], max(errors[1:], default=None), median(seconds))


def _run(case: Case, dtype: str) -> tuple[list[Any], str]:
    """The output and the gradients, on the host, and the version that ran; equal float32 inputs for every dtype."""
    inputs = []
    for i, shape in enumerate(case.shapes):
        values = random.Stream(i, case.slot).normal(shape, "float32", _host()) * case.scale
        inputs.append(Tensor(_moved(values, dtype), requires_grad=True))
    labels = []
    if case.labels is not None:
        count, below = case.labels
        labels = [Tensor(_moved(random.Stream(0, "labels").integers(0, below, (count,), _host()), "int64"))]
    y = case.call(*inputs, *labels)
    if not y.requires_grad:
        return [y.numpy()], kernel.slots[case.slot].first(backend.current().name)
    g = Tensor(_moved(random.Stream(0, "cotangent").normal(y.shape, "float32", _host()), dtype))
    version = _version(y) or kernel.slots[case.slot].first(backend.current().name)
    return [y.numpy(), *[d.numpy() for d in grad(y, inputs, g) if d is not None]], version


def _version(y: Tensor) -> str:
    """The kernel version of the newest node that has one."""
    node: Any = y.node
    while node is not None and node.version is None:
        parents = [edge(t) for t in node.inputs]
        node = next((parent for parent in parents if hasattr(parent, "version")), None)
    return node.version.name if node is not None else ""


def _host() -> Any:
    return backend.load("numpy").asarray([], "uint64")


def _moved(host: Any, dtype: str) -> Any:
    return backend.current().asarray(host, dtype)


def _error(found: Any, expected: Any) -> float:
    """The largest deviation over the largest reference value."""
    scale = float(abs(expected).max()) or 1.0
    return float(abs(found - expected).max()) / scale
