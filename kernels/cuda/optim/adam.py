"""Launches of adam.cu: one step over flat buffers, in place. Arguments as in xdl/optim."""

from __future__ import annotations

from math import sqrt
from typing import Any

from xdl.backend import Array
from xdl.optim.adam import adam_update
from xdl.optim.optimizer import joined

from ..launch import Device
from ..slots import dense, device_of, register
from .flat import launch_flat


def adam_step(
    device: Device,
    p: Array,
    g: Array,
    m: Array,
    v: Array,
    t: int,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
    decoupled: bool,
) -> None:
    """Updates p, m and v in step t = 1, 2, ..."""
    decay = (0.0, 1 - lr * weight_decay) if decoupled else (weight_decay, 1.0)
    moments_step(device, p, g, m, v, lr / (1 - beta1**t), sqrt(1 - beta2**t), beta1, beta2, eps, *decay)


def moments_step(
    device: Device,
    p: Array,
    g: Array,
    m: Array,
    v: Array,
    rate: float,
    root: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
    shrink: float,
) -> None:
    """Updates p, m and v with the numbers of AdamUpdateReference."""
    settings = (rate, beta1, 1 - beta1, beta2, 1 - beta2, root, eps, weight_decay, shrink)
    launch_flat(device, "adam.cu", "adam_step", p, (p, g, m, v), settings)


def _plain(
    p: Array, grads: Any, m: Array, v: Array, largest: Array | None, rate: float, ahead: float, root: Any, *rest: Any
) -> bool:
    return largest is None and not ahead and root is not None and not rest[-1]


@register(adam_update, when=_plain, why="Adam and AdamW without amsgrad and maximize, RAdam's rectified steps")
class adam_cuda:
    """One step of Adam or AdamW on flat p, m and v, in place."""

    @staticmethod
    def forward(
        p: Array,
        grads: list[Array],
        m: Array,
        v: Array,
        largest: None,
        rate: float,
        ahead: float,
        root: float,
        *rest: Any,
    ) -> tuple[None, None]:
        moments_step(device_of(p), p, dense(joined(grads)), m, v, rate, root, *rest[:-1])
        return None, None
