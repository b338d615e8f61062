"""Which order of memory each convolution of a net takes: the one by which the whole net takes the least time.

    channels last (N, H, W, C)      the vectors are filters: `patches.py`, `spread.py`, NumPy's own ways
    images last   (C, H, W, N)      the vectors are images: `images.py`

A layer costs its three products in an order (`costs.py`). Where the next one takes the other order, its x is turned on
the way there, and the gradient on the way back. The cheapest way through the net is found layer by layer: the cheapest
ones to the layers so far that end in each order are known, and each goes on in either (Viterbi's algorithm). Data are
turned for any order and need no gradient, so the first layer costs no turn and no dx.

What `images.py` cannot do (a stride, some other number of images) NumPy does with the images last where few channels
come to it so; such a layer does not turn its x for that.

Layers count in the order in which a pass meets them, as if each read what the one before it wrote. In a residual net
the one beside it may have written it; both have the same order then, or the turn would be counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf, prod
from typing import NamedTuple

from xdl.functional.conv.orders import CHANNELS_LAST, IMAGES_LAST, ORDERS, Layer, Order

from ...common.convolutions import Case
from .. import choice
from .choice import channels_last_way, images_last_way
from .costs import PRODUCTS, nanoseconds

TURN = 1.5  # nanoseconds of a number that is brought into the other order
MARGIN = {"images": 1.05, "im2col": 1.15}  # images last must gain at least this much: the lines are no better


class Costs(NamedTuple):
    """How a layer is done with its images last, None if it cannot be; nanoseconds in each order."""

    way: str | None
    of: dict[str, float]


def plan(layers: Sequence[Layer]) -> list[Order]:
    """The order of each layer of a net, and why; none where this process computes by NumPy alone."""
    if not choice.used():
        return []
    costs = [_costs(layer) for layer in layers]
    best: dict[str, tuple[float, list[str]]] = {order: (0.0, []) for order in ORDERS}
    for layer, cost in zip(layers, costs, strict=True):
        best = {order: min(_onward(best, order, layer, cost)) for order in ORDERS}
    _, path = min(best.values())
    return [
        Order(order, _reason(order, *both)) for order, both in zip(path, zip(layers, costs, strict=True), strict=True)
    ]


def _onward(
    best: dict[str, tuple[float, list[str]]], order: str, layer: Layer, costs: Costs
) -> Iterator[tuple[float, list[str]]]:
    """Every way to a layer that takes this order."""
    follows = order == IMAGES_LAST and costs.way == "im2col"  # and never turns its x for that
    for total, path in best.values():
        comes = path[-1:] == [order] or not (path or follows)
        turn = inf if follows else 2 * TURN * prod(layer.x)
        yield total + costs.of[order] + (0.0 if comes else turn), [*path, order]


def _costs(layer: Layer) -> Costs:
    """Nanoseconds of a layer in each order; nothing and infinity where images cannot be last."""
    cases = _cases(layer)
    if (way := images_last_way(cases[0])) is None:
        return Costs(None, {CHANNELS_LAST: 0.0, IMAGES_LAST: inf})
    channels = sum(nanoseconds(channels_last_way(case), case) for case in cases)
    images = MARGIN[way] * sum(nanoseconds(way, case) for case in cases)
    return Costs(way, {CHANNELS_LAST: channels, IMAGES_LAST: images})


def _cases(layer: Layer) -> list[Case]:
    """The products that a layer takes, with its channels last."""
    geometry = layer.geometry._replace(order=CHANNELS_LAST)
    cases = [Case(layer.x, layer.w, geometry, layer.dtype, product) for product in PRODUCTS]
    return [case for case in cases if case.product != "input_grad" or not layer.data]


def _reason(order: str, layer: Layer, costs: Costs) -> str:
    """Both costs of a layer in words."""
    if costs.way is None:
        return (
            "its images cannot be last: that takes one group, and few channels or, with steps of one, a multiple of 64"
            " images (32 of float64)"
        )
    ways = ", ".join(dict.fromkeys(channels_last_way(case) for case in _cases(layer)))
    channels, images = (costs.of[each] / 1e6 for each in ORDERS)
    alone = "" if costs.of[order] == min(costs.of.values()) else "; for the net, not for the layer alone"
    return f"{channels:.2f} ms with channels last ({ways}), {images:.2f} with images last ({costs.way}){alone}"
