"""Initial weights that do not look at a weight's shape: uniform, normal, and constant ones.

Values are drawn on the host from the stream "init" (`xdl.random`) and moved to where the tensor lives.
"""

from __future__ import annotations

from math import inf, isfinite, log, prod, sqrt

from xdl import backend
from xdl.backend import Array, kinds
from xdl.errors import DtypeError, SettingError, expect
from xdl.random import Stream, stream
from xdl.tensor import Tensor, no_grad


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0) -> Tensor:
    """Uniform in [a, b]. Raises SettingError unless a <= b."""
    draws = stream_of("uniform_", tensor)
    expect(a <= b, SettingError, "uniform_", "a <= b", f"a {a} and b {b}")
    values = draws.uniform(tensor.shape, tensor.dtype, host())
    values *= b - a
    values += a
    return write(tensor, values)


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0) -> Tensor:
    """Normal with this mean and std. Raises SettingError unless std >= 0."""
    draws = stream_of("normal_", tensor)
    expect(std >= 0, SettingError, "normal_", "std >= 0", std)
    values = draws.normal(tensor.shape, tensor.dtype, host())
    values *= std
    values += mean
    return write(tensor, values)


def trunc_normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0) -> Tensor:
    """Normal with this mean and std (before the cut), cut to [a, b].

    By rejection from a uniform proposal: Robert, "Simulation of truncated normal variables", Statistics and Computing 5
    (1995). What is left out beyond has a probability below 2**-64. Raises SettingError unless 0 < std < inf, a < b and
    [a, b] begins within 1e6 std of the mean.
    """
    draws = stream_of("trunc_normal_", tensor)
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
        u = draws.uniform((2, 2 * missing + 16), "float64", host())
        z = low + (high - low) * u[0]
        accepted.append(z[u[1] < xp.exp(0.5 * (peak**2 - z * z))][:missing])
        missing -= accepted[-1].shape[0]
    return write(tensor, xp.clip(xp.reshape(xp.concat(accepted), tensor.shape) * std + mean, a, b))


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


def stream_of(operation: str, tensor: Tensor) -> Stream:
    """The stream of draws. Raises DtypeError for a tensor that is not floating."""
    expect(kinds[tensor.array.dtype] == "float", DtypeError, operation, "a floating tensor", tensor.dtype)
    return stream("init")


def host() -> Array:
    """An array that asks for draws on the host."""
    return backend.load("numpy").asarray([], "uint64")


def write(tensor: Tensor, values: Array) -> Tensor:
    """Writes values from the host into a tensor, where it lives; returns it."""
    owner = backend.of(tensor.array)
    if not isinstance(values, owner.array_types):
        values = owner.asarray(values, tensor.dtype, owner.index(tensor.array))
    with no_grad():
        tensor[...] = Tensor(values)
    return tensor
