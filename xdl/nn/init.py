"""Initial weights. Every function writes into a tensor, in place and outside the tape, and returns it.

Values are drawn on the host from the stream "init" (`xdl.random`) and moved to the tensor's backend, so a seed gives
the same weights everywhere. Names, defaults and formulas are PyTorch's.

A weight (O, I, *K) has K positions of a kernel (1 for a linear layer):

    fan_in = I K          what one output reads
    fan_out = O K         what one input reaches

Keeping the variance of the signal in the forward pass asks for Var w = gain**2 / fan_in, in the backward pass for
gain**2 / fan_out; the gain makes up for what the nonlinearity takes.
"""

from __future__ import annotations

from math import inf, isfinite, log, prod, sqrt

from xdl import backend
from xdl.backend import Array, kinds
from xdl.errors import DtypeError, SettingError, ShapeError, expect, nearest
from xdl.random import Stream, stream
from xdl.tensor import Tensor, no_grad

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


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0) -> Tensor:
    """Uniform in [a, b]. Raises SettingError unless a <= b."""
    draws = _stream("uniform_", tensor)
    expect(a <= b, SettingError, "uniform_", "a <= b", f"a {a} and b {b}")
    return _write(tensor, draws.uniform(tensor.shape, tensor.dtype, _host()) * (b - a) + a)


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0) -> Tensor:
    """Normal with this mean and std. Raises SettingError unless std >= 0."""
    draws = _stream("normal_", tensor)
    expect(std >= 0, SettingError, "normal_", "std >= 0", std)
    return _write(tensor, draws.normal(tensor.shape, tensor.dtype, _host()) * std + mean)


def trunc_normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0) -> Tensor:
    """Normal with this mean and std (before the cut), cut to [a, b].

    By rejection from a uniform proposal: Robert, "Simulation of truncated normal variables", Statistics and Computing 5
    (1995). What is left out beyond has a probability below 2**-64. Raises SettingError unless 0 < std < inf, a < b and
    [a, b] begins within 1e6 std of the mean.
    """
    draws = _stream("trunc_normal_", tensor)
    far = max(a - mean, mean - b) > 1e6 * std
    expect(
        0 < std < inf and a < b and isfinite(mean) and not far,
        SettingError,
        "trunc_normal_",
        "0 < std < inf and a < b, with [a, b] within 1e6 std of the mean",
        f"mean {mean}, std {std}, a {a} and b {b}",
    )
    low, high = (a - mean) / std, (b - mean) / std
    peak = max(low, -high, 0.0)  # the distance from 0 to the nearest allowed point
    reach = sqrt(peak**2 + 128 * log(2))  # the density there is 2**-64 of the largest
    low, high = max(low, -reach), min(high, reach)
    xp = backend.load("numpy").xp
    accepted: list[Array] = [xp.zeros(0)]
    missing = prod(tensor.shape)
    while missing:
        u = draws.uniform((2, 2 * missing + 16), "float64", _host())
        z = low + (high - low) * u[0]
        accepted.append(z[u[1] < xp.exp(0.5 * (peak**2 - z * z))][:missing])
        missing -= accepted[-1].shape[0]
    return _write(tensor, xp.clip(xp.reshape(xp.concat(accepted), tensor.shape) * std + mean, a, b))


def constant_(tensor: Tensor, val: float) -> Tensor:
    """val everywhere."""
    with no_grad():
        tensor[...] = val
    return tensor


def zeros_(tensor: Tensor) -> Tensor:
    """0 everywhere."""
    return constant_(tensor, 0)


def ones_(tensor: Tensor) -> Tensor:
    """1 everywhere."""
    return constant_(tensor, 1)


def xavier_uniform_(tensor: Tensor, gain: float = 1.0) -> Tensor:
    """Uniform in [-l, l], l = gain sqrt(6 / (fan_in + fan_out)): a compromise of both ways, for saturating units.

    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.
    Raises ShapeError for fewer than two dimensions or an empty tensor.
    """
    fan_in, fan_out = _fans("xavier_uniform_", tensor)
    limit = gain * sqrt(6 / (fan_in + fan_out))
    return uniform_(tensor, -limit, limit)


def xavier_normal_(tensor: Tensor, gain: float = 1.0) -> Tensor:
    """Normal of mean 0 and std = gain sqrt(2 / (fan_in + fan_out)); see `xavier_uniform_`."""
    fan_in, fan_out = _fans("xavier_normal_", tensor)
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
    limit = 1 / sqrt(_fans("fan_in_uniform_", weight)[0])
    uniform_(weight, -limit, limit)
    if bias is not None:
        uniform_(bias, -limit, limit)


def orthogonal_(tensor: Tensor, gain: float = 1.0) -> Tensor:
    """gain times a matrix (O, I K) with orthonormal rows, or columns where O > I K.

    The Q of a normal matrix, each column times the sign of R's diagonal, so that all directions are equally likely.
    Saxe, McClelland, Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks",
    ICLR 2014. Raises ShapeError for fewer than two dimensions or an empty tensor.
    """
    _fans("orthogonal_", tensor)
    rows, columns = tensor.shape[0], prod(tensor.shape[1:])
    xp = backend.load("numpy").xp
    draws = _stream("orthogonal_", tensor).normal((max(rows, columns), min(rows, columns)), "float64", _host())
    q, r = xp.linalg.qr(draws)
    q = q * xp.where(xp.linalg.diagonal(r) < 0, -1.0, 1.0)
    return _write(tensor, xp.reshape(q.T if rows < columns else q, tensor.shape) * gain)


def _fans(operation: str, tensor: Tensor) -> tuple[int, int]:
    if tensor.ndim < 2 or 0 in tensor.shape:
        raise ShapeError(operation, "a weight (O, I, *K) of at least two dimensions, none of them 0", tensor.shape)
    kernel = prod(tensor.shape[2:])
    return tensor.shape[1] * kernel, tensor.shape[0] * kernel


def _kaiming_std(operation: str, tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    fans = dict(zip(("fan_in", "fan_out"), _fans(operation, tensor), strict=True))
    if mode not in fans:
        raise SettingError(operation, "fan_in or fan_out as mode", repr(mode), nearest(str(mode), fans))
    gain = calculate_gain(nonlinearity, a)
    return gain / sqrt(fans[mode])


def _stream(operation: str, tensor: Tensor) -> Stream:
    expect(kinds[tensor.array.dtype] == "float", DtypeError, operation, "a floating tensor", tensor.dtype)
    return stream("init")


def _host() -> Array:
    """An array that asks for draws on the host."""
    return backend.load("numpy").asarray([], "uint64")


def _write(tensor: Tensor, values: Array) -> Tensor:
    with no_grad():
        tensor[...] = Tensor(backend.of(tensor.array).asarray(values, tensor.dtype))
    return tensor
