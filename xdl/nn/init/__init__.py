"""Initial weights. Every function writes into a tensor, in place and outside the tape, and returns it.

Values are drawn on the host from the stream "init" (`xdl.random`) and moved to the tensor's backend, so a seed gives
the same weights everywhere. Names, defaults and formulas are PyTorch's.
"""

from xdl.nn.init.older import (
    constant,
    dirac,
    eye,
    kaiming_normal,
    kaiming_uniform,
    normal,
    orthogonal,
    sparse,
    uniform,
    xavier_normal,
    xavier_uniform,
)
from xdl.nn.init.patterned import dirac_, eye_, orthogonal_, sparse_
from xdl.nn.init.plain import constant_, normal_, ones_, trunc_normal_, uniform_, zeros_
from xdl.nn.init.scaled import (
    calculate_gain,
    fan_in_uniform_,
    kaiming_normal_,
    kaiming_uniform_,
    xavier_normal_,
    xavier_uniform_,
)

__all__ = [
    "calculate_gain", "constant", "constant_", "dirac", "dirac_", "eye", "eye_", "fan_in_uniform_", "kaiming_normal",
    "kaiming_normal_", "kaiming_uniform", "kaiming_uniform_", "normal", "normal_", "ones_", "orthogonal",
    "orthogonal_", "sparse", "sparse_", "trunc_normal_", "uniform", "uniform_", "xavier_normal", "xavier_normal_",
    "xavier_uniform", "xavier_uniform_", "zeros_",
]  # fmt: skip
