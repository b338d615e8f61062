"""What parity is measured on: calls of the slots of optimizers. See parity.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xdl.backend import namespaces
from xdl.optim.adadelta import adadelta_update
from xdl.optim.adafactor import Place, adafactor_update
from xdl.optim.adagrad import adagrad_update
from xdl.optim.adam import adam_update
from xdl.optim.adamax import adamax_update
from xdl.optim.asgd import asgd_update
from xdl.optim.clip_slots import limit_parts, parts_norm, scale_parts
from xdl.optim.flat import copy_parts
from xdl.optim.muon import MuonPlace, muon_update
from xdl.optim.rmsprop import rmsprop_update
from xdl.optim.rprop import rprop_update
from xdl.optim.sgd import sgd_update
from xdl.tensor import Tensor


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


def copied(t: Tensor) -> Any:
    """The values of a tensor in an array of their own."""
    return namespaces[type(t.array)].asarray(t.array, copy=True)


def _copied(first: Tensor, second: Tensor) -> Tensor:
    """Both in one buffer."""
    buffer = namespaces[type(first.array)].zeros_like(first.array)
    half = first.array.shape[0] // 2
    copy_parts(buffer, [buffer[:half], buffer[half:]], [first.array[:half], second.array[half:]])
    return Tensor(buffer)


def _clipped(first: Tensor, second: Tensor) -> Tensor:
    """Both, scaled to a norm of 1, then limited."""
    parts = [copied(first), copied(second)]
    xp = namespaces[type(parts[0])]
    norm = xp.empty((), dtype=parts[0].dtype, device=parts[0].device)
    parts_norm(norm, parts, 2.0)
    scale_parts(norm, parts, 1.0)
    limit_parts(parts[0], parts[1:], 0.02)
    return Tensor(xp.concat(parts))


def _updated(update: Callable[..., Any]) -> Callable[..., Tensor]:
    """The parameters after one step from copies of p and of the buffers."""

    def call(*tensors: Tensor) -> Tensor:
        p, g, *others = [namespaces[type(t.array)].asarray(t.array * t.array, copy=True) for t in tensors]
        update(p, [g], *others)
        return Tensor(p)

    return call


_ADAFACTOR = (0.3, 0.05, 0.9, 1e-7, 1e-3, 1.0, False)
_MUON = (0.9, True, 0.99, 0.1, False, (2.0, -1.5, 0.5), 2, 1e-7)

UPDATES = (
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
    Case("adadelta_update", _updated(lambda *a: adadelta_update(*a, 1.0, 0.9, 1e-6, 0.01, False)), ((1000,),) * 4),
    Case("adagrad_update", _updated(lambda *a: adagrad_update(*a, 0.1, 1e-10, 0.01, False)), ((1000,),) * 3),
    Case("adamax_update", _updated(lambda *a: adamax_update(*a, 0.1, 0.9, 0.999, 1e-8, 0.01, False)), ((1000,),) * 4),
    Case(
        "rmsprop_update",
        _updated(lambda p, g, s, b: rmsprop_update(p, g, s, None, b, 0.1, 0.9, 1e-8, 0.01, 0.5, False)),
        ((1000,),) * 4,
    ),
    Case("rprop_update", _updated(lambda *a: rprop_update(*a, (0.5, 1.2), (1e-6, 50.0), False)), ((1000,),) * 4),
    Case("asgd_update", _updated(lambda *a: asgd_update(*a, 0.99, 0.1, 0.5, 0.01, False)), ((1000,),) * 3),
    Case(
        "adafactor_update",
        _updated(lambda *a: adafactor_update(*a, (Place(0, 1, 25, 40, 0, 0),), *_ADAFACTOR)),
        ((1000,), (1000,), (25,), (40,), (1,)),
    ),
    Case("muon_update", _updated(lambda *a: muon_update(*a, (MuonPlace(0, 25, 40),), *_MUON)), ((1000,),) * 3),
    Case("copy_parts", _copied, ((1000,), (1000,))),
    *(Case(slot, _clipped, ((1000,), (1000,))) for slot in ("parts_norm", "scale_parts", "limit_parts")),
)
