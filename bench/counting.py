"""What a step asks of a card, counted: launches, bytes and operations. See roofline.py for the rules.

    works = count(make, "float32", tensor_cores=True)

The step runs through the CUDA path on a device that computes nothing and notes what it is asked for, so that kernels,
shapes and numbers of launches are those of a card. Operations and arrays that are read and written are those that the
.cu files state; a kernel that is not in OPERATIONS does few, and none are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from xdl import backend, kernel
from xdl.backends.cuda_on_host.host_device import HostArray, HostDevice
from xdl.kernels.cuda.plan import Plan
from xdl.kernels.cuda.products.gemm import Product


@dataclass(frozen=True)
class Card:
    """Of the maker's data sheets: bytes a second of the memory; float32 operations a second by FMA, and dense TF32 ones
    of the tensor cores (0: it has none)."""

    name: str
    bandwidth: float
    float32: float
    tf32: float


OPERATIONS = {  # kernel -> (array, operations for each of its elements); an exponential or a square root is one
    "adam_step": ("p", 15),
    "sgd_step": ("p", 8),
    "rmsprop_step": ("p", 10),
    "batch_norm_statistics": ("x", 6),
    "batch_norm_normalize": ("y", 4),
    "batch_norm_gradient_sums": ("x", 5),
    "batch_norm_input_gradient": ("dx", 7),
    "layer_norm_forward": ("x", 8),
    "layer_norm_input_gradient": ("x", 12),
    "layer_norm_parameter_sums": ("x", 5),
    "softmax_forward": ("x", 5),
    "softmax_backward": ("y", 4),
    "cross_entropy_forward": ("x", 4),
    "cross_entropy_backward": ("x", 4),
    "dropout_forward": ("x", 20),
    "dropout_backward": ("g", 1),
    "column_sum": ("a", 1),
    "bias_activation_forward": ("product", 3),
    "bias_activation_backward": ("g", 3),
    "plane_activation_forward": ("product", 3),
    "plane_activation_backward": ("g", 3),
    "channel_sum": ("g", 1),
    "col2im": ("columns", 1),
    "average_pool_forward": ("x", 1),
    "max_pool_forward": ("x", 1),
    "lstm_cell_forward": ("c", 20),
    "lstm_cell_backward": ("c", 25),
    "gru_cell_forward": ("h", 18),
    "gru_cell_backward": ("dh", 20),
}
UPDATED = {  # arrays that a kernel reads and writes
    "adam_step": ("p", "m", "v", "largest_or_null"),
    "sgd_step": ("p", "b_or_null"),
    "adagrad_step": ("p", "s"),
    "adadelta_step": ("p", "s", "a"),
    "rmsprop_step": ("p", "s", "a_or_null", "b_or_null"),
    "adamax_step": ("p", "m", "u"),
    "rprop_step": ("p", "q", "h"),
    "asgd_step": ("p", "a"),
    "adafactor_rows": ("row",),
    "adafactor_columns": ("col",),
    "adafactor_apply": ("p",),
    "muon_momentum": ("b",),
    "muon_normalize": ("x",),
    "muon_polynomial": ("gram",),
    "muon_apply": ("p",),
    "add_bias": ("y",),
    "move_running": ("mean", "var", "count_or_null"),
    "lstm_cell_forward": ("gates",),
    "lstm_cell_backward": ("dc",),
}
IN_PART = {"embedding_forward": ("weight", "y")}  # an array of which a kernel reads only as much as the other has
PRODUCTS = "products by cuBLAS"


@dataclass(frozen=True)
class Work:
    """What one launch does. tf32: its operations run on the tensor cores."""

    kernel: str
    read: int
    written: int
    operations: int
    tf32: bool

    def least(self, card: Card) -> tuple[float, bool]:
        """The seconds that the card needs at least, and whether its memory is what bounds them."""
        memory = (self.read + self.written) / card.bandwidth
        arithmetic = self.operations / (card.tf32 if self.tf32 and card.tf32 else card.float32)
        return max(memory, arithmetic), memory >= arithmetic


class CountingDevice(HostDevice):
    """Takes launches and products, notes them in `done`, and computes nothing."""

    def __init__(self, tensor_cores: bool) -> None:
        super().__init__()
        self.tensor_cores = tensor_cores
        self.done: list[Work] = []

    def empty(self, shape: tuple[int, ...], dtype: str) -> HostArray:
        """Not filled, so that no memory is touched."""
        return np.empty(shape, dtype).view(HostArray)

    def load(self, path: Path, defines: Mapping[str, str]) -> Any:  # noqa: ARG002
        """The definitions are all that is asked for."""
        return defines

    def function(self, plan: Plan) -> None:
        """None is needed."""

    def launch(self, plan: Plan, parameters: int, arguments: tuple[Any, ...]) -> None:  # noqa: ARG002
        given = {p.name: x for p, x in zip(plan.signature.parameters, arguments, strict=True) if x is not None}
        constant = {p.name for p in plan.signature.parameters if p.const}
        updated = UPDATED.get(plan.name, ())
        sizes = {name: x.nbytes for name, x in given.items() if isinstance(x, np.ndarray)}
        taken = dict(sizes)
        if plan.name in IN_PART:
            array, other = IN_PART[plan.name]
            taken[array] = min(sizes[array], sizes[other])
        read = sum(size for name, size in taken.items() if name in constant or name in updated)
        written = sum(size for name, size in sizes.items() if name not in constant)
        operations, tf32 = _operations(plan.name, given, plan.module)
        self.done.append(Work(plan.name, read, written, operations, tf32))

    def product(self, call: Product, a: int, b: int, out: int, tf32: bool) -> None:  # noqa: ARG002
        size, count = np.dtype(call.dtype).itemsize, call.batch
        m, n, k = call.m, call.n, call.k
        one_a, one_b = (1 if stride == 0 else count for stride in call.strides[:2])
        read = size * (m * k * one_a + k * n * one_b + m * n * count * call.accumulate)
        self.done.append(Work(PRODUCTS, read, size * m * n * count, 2 * m * n * k * count, tf32))


def _operations(name: str, given: dict[str, Any], defines: Mapping[str, str]) -> tuple[int, bool]:
    """Operations of a launch, and whether the tensor cores do them."""
    if name == "conv_tf32_forward":
        return 2 * given["y"].size * prod(given["weight"].shape[1:]), True
    if name.startswith("recurrent_persistent"):  # a product of W_hh and B vectors in each step, PRODUCTS times
        times = int(defines["PRODUCTS"]) * int(defines["DIRECTIONS"])
        return times * 2 * given["steps"] * given["batch"] * given["w_hh"].size, True
    array, each = OPERATIONS.get(name, ("", 0))
    return (each * given[array].size if each else 0), False


def count(make: Callable[[], Callable[[], Any]], precision: str, tensor_cores: bool) -> list[Work]:
    """What a step asks of a card in one run after the first. make: builds the model and returns the step."""
    name_before, precision_before = backend.current().name, kernel.get_precision()
    host: Any = backend.use("cuda-on-host")
    before, device = host.device, CountingDevice(tensor_cores)
    host.device = device
    kernel.set_precision(precision)
    try:
        with np.errstate(all="ignore"):  # of numbers that nobody computed
            step = make()
            step()
            device.done.clear()
            step()
    finally:
        host.device = before
        kernel.set_precision(precision_before)
        backend.use(name_before)
    return device.done
