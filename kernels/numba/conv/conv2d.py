"""The three convolution slots, compiled: every way of `choice.py`, in the order of its rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

from xdl.functional.conv import orders
from xdl.functional.conv.conv import Geometry, conv2d_input_grad, conv2d_pair, conv2d_weight_grad
from xdl.kernel import Kernel

from ...common.convolutions import Case, forward_case, half, input_grad_case, is_chwn, weight_grad_case
from ..products import sum_of_rows, sum_rows
from ..sharing import plain
from ..slots import PRIORITY, register
from . import channels, images, net, patches, spread, taps, winograd
from .choice import RULES, best, fits
from .orders import behind, images_last, turn_images

MODULES: dict[str, ModuleType] = {
    "channels": channels,
    "images": images,
    "tiles": winograd,
    "taps": taps,
    "spread": spread,
    "patches": patches,
}
WIDE = 256  # numbers of a row at least, for which a sum over rows is fast


def _pair(way: ModuleType) -> type:
    """Forward by one way; the gradients by what their own slots choose.

    saved: x as it is read, so that dw need not turn it again, w and the geometry
    """

    class Pair:
        @staticmethod
        def forward(x: np.ndarray, w: np.ndarray, b: Any, geometry: Geometry) -> tuple[np.ndarray, Any]:
            x = x if way in (images, channels) else behind(x)
            return way.forward(x, w, b, geometry), (x, w, geometry)

        @staticmethod
        def backward(g: np.ndarray, saved: Any, needs: Sequence[bool]) -> tuple[np.ndarray | None, ...]:
            x, w, geometry = saved
            g = images_last(g).transpose(3, 0, 1, 2) if way is images else behind(g)  # once for all gradients
            return (
                conv2d_input_grad(g, w, x.shape, geometry)[1] if needs[0] else None,
                conv2d_weight_grad(g, x, w.shape, geometry)[1] if needs[1] else None,
                _bias_grad(g) if needs[2] else None,
            )

    return Pair


def _bias_grad(g: np.ndarray) -> np.ndarray:
    """The sums of g (N, O, OH, OW) over all pixels, in channels-last memory some of them side by side as one row."""
    o, side = g.shape[1], 1
    if is_chwn(g):
        of_images: np.ndarray = np.add.reduce(g.transpose(1, 2, 3, 0).reshape(o, -1), axis=1)
        return of_images
    while side * o < WIDE and g.size // o % (2 * side) == 0:
        side *= 2
    rows = plain(g.transpose(0, 2, 3, 1)).reshape(-1, side * o)
    sums: np.ndarray = np.add.reduce(sum_of_rows(rows).reshape(side, o))
    return sums


def _register(slot: Kernel, product: str, case: Callable[..., Case], version: Callable[[ModuleType], type]) -> None:
    """A version of the slot for every way to a product, of which `choice.best` picks one."""
    for name, rule in reversed(RULES.items()):  # the newest is tried first
        way = MODULES[name]
        if product in way.LOOPS:
            loops = (*way.LOOPS[product], turn_images, *([sum_rows] if product == "forward" else []))
            takes = partial(_takes, name, case)
            register(slot, *loops, name=f"{slot.name}_{name}", when=takes, why=rule.why)(version(way))
    slot.choose("numpy", key=case, pick=lambda key: f"{slot.name}_{best(key)}", priority=PRIORITY)


def _input_grad_case(g: np.ndarray, *arguments: Any) -> Case:
    return input_grad_case(g, *arguments)._replace(chwn=is_chwn(g))


def _weight_grad_case(g: np.ndarray, *arguments: Any) -> Case:
    return weight_grad_case(g, *arguments)._replace(chwn=is_chwn(g))


def _takes(name: str, case: Callable[..., Case], *arguments: Any) -> bool:
    return fits(name, case(*arguments))


_register(conv2d_pair, "forward", forward_case, _pair)
_register(conv2d_input_grad, "input_grad", _input_grad_case, lambda way: half(way.input_grad))
_register(conv2d_weight_grad, "weight_grad", _weight_grad_case, lambda way: half(way.weight_grad))
orders.planners["numpy"] = net.plan
