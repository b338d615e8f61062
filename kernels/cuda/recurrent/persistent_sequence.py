"""Recurrent layers by the persistent kernels: versions of the slots of one direction and of both, where the cell, H and
the device allow it. Both directions are one launch where a tile of 16 sequences fits the device in each; else each is
computed by the versions of one direction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xdl.backend import Array, dtype_name, namespaces
from xdl.functional.recurrent.both_directions import ONE, BothDirectionsPair, both_directions_pair, halves
from xdl.functional.recurrent.recurrence import recurrence_pair
from xdl.kernel import get_precision

from ..slots import PRIORITY, dense, dense_or_none, device_of, register
from .persistent import counters_for, fits
from .persistent_layer import PersistentLayer, Way, persistent_layer_backward, persistent_layer_forward

FIRST = PRIORITY + 1  # before the versions of `sequence.py`


def takes_persistent(x: Array, *arguments: Any) -> bool:
    """Whether the persistent kernels have the cell and the sizes, and the device has room for them."""
    *given, cell, sizes, _ = arguments
    return _takes(x, given, cell, sizes)


def takes_both(x: Array, *arguments: Any) -> bool:
    """Whether they have room for both directions at once."""
    *given, cell, sizes = arguments
    return _takes(x, given, cell, sizes)


def _takes(x: Array, given: Sequence[Any], cell: str, sizes: Any) -> bool:
    more = any(w is not None for i, w in enumerate(given) if i % ONE >= ONE - 2)  # projections and peepholes
    if more or sizes is not None or dtype_name(x) != "float32" or not x.shape[0]:
        return False
    batch, hidden = given[0].shape
    return fits(device_of(x), cell, batch, hidden, get_precision() == "tf32", len(given) // ONE)


WHY = "float32, one length, H a multiple of 32 up to 1024, tensor cores"


@register(recurrence_pair, when=takes_persistent, why=WHY, priority=FIRST)
class persistent_sequence_cuda:
    """([h_1 ... h_T], h_T) or with c_T; saved: the states of all steps, of which the outputs are a part."""

    @staticmethod
    def forward(x: Array, *arguments: Any) -> tuple[tuple[Array, ...], Any]:
        *given, cell, _, reverse = arguments
        return _forward(x, [given], cell, reverse)

    @staticmethod
    def backward(g: Any, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        return _backward(g, saved, needs)


register(both_directions_pair)(BothDirectionsPair)  # each by the versions of one direction


@register(both_directions_pair, when=takes_both, why=WHY + ", room for both", priority=FIRST)
class persistent_both_cuda:
    """The outputs of both side by side, and the last h, or h and c, of each; saved: the states of all steps."""

    @staticmethod
    def forward(x: Array, *arguments: Any) -> tuple[tuple[Array, ...], Any]:
        *given, cell, _ = arguments
        return _forward(x, halves(given), cell, False)

    @staticmethod
    def backward(g: Any, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        return _backward(g, saved, needs)


def _forward(
    x: Array, given: Sequence[Sequence[Any]], cell: str, reverse: bool
) -> tuple[tuple[Array, ...], PersistentLayer]:
    """given: h, c, w_ih, w_hh, b_ih, b_hh, and what these kernels do not have, of each direction."""
    xp, ways = namespaces[type(x)], [Way(*map(dense_or_none, part[: ONE - 2])) for part in given]
    finished = xp.zeros((counters_for(x.shape[1], len(ways)),), dtype=xp.uint32)
    tf32 = get_precision() == "tf32"
    layer, *last = persistent_layer_forward(device_of(x), cell, dense(x), ways, finished, reverse, tf32)
    states = [state[i] for i in range(len(ways)) for state in last if state is not None]
    return (layer.outputs(), *states), layer


def _backward(g: Sequence[Array | None], layer: PersistentLayer, needs: Sequence[bool]) -> tuple[Array | None, ...]:
    dy, *last = (dense_or_none(d) for d in g)
    each = len(last) // len(layer.ways)
    states = [last[i : i + each] for i in range(0, len(last), each)]
    dh, dc = [part[0] for part in states], [part[1] for part in states if each == 2]
    dx, ways = persistent_layer_backward(device_of(layer.x), layer, dy, dh, dc, needs[0])
    used = [dy is not None or any(d is not None for d in part) for part in states]
    return dx, *[d if use else None for use, way in zip(used, ways, strict=True) for d in (*way, None, None)]
