"""Samples of categories that pass a gradient: softmax of logits with Gumbel noise.

    x (..., C) logits   u uniform in (0, 1)   n = -log(-log u)

    y = softmax((x + n) / tau)                   the largest x + n is class c with probability softmax(x)_c
    hard: y = onehot(argmax y), with the gradient of the soft y

Jang, Gu and Poole, Categorical Reparameterization with Gumbel-Softmax, 2017; Maddison, Mnih and Teh 2017.
"""

from __future__ import annotations

from typing import Any

from xdl.backend import namespaces
from xdl.errors import SettingError
from xdl.functional import either
from xdl.functional.operands import floating
from xdl.functional.reduce.reduce import dims_of
from xdl.functional.reduce.softmax import softmax
from xdl.node import edge
from xdl.observe import composite
from xdl.random import stream
from xdl.tape import record
from xdl.tensor import Tensor


@composite
def gumbel_softmax(logits: Tensor, tau: float = 1.0, hard: bool = False, eps: float = 1e-10, dim: int = -1) -> Tensor:
    """A sample y of logits' shape that sums to 1 along dim; tau is the temperature, hard gives 0 and 1.

    The noise comes from the stream "gumbel", one step a call: the same seed gives the same sample. eps is accepted for
    PyTorch's sake, and not used. Raises SettingError unless tau > 0, ShapeError, DtypeError.
    """
    floating("gumbel_softmax", logits=logits)
    if not tau > 0:
        raise SettingError("gumbel_softmax", "tau above 0", repr(tau))
    (d,) = dims_of("gumbel_softmax", logits.ndim, dim)
    x = logits.array
    xp = namespaces[type(x)]
    words = xp.empty(0, dtype=xp.uint64, device=x.device)
    lowest = 2.0**-25 if logits.dtype == "float32" else 2.0**-54  # half a step in the place of 0
    u = either.clip(stream("gumbel").uniform(logits.shape, logits.dtype, words), lowest, None)
    y = softmax((logits + Tensor(-xp.log(-xp.log(u)))) / tau, d)
    if not hard:
        return y
    shape = [1] * logits.ndim
    shape[d] = logits.shape[d]
    classes = xp.reshape(xp.arange(shape[d], device=x.device), tuple(shape))
    drawn = xp.expand_dims(xp.argmax(y.array, axis=d), axis=d)
    return record(xp.astype(classes == drawn, x.dtype), (edge(y),), _straight_through_rule)


def _straight_through_rule(needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (g,)
