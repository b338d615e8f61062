"""Parity: every kernel slot on every usable backend and dtype, against the plain references in float64.

An error is the largest deviation over the largest reference value, of the outputs (forward) and of all gradients
(backward). `tests` hold bounds; `xdl parity` shows the figures of this machine, with times.

"numba" stands beside the backends for the versions of NumPy's slots that Numba compiles, "numpy" for the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from statistics import median
from time import perf_counter
from typing import Any

from xdl import backend, kernel, kernel_options, random
from xdl.errors import BackendError
from xdl.node import edge
from xdl.report.slot_cases import CASES as CASES
from xdl.report.update_cases import Case as Case
from xdl.tape import grad
from xdl.tensor import Tensor

DTYPES = ("float32", "float64")
COMPILED = "numba"


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


def usable_backends() -> list[str]:
    """The backends that work on this machine, of the ones that run real hardware."""
    found = []
    for name in ("numpy", "cupy"):
        try:
            found.append(backend.load(name).name)
        except BackendError:  # `xdl info` says why
            continue
    if kernel_options.compiled_versions():
        found.insert(1, COMPILED)
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
                if name != COMPILED or _compiled_version(case.slot):
                    with _versions(name):
                        for dtype in DTYPES:
                            yield _row(case, name, dtype, expected, repeats)
    finally:
        kernel.set_mode(mode)
        backend.use(before)


def _compiled_version(slot: str) -> bool:
    """Whether NumPy tries a compiled version of the slot first."""
    return any(slot == known.name for known in import_module("xdl.kernels.numba.slots").SLOTS)


@contextmanager
def _versions(name: str) -> Iterator[None]:
    """Inside, new arrays go to the backend of that name, where the versions run that the name stands for."""
    backend.use("numpy" if name == COMPILED else name)
    with import_module("xdl.kernels.numba.slots").set_aside() if name == "numpy" else nullcontext():
        yield


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
