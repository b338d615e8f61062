"""Launches of adam.cu: one step over flat buffers, in place. Arguments as in xdl/optim."""

from __future__ import annotations

from math import sqrt
from typing import Any

from xdl.backend import Array
from xdl.optim.adam import adam_update
from xdl.optim.optimizer import joined

from ..launch import Device
from ..slots import dense, device_of, register
from .flat import launch_flat, sign_of


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
    decay, shrink = (0.0, 1 - lr * weight_decay) if decoupled else (weight_decay, 1.0)
    numbers = (lr / (1 - beta1**t), 0.0, sqrt(1 - beta2**t), beta1, beta2, eps, decay, shrink, False)
    moments_step(device, p, g, m, v, None, *numbers)


def moments_step(
    device: Device,
    p: Array,
    g: Array,
    m: Array,
    v: Array,
    largest: Array | None,
    rate: float,
    ahead: float,
    root: float | None,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
    shrink: float,
    maximize: bool,
) -> None:
    """Updates p, m, v and largest with the numbers of AdamUpdateReference."""
    betas = (beta1, 1 - beta1, beta2, 1 - beta2)
    settings = (rate, ahead, root or 1.0, *betas, eps, weight_decay, shrink, sign_of(maximize), int(root is None))
    launch_flat(device, "adam.cu", "adam_step", p, (p, g, m, v, largest), settings)


@register(adam_update)
class adam_cuda:
    """One step of Adam or one of its kin on flat p, m, v and largest, in place."""

    @staticmethod
    def forward(p: Array, grads: list[Array], *arguments: Any) -> tuple[None, None]:
        moments_step(device_of(p), p, dense(joined(grads)), *arguments)
        return None, None
