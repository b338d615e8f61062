"""Leaky ReLU with a random slope: x where x > 0, else a x, with a uniform in [lower, upper) for each element.

Xu, Wang, Chen and Li, Empirical Evaluation of Rectified Activations in Convolutional Network, 2015.
"""

from __future__ import annotations

from xdl.backend import namespaces
from xdl.errors import SettingError
from xdl.functional.elementwise.piecewise import leaky_relu
from xdl.functional.elementwise.where import where
from xdl.functional.in_place import in_place
from xdl.functional.operands import floating
from xdl.observe import composite
from xdl.random import stream
from xdl.tensor import Tensor


@composite
def rrelu(
    input: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False, inplace: bool = False
) -> Tensor:
    """y as in the module docstring while training; else with a = (lower + upper) / 2 for every element.

    Slopes come from the stream "dropout", one step a call. Raises SettingError unless 0 <= lower <= upper, DtypeError.
    """
    if inplace:
        return in_place(rrelu)(input, lower, upper, training)
    floating("rrelu", input=input)
    if not 0 <= lower <= upper:
        raise SettingError("rrelu", "0 <= lower <= upper", f"{lower} and {upper}")
    if not training:
        return leaky_relu(input, (lower + upper) / 2)
    x = input.array
    xp = namespaces[type(x)]
    words = xp.empty(0, dtype=xp.uint64, device=x.device)
    slopes = Tensor(lower + (upper - lower) * stream("dropout").uniform(input.shape, input.dtype, words))
    return where(Tensor(x > 0), input, input * slopes)
