"""Launches of sgd.cu: one step over flat buffers, in place. Arguments as in xdl/optim."""

from __future__ import annotations

from typing import Any

from xdl.backend import Array
from xdl.optim.optimizer import joined
from xdl.optim.sgd import sgd_update

from ..launch import Device
from ..slots import dense, device_of, register
from .flat import launch_flat, sign_of


def sgd_step(
    device: Device,
    p: Array,
    g: Array,
    b: Array | None,
    first: bool,
    lr: float,
    momentum: float,
    dampening: float,
    weight_decay: float,
    nesterov: bool,
    maximize: bool = False,
) -> None:
    """Updates p, and the momentum buffer b unless it is None."""
    settings = (lr, momentum, 1 - dampening, weight_decay, sign_of(maximize), int(nesterov), int(first))
    launch_flat(device, "sgd.cu", "sgd_step", p, (p, g, b), settings)


@register(sgd_update)
class sgd_cuda:
    """One step of SGD on flat p, in place."""

    @staticmethod
    def forward(p: Array, grads: list[Array], *arguments: Any) -> tuple[None, None]:
        sgd_step(device_of(p), p, dense(joined(grads)), *arguments)
        return None, None
