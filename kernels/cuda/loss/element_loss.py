"""Launches of element_loss.cu. Notation: x and t of one shape; kind: 0 mse, 1 l1, 2 huber, 3 logits."""

from __future__ import annotations

from typing import Any

from xdl.backend import Array, dtype_name, namespaces
from xdl.functional.loss.element_pair import element_loss_pair, factor_of

from ..launch import Device, blocks_for, grid_size, load_kernels
from ..slots import dense, device_of, register

KINDS = ("mse", "l1", "huber", "logits")
THREADS = 256
ELEMENTS_PER_BLOCK = 4096
MOST_BLOCKS = 1024  # each of which walks over elements in strides of the grid


def loss_of_each(device: Device, x: Array, t: Array, kind: int, delta: float, factor: float) -> Array:
    """The losses times factor, of x's shape."""
    y = device.empty(x.shape, dtype_name(x))
    if x.size:
        arguments = (x, t, y, x.size, kind, delta, factor)
        load_kernels(device, "element_loss.cu", dtype_name(x)).launch(
            "element_loss_each", _blocks(x), (THREADS,), *arguments
        )
    return y


def sum_of_losses(device: Device, x: Array, t: Array, kind: int, delta: float, factor: float) -> Array:
    """The sum of the losses times factor, 0-d."""
    (blocks,), kernels = _blocks(x), load_kernels(device, "element_loss.cu", dtype_name(x))
    partial = device.empty((blocks,), dtype_name(x))
    kernels.launch("element_loss_sum", (blocks,), (THREADS,), x, t, partial, x.size, kind, delta, factor)
    if blocks == 1:
        return partial.reshape(())
    y = device.empty((), dtype_name(x))
    kernels.launch("element_loss_total", (1,), (THREADS,), partial, y, blocks)
    return y


def loss_backward(
    device: Device, g: Array, x: Array, t: Array, kind: int, delta: float, factor: float, needs: tuple[bool, bool]
) -> list[Array | None]:
    """dx and dt, each where it is needed, from g: [1] of the sum, or of x's shape."""
    gradients = [device.empty(x.shape, dtype_name(x)) if needed else None for needed in needs]
    if x.size:
        step = 0 if g.shape == (1,) else 1
        arguments = (g, x, t, *gradients, x.size, step, kind, delta, factor)
        kernels = load_kernels(device, "element_loss.cu", dtype_name(x))
        kernels.launch("element_loss_backward", _blocks(x), (THREADS,), *arguments)
    return gradients


def _blocks(x: Array) -> tuple[int]:
    return (grid_size(blocks_for(x.size, ELEMENTS_PER_BLOCK), MOST_BLOCKS),)


@register(element_loss_pair)
class element_loss_cuda:
    """The losses, their sum or their mean; saved: x, t, kind, delta and factor, and whether they were reduced."""

    @staticmethod
    def forward(x: Array, t: Array, kind: str, delta: float, scale: float, reduction: str) -> tuple[Array, Any]:
        device, x, t = device_of(x), dense(x), dense(t)
        saved = x, t, KINDS.index(kind), float(delta), factor_of(x, scale, reduction)
        y = loss_of_each(device, *saved) if reduction == "none" else sum_of_losses(device, *saved)
        return y, (saved, reduction != "none")

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        (x, t, kind, delta, factor), reduced = saved
        g = dense(namespaces[type(x)].reshape(g, (1,)) if reduced else g)
        return tuple(loss_backward(device_of(x), g, x, t, kind, delta, factor, (needs[0], needs[1])))
