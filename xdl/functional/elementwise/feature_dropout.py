"""Dropout of whole channels, and dropout that keeps mean and variance for SELU.

    x (N, C, d1, ...)   k (N, C, 1, ...), or x's shape: 1 with probability q = 1 - p, else 0

    channels   y = x k / q
    alpha      y = a (x k + m (1 - k)) + b      with m = -SELU's scale times its alpha, the value of a unit at rest,
               a = 1 / sqrt(q + m**2 q p)       b = -a p m
               so that x of mean 0 and variance 1 gives y of mean 0 and variance 1

Tompson, Goroshin, Jain, LeCun and Bregler 2015 (channels); Klambauer, Unterthiner, Mayr and Hochreiter 2017, section 2
(alpha). Masks come from the stream "dropout", one step a call; p is met as `dropout.py` says.
"""

from __future__ import annotations

from math import sqrt
from warnings import warn

from xdl.backend import namespaces
from xdl.errors import ShapeError
from xdl.functional.elementwise.dropout import LANES, check_probability, dropout, lanes
from xdl.functional.elementwise.elu import SELU_ALPHA, SELU_SCALE
from xdl.functional.in_place import in_place
from xdl.functional.operands import floating
from xdl.observe import composite
from xdl.tensor import Tensor

REST = -SELU_SCALE * SELU_ALPHA


@composite
def dropout1d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """While training, drops whole channels of input (N, C, L) or (C, L) with probability p, divides the rest by 1 - p.

    Else returns input itself. Raises ShapeError, SettingError unless 0 <= p <= 1, DtypeError.
    """
    if inplace and training and p:
        return in_place(dropout1d)(input, p, training)
    return _dropout_channels("dropout1d", input, 1, p, training)


@composite
def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """While training, drops whole channels of input (N, C, H, W) with probability p, divides the rest by 1 - p.

    As in PyTorch, three dimensions are (N, C, L), and two are (N, C), with a warning: a plain `dropout`. Else returns
    input itself. Raises as `dropout1d`.
    """
    if inplace and training and p:
        return in_place(dropout2d)(input, p, training)
    if input.ndim == 2:
        warn("dropout2d of two dimensions is dropout: write that", stacklevel=2)
    return _dropout_channels("dropout2d", input, {2: 0, 3: 1}.get(input.ndim, 2), p, training)


@composite
def dropout3d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """While training, drops whole channels of input (N, C, D, H, W) or (C, D, H, W), as `dropout1d`."""
    if inplace and training and p:
        return in_place(dropout3d)(input, p, training)
    return _dropout_channels("dropout3d", input, 3, p, training)


def _dropout_channels(operation: str, input: Tensor, places: int, p: float, training: bool) -> Tensor:
    """places: how many dimensions after the channels."""
    floating(operation, input=input)
    check_probability(operation, p)
    if input.ndim not in (places + 1, places + 2):
        raise ShapeError(operation, f"input of {places + 1} or {places + 2} dimensions", input.shape)
    if not training or p == 0:
        return input
    return input * dropout(_ones(input, (*input.shape[: input.ndim - places], *[1] * places)), p)


@composite
def alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """While training, sets elements to a SELU's resting value with probability p, keeping mean 0 and variance 1.

    Else returns input itself. input: floating, any shape; p = 1 gives zeros. Raises SettingError, DtypeError.
    """
    if inplace and training and p:
        return in_place(alpha_dropout)(input, p, training)
    return _alpha("alpha_dropout", input, input.shape, p, training)


@composite
def feature_alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """`alpha_dropout` of whole channels of input (N, C, ...). Raises ShapeError below two dimensions as well."""
    if inplace and training and p:
        return in_place(feature_alpha_dropout)(input, p, training)
    if input.ndim < 2:
        raise ShapeError("feature_alpha_dropout", "input (N, C, ...)", input.shape)
    return _alpha("feature_alpha_dropout", input, (*input.shape[:2], *[1] * (input.ndim - 2)), p, training)


def _alpha(operation: str, input: Tensor, shape: tuple[int, ...], p: float, training: bool) -> Tensor:
    floating(operation, input=input)
    check_probability(operation, p)
    if not training or p == 0:
        return input
    if p == 1:
        return input * 0.0
    rate = lanes(p) / LANES
    a = 1 / sqrt((1 - rate) * (1 + REST**2 * rate))
    kept = dropout(_ones(input, shape), p) != 0
    return (input * a).where(kept, a * REST) - a * rate * REST


def _ones(like: Tensor, shape: tuple[int, ...]) -> Tensor:
    x = like.array
    return Tensor(namespaces[type(x)].ones(shape, dtype=x.dtype, device=x.device))
