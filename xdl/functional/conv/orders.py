"""The order of memory that every convolution of a net takes, chosen for the net and not for the layer alone.

Arrays keep their order from layer to layer, so what is best for one layer may cost the next ones more than it gains.
A net is what its first pass with a gradient shows: the convolutions in the order in which they are met, with their
shapes, up to the one that is met again. Then a planner, which the kernels of a backend bring, chooses for all of them
from shapes and measured constants, and from there on each takes its order wherever images of that shape come to it.
Until then, and for shapes that were never met with a gradient, each goes by its own rules.

    meets(w, x)   this pass       no order yet: noted
    meets(w, x)   the next pass   all that were noted are planned; from here on their orders

The choice belongs to the weights, so that two nets never change each other's, and a second training in a process
has the bits of the first one. `recorded` and `restore` carry it through a checkpoint: a resume goes on with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import local
from typing import Any, NamedTuple
from weakref import ref

from xdl import backend
from xdl.errors import CheckpointError, expect
from xdl.functional.conv.conv import Geometry
from xdl.tensor import Tensor, recording

CHANNELS_LAST, IMAGES_LAST = ORDERS = "channels last", "images last"
MOST = 4096  # layers that are noted at a time; more of them are no net, but weights that are used once
Sizes = tuple[int, ...]


class Layer(NamedTuple):
    """A convolution of images x by filters w. data: x needs no gradient; a net begins there."""

    x: Sizes
    w: Sizes
    geometry: Geometry
    dtype: Any
    data: bool


class Order(NamedTuple):
    """One of ORDERS, and why."""

    name: str
    why: str


# by the name of a backend, what gives the order of each layer of a net, or nothing for none of them
planners: dict[str, Callable[[Sequence[Layer]], list[Order]]] = {}
_chosen: dict[int, tuple[ref[Tensor], dict[Sizes, Order]]] = {}  # by the id of the weights, while they live


class _Noted(local):
    """What this thread has met and not planned yet."""

    def __init__(self) -> None:
        self.layers: dict[tuple[int, Sizes], tuple[ref[Tensor], Layer, Any]] = {}


_noted = _Noted()


def order_of(x: Tensor, w: Tensor, steps: tuple[Any, ...]) -> str | None:
    """The order for images x and filters w; None for one that is not chosen yet, which goes by its own rules.

    steps: stride, padding, dilation and groups
    """
    planner = planners.get(backend.of(x.array).name)
    if planner is None:
        return None
    known, key = _orders(w), (id(w), x.array.shape)
    if key[1] not in known:
        noted = _noted.layers.get(key)
        if noted is not None and noted[0]() is w:
            _plan()
        elif w.node is None and w.requires_grad and recording.get() and len(_noted.layers) < MOST:
            layer = Layer(x.array.shape, w.array.shape, Geometry(*steps), x.array.dtype, not x.requires_grad)
            _noted.layers[key] = ref(w), layer, planner
        known = _orders(w)
    found = known.get(key[1])
    return None if found is None else found.name


def _orders(w: Tensor) -> dict[Sizes, Order]:
    """Those of a layer, by the shape of its images."""
    found = _chosen.get(id(w))
    return {} if found is None or found[0]() is not w else found[1]


def _choose(w: Tensor, orders: dict[Sizes, Order]) -> None:
    key = id(w)
    _chosen[key] = ref(w, lambda _: _chosen.pop(key, None)), orders


def _plan() -> None:
    """Chooses for all that this thread has noted, net by net."""
    noted, _noted.layers = _noted.layers, {}
    nets: list[list[tuple[ref[Tensor], Layer, Any]]] = []
    for met in noted.values():
        if met[1].data or not nets or nets[-1][-1][2] is not met[2]:
            nets.append([])
        nets[-1].append(met)
    for net in nets:
        found = net[0][2]([layer for _, layer, _ in net])
        for (weight, layer, _), order in zip(net, found, strict=bool(found)):
            if (w := weight()) is not None:
                _choose(w, {**_orders(w), layer.x: order})


def recorded(weights: Iterable[tuple[str, Tensor]]) -> dict[str, list[Any]]:
    """What is chosen for named weights: {name: [[shape of x, order, why], ...]}, planned now where it is due."""
    _plan()
    found = {name: [[list(x), *order] for x, order in _orders(w).items()] for name, w in weights}
    return {name: orders for name, orders in found.items() if orders}


def restore(weights: Iterable[tuple[str, Tensor]], record: Mapping[str, Any]) -> None:
    """Goes on with what `recorded` gave, and with nothing else. Raises CheckpointError for anything else."""
    named = dict(weights)
    expect(isinstance(record, Mapping), CheckpointError, "orders", "a dict", type(record).__name__)
    for name, orders in record.items():
        fits = name in named and isinstance(orders, list) and all(map(_is_order, orders))
        expect(
            fits, CheckpointError, "orders", f"shapes and one of {', '.join(ORDERS)}, by weights", f"{name}: {orders}"
        )
    _noted.layers = {}
    for name, w in named.items():
        _chosen.pop(id(w), None)
        if name in record:
            _choose(w, {tuple(x): Order(order, why) for x, order, why in record[name]})


def _is_order(entry: Any) -> bool:
    if not isinstance(entry, list) or len(entry) != 3:
        return False
    shape, name, why = entry
    sizes = isinstance(shape, list) and len(shape) == 4 and all(type(n) is int and n >= 0 for n in shape)
    return sizes and name in ORDERS and isinstance(why, str)


def explain(weights: Iterable[tuple[str, Tensor]]) -> str:
    """A line for each layer and shape of its images: the order that it takes, and why."""
    found = recorded(weights)
    return "\n".join(f"{name} {tuple(x)}: {order}, {why}" for name, each in found.items() for x, order, why in each)
