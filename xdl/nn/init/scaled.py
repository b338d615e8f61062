"""Initial weights that keep the variance of the signal.

A weight (O, I, *K) has K positions of a kernel (1 for a linear layer):

    fan_in = I K          what one output reads
    fan_out = O K         what one input reaches

Keeping the variance of the signal in the forward pass asks for Var w = gain**2 / fan_in, in the backward pass for
gain**2 / fan_out; the gain makes up for what the nonlinearity takes.
"""

from __future__ import annotations

from math import prod, sqrt

from xdl.errors import SettingError, ShapeError, nearest
from xdl.nn.init.plain import normal_, uniform_
from xdl.tensor import Tensor

_GAINS = {
    **dict.fromkeys(("linear", "conv1d", "conv2d", "conv3d", "sigmoid"), 1.0),
    **dict.fromkeys(("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"), 1.0),
    "tanh": 5 / 3,
    "relu": sqrt(2),
    "selu": 3 / 4,
}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor that makes up for a nonlinearity: 1 for linear ones and sigmoid, 5/3 for tanh, sqrt(2) for relu, ...

    param: the negative slope of "leaky_relu" (0.01 without it), whose gain is sqrt(2 / (1 + param**2))
    Raises SettingError for an unknown name.
    """
    if nonlinearity == "leaky_relu":
        return sqrt(2 / (1 + (0.01 if param is None else param) ** 2))
    if nonlinearity not in _GAINS:
        known = nearest(str(nonlinearity), {*_GAINS, "leaky_relu"})
        raise SettingError("calculate_gain", "a known nonlinearity", repr(nonlinearity), known)
    return _GAINS[nonlinearity]


def xavier_uniform_(tensor: Tensor, gain: float = 1.0) -> Tensor:
    """Uniform in [-l, l], l = gain sqrt(6 / (fan_in + fan_out)): a compromise of both ways, for saturating units.

    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.
    Raises ShapeError for fewer than two dimensions or an empty tensor.
    """
    fan_in, fan_out = fans("xavier_uniform_", tensor)
    limit = gain * sqrt(6 / (fan_in + fan_out))
    return uniform_(tensor, -limit, limit)


def xavier_normal_(tensor: Tensor, gain: float = 1.0) -> Tensor:
    """Normal of mean 0 and std = gain sqrt(2 / (fan_in + fan_out)); see `xavier_uniform_`."""
    fan_in, fan_out = fans("xavier_normal_", tensor)
    return normal_(tensor, 0.0, gain * sqrt(2 / (fan_in + fan_out)))


def kaiming_uniform_(tensor: Tensor, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu") -> Tensor:
    """Uniform in [-l, l], l = gain sqrt(3 / fan), for rectifying units.

    a:    the negative slope of "leaky_relu"
    mode: "fan_in" keeps the variance in the forward pass, "fan_out" in the backward pass
    He, Zhang, Ren, Sun, "Delving deep into rectifiers", ICCV 2015. Raises ShapeError for fewer than two dimensions or
    an empty tensor, SettingError for an unknown mode or nonlinearity.
    """
    limit = sqrt(3) * _kaiming_std("kaiming_uniform_", tensor, a, mode, nonlinearity)
    return uniform_(tensor, -limit, limit)


def kaiming_normal_(tensor: Tensor, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu") -> Tensor:
    """Normal of mean 0 and std = gain / sqrt(fan); see `kaiming_uniform_`."""
    return normal_(tensor, 0.0, _kaiming_std("kaiming_normal_", tensor, a, mode, nonlinearity))


def fan_in_uniform_(weight: Tensor, bias: Tensor | None = None) -> None:
    """Weight and bias uniform in [-l, l], l = 1 / sqrt(fan_in): how PyTorch's linear and convolution layers start.

    LeCun, Bottou, Orr, Müller, "Efficient BackProp" (1998), section 4.6, asks for this order of magnitude. Raises
    ShapeError for a weight of fewer than two dimensions or an empty one.
    """
    limit = 1 / sqrt(fans("fan_in_uniform_", weight)[0])
    uniform_(weight, -limit, limit)
    if bias is not None:
        uniform_(bias, -limit, limit)


def fans(operation: str, tensor: Tensor) -> tuple[int, int]:
    """(fan_in, fan_out) of a weight. Raises ShapeError for fewer than two dimensions or an empty one."""
    if tensor.ndim < 2 or 0 in tensor.shape:
        raise ShapeError(operation, "a weight (O, I, *K) of at least two dimensions, none of them 0", tensor.shape)
    kernel = prod(tensor.shape[2:])
    return tensor.shape[1] * kernel, tensor.shape[0] * kernel


def _kaiming_std(operation: str, tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    sizes = dict(zip(("fan_in", "fan_out"), fans(operation, tensor), strict=True))
    if mode not in sizes:
        raise SettingError(operation, "fan_in or fan_out as mode", repr(mode), nearest(str(mode), sizes))
    gain = calculate_gain(nonlinearity, a)
    return gain / sqrt(sizes[mode])
