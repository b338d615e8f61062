"""Losses of two classes and of distances, with targets t of 1 and -1 or probabilities; all reduced as `reduction.py` says.

    binary cross entropy   -w (t log x + (1 - t) log(1 - x))
    with logits            -w (p t log s + (1 - t) log(1 - s)) with s = sigmoid(x)
    hinge embedding        x where t = 1, max(0, margin - x) where t = -1
    soft margin            log(1 + e**(-t x))
    margin ranking         max(0, margin - t (a - b))
    triplet margin         max(0, margin + |a - p| - |a - n|)                      (Balntas et al. 2016)
    cosine embedding       1 - cos(a, b) where t = 1, max(0, cos(a, b) - margin) where t = -1
"""

from __future__ import annotations

from typing import Any

from xdl.backend import namespaces
from xdl.errors import SettingError, ShapeError
from xdl.functional import either
from xdl.functional.activation import softplus
from xdl.functional.distance import pairwise_distance
from xdl.functional.elementwise import relu
from xdl.functional.operands import floating
from xdl.functional.reduction import reduce_loss, same_shape
from xdl.tape import record
from xdl.tensor import Tensor


def binary_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    """-w (t log x + (1 - t) log(1 - x)) for probabilities x = input and t = target of one shape; logarithms >= -100.

    dx = w (x - t) / max(x (1 - x), 1e-12). weight broadcasts to input. Raises ShapeError, DtypeError, SettingError.
    """
    same_shape("binary_cross_entropy", input=input, target=target)
    x, t = input.data, target.data
    xp = namespaces[type(x)]
    low = xp.asarray(-100.0, dtype=x.dtype, device=x.device)
    y = (t - 1) * xp.maximum(_log(1 - x), low) - t * xp.maximum(_log(x), low)
    loss = record(y, (input, target), _binary_rule)
    return reduce_loss("binary_cross_entropy", loss if weight is None else loss * weight, reduction)
