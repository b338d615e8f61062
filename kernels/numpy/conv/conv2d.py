"""The three convolution slots on NumPy: every way of `choice.py`, in the order of its rules."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

from xdl import overlap
from xdl.functional.conv.conv import Geometry, conv2d_input_grad, conv2d_pair, conv2d_weight_grad
from xdl.kernel import Kernel

from ...common.buffers import empty
from ...common.convolutions import Case, forward_case, half, input_grad_case, weight_grad_case
from ..layout import channels_first, channels_last, is_channels_last
from ..slots import PRIORITY, register
from . import depthwise, fourier, im2col, im2col_few, im2col_last, im2col_rows, pointwise, winograd, winograd_strided
from .choice import RULES, best, fits

MODULES: dict[str, ModuleType] = {
    "pointwise": pointwise,
    "depthwise": depthwise,
    "im2col_few": im2col_few,
    "winograd": winograd,
    "winograd_strided": winograd_strided,
    "fft": fourier,
    "im2col_rows": im2col_rows,
    "im2col_last": im2col_last,
}
PAIRS = {im2col: im2col.Chwn, im2col_rows: im2col_rows.Rows}
# what works in channels-last memory alone
LAST = (winograd, winograd_strided, fourier, im2col_few, im2col_last, depthwise)


def _pair(algorithm: ModuleType) -> type:
    """Forward by one algorithm; the gradients by what their own slots choose. saved: x, w and the geometry."""

    class Pair:
        @staticmethod
        def forward(x: np.ndarray, w: np.ndarray, b: Any, geometry: Geometry) -> tuple[np.ndarray, Any]:
            return algorithm.forward(x, w, b, geometry), (x, w, geometry)

        @staticmethod
        def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray | None, ...]:
            x, w, geometry = saved
            if algorithm in LAST or is_channels_last(x):
                g = channels_first(channels_last(g))  # once for both gradients
            return (
                conv2d_input_grad(g, w, x.shape, geometry)[1] if needs[0] else None,
                _weight_grad(g, x, w.shape, geometry, needs[0]) if needs[1] else None,
                _bias_grad(g) if needs[2] else None,
            )

    return Pair


def _weight_grad(g: np.ndarray, x: np.ndarray, shape: tuple[int, ...], geometry: Geometry, wait: bool) -> Any:
    """dw (O, C/G, KH, KW) = shape, which another thread may still be writing if it may wait."""

    def compute() -> np.ndarray:
        dw: np.ndarray = conv2d_weight_grad(g, x, shape, geometry)[1]
        return dw

    return overlap.later(compute, lambda: empty(shape, g.dtype)) if wait else compute()


def _bias_grad(g: np.ndarray) -> np.ndarray:
    """The sums of g (N, O, OH, OW) over all pixels."""
    if is_channels_last(g):
        rows = channels_last(g).reshape(-1, g.shape[1])
        sums: np.ndarray = np.ones(len(rows), g.dtype) @ rows
    else:
        sums = np.add.reduce(g, axis=(0, 2, 3))
    return sums


def _register(slot: Kernel, case: Callable[..., Case], version: Callable[[ModuleType], type]) -> None:
    """A version of the slot for every way, of which `choice.best` picks one; case(*arguments): what it depends on."""
    for name, rule in reversed(RULES.items()):  # the newest is tried first
        module = MODULES.get(name, im2col)
        takes = partial(_takes, name, case)
        register(slot, name=f"{slot.name}_{name}", when=takes, why=rule.why)(version(module))
    slot.choose("numpy", key=case, pick=lambda key: f"{slot.name}_{best(key)}", priority=PRIORITY)


def _takes(name: str, case: Callable[..., Case], *arguments: Any) -> bool:
    return fits(name, case(*arguments))


_register(conv2d_pair, forward_case, lambda module: PAIRS.get(module) or _pair(module))
_register(conv2d_input_grad, input_grad_case, lambda module: half(module.input_grad))
_register(conv2d_weight_grad, weight_grad_case, lambda module: half(module.weight_grad))
