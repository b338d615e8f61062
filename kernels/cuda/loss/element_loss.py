"""Launches of element_loss.cu. Notation: x and t of one shape; kind: 0 mse, 1 l1, 2 huber, 3 logits, 4 binary."""

from __future__ import annotations

from typing import Any, NamedTuple

from xdl.backend import Array, dtype_name, namespaces
from xdl.functional.loss.element_pair import element_loss_pair, factor_of

from ..launch import Device, blocks_for, grid_size, load_kernels
from ..slots import dense, device_of, register

KINDS = ("mse", "l1", "huber", "logits", "binary")
THREADS = 256
ELEMENTS_PER_BLOCK = 4096
MOST_BLOCKS = 1024  # each of which walks over elements in strides of the grid


class Weights(NamedTuple):
    """w and p, in C order, each None or repeated over the elements of x."""

    w: Array | None = None
    p: Array | None = None

    @property
    def sizes(self) -> tuple[int, int]:
        """Of both, 1 where there is none."""
        return 1 if self.w is None else self.w.size, 1 if self.p is None else self.p.size


NONE = Weights()


def loss_of_each(
    device: Device, x: Array, t: Array, kind: int, delta: float, factor: float, weights: Weights = NONE
) -> Array:
    """The losses times factor, of x's shape."""
    y = device.empty(x.shape, dtype_name(x))
    if x.size:
        arguments = (x, t, *weights, y, x.size, *weights.sizes, kind, delta, factor)
        load_kernels(device, "element_loss.cu", dtype_name(x)).launch(
            "element_loss_each", _blocks(x), (THREADS,), *arguments
        )
    return y


def sum_of_losses(
    device: Device, x: Array, t: Array, kind: int, delta: float, factor: float, weights: Weights = NONE
) -> Array:
    """The sum of the losses times factor, 0-d."""
    (blocks,), kernels = _blocks(x), load_kernels(device, "element_loss.cu", dtype_name(x))
    partial = device.empty((blocks,), dtype_name(x))
    arguments = (x, t, *weights, partial, x.size, *weights.sizes, kind, delta, factor)
    kernels.launch("element_loss_sum", (blocks,), (THREADS,), *arguments)
    if blocks == 1:
        return partial.reshape(())
    y = device.empty((), dtype_name(x))
    kernels.launch("element_loss_total", (1,), (THREADS,), partial, y, blocks)
    return y


def loss_backward(
    device: Device,
    g: Array,
    x: Array,
    t: Array,
    kind: int,
    delta: float,
    factor: float,
    needs: tuple[bool, bool],
    weights: Weights = NONE,
) -> list[Array | None]:
    """dx and dt, each where it is needed, from g: [1] of the sum, or of x's shape."""
    gradients = [device.empty(x.shape, dtype_name(x)) if needed else None for needed in needs]
    if x.size:
        step = 0 if g.shape == (1,) else 1
        arguments = (g, x, t, *weights, *gradients, x.size, *weights.sizes, step, kind, delta, factor)
        kernels = load_kernels(device, "element_loss.cu", dtype_name(x))
        kernels.launch("element_loss_backward", _blocks(x), (THREADS,), *arguments)
    return gradients


def _repeated(w: Array | None, x: Array) -> Array | None:
    """w in C order if its elements repeat over x's last dimensions, else spread over x's shape: a copy."""
    if w is None:
        return None
    first = next((i for i, n in enumerate(w.shape) if n != 1), len(w.shape))
    shape = w.shape[first:]
    return dense(w if shape == x.shape[len(x.shape) - len(shape) :] else namespaces[type(x)].broadcast_to(w, x.shape))


def _blocks(x: Array) -> tuple[int]:
    return (grid_size(blocks_for(x.size, ELEMENTS_PER_BLOCK), MOST_BLOCKS),)


@register(element_loss_pair)
class element_loss_cuda:
    """The losses, their sum or their mean; saved: x, t, kind, delta and factor, the weights, whether it is reduced."""

    @staticmethod
    def forward(
        x: Array,
        t: Array,
        kind: str,
        delta: float,
        scale: float,
        reduction: str,
        w: Array | None = None,
        p: Array | None = None,
    ) -> tuple[Array, Any]:
        device, x, t, weights = device_of(x), dense(x), dense(t), Weights(_repeated(w, x), _repeated(p, x))
        saved = x, t, KINDS.index(kind), float(delta), factor_of(x, scale, reduction)
        y = (loss_of_each if reduction == "none" else sum_of_losses)(device, *saved, weights)
        return y, (saved, weights, reduction != "none")

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        (x, t, kind, delta, factor), weights, reduced = saved
        g = dense(namespaces[type(x)].reshape(g, (1,)) if reduced else g)
        return tuple(loss_backward(device_of(x), g, x, t, kind, delta, factor, (needs[0], needs[1]), weights))
