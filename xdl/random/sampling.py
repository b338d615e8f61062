"""Samples from distributions whose parameters are tensors. Nothing is recorded: samples are constants.

generator: the stream to draw from, `stream("random")` without it.
"""

from __future__ import annotations

from typing import Any

from xdl import backend
from xdl.backend import kinds, namespaces
from xdl.creation.filled import Size, Where, sizes
from xdl.errors import DtypeError, SettingError, ShapeError
from xdl.promotion import number_kind
from xdl.random.draws import randn
from xdl.random.streams import Stream, drawn_from
from xdl.tensor import Tensor, no_grad


def normal(
    mean: Tensor | float,
    std: Tensor | float = 1.0,
    size: Size | None = None,
    *,
    dtype: Any = None,
    device: Where = None,
    requires_grad: bool = False,
    generator: Stream | None = None,
) -> Tensor:
    """Normal numbers mean + std z: of one mean and std in a size, or of tensors that broadcast, each its own.

    Raises SettingError for a negative std, and without a size where neither is a Tensor.
    """
    tensors = [t for t in (mean, std) if isinstance(t, Tensor)]
    given = [number_kind(value, "normal") for value in (mean, std) if not isinstance(value, Tensor)]
    if "bool" in given or not (isinstance(std, Tensor) or std >= 0):
        raise SettingError("normal", "std of at least 0", std)
    if not tensors:
        if size is None:
            raise SettingError("normal", "a size where mean and std are numbers", "none")
        z = randn(sizes("normal", (size,), None), dtype=dtype, device=device, generator=generator)
        return (z * std + mean).requires_grad_(requires_grad)
    with no_grad():
        shape = (tensors[0] + tensors[-1]).shape
        like = floating_numbers("normal", tensors[0])
        z = Tensor(drawn_from(generator).normal(shape, backend.dtype_name(like), like))
        return z * std + mean


def bernoulli(input: Tensor, p: float | None = None, *, generator: Stream | None = None) -> Tensor:
    """1 with probability p, else 0: in input's shape and dtype, p is each element of input, or the number given.

    Raises DtypeError unless input is floating, DataError for a p outside [0, 1].
    """
    x = floating_numbers("bernoulli", input)
    xp = namespaces[type(x)]
    if p is not None:
        number_kind(p, "bernoulli")
        x = xp.full(x.shape, p, dtype=x.dtype, device=x.device)
    backend.of(x).check_values("bernoulli", "probabilities in [0, 1]", ~((x >= 0) & (x <= 1)))
    u = drawn_from(generator).uniform(x.shape, backend.dtype_name(x), x)
    return Tensor(xp.astype(u < x, x.dtype))


def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Stream | None = None
) -> Tensor:
    """num_samples indices (num_samples,) or (N, num_samples), int64, drawn by the weights (K,) or (N, K).

    With replacement the cumulative weights are searched for uniform numbers; without, the indices of the smallest
    e_k / w_k are taken, for exponential numbers e_k (Efraimidis and Spirakis, 2006). Raises ShapeError, DataError for
    weights that are negative, not finite, all 0, or fewer above 0 than samples without replacement.
    """
    w = floating_numbers("multinomial", input)
    xp = namespaces[type(w)]
    if w.ndim not in (1, 2) or not w.shape[-1]:
        raise ShapeError("multinomial", "weights (K,) or (N, K)", w.shape)
    if type(num_samples) is not int or num_samples < 1 or (num_samples > w.shape[-1] and not replacement):
        most = "" if replacement else f" and at most {w.shape[-1]}, the number of weights"
        raise SettingError("multinomial", f"num_samples of at least 1{most}", num_samples)
    w = xp.astype(w, xp.float64)
    rows = xp.reshape(w, (-1, w.shape[-1]))
    backend.of(w).check_values("multinomial", "finite weights of at least 0", ~(xp.isfinite(w) & (w >= 0)))
    needed = 1 if replacement else num_samples
    positive = xp.sum(xp.astype(rows > 0, xp.int64), axis=-1)
    backend.of(w).check_values("multinomial", f"rows with at least {needed} weights above 0", positive < needed)
    draw = drawn_from(generator)
    if replacement:
        c = xp.cumulative_sum(rows, axis=-1)
        c = c / c[:, -1:]  # its last is 1, and u below 1
        u = draw.uniform((rows.shape[0], num_samples), "float64", w)
        index = xp.stack([xp.searchsorted(c[i, :], u[i, :], side="right") for i in range(rows.shape[0])])
    else:
        e = -xp.log(1.0 - draw.uniform(rows.shape, "float64", w))
        index = xp.argsort(xp.where(rows > 0, e, xp.inf) / xp.where(rows > 0, rows, 1.0), axis=-1)[:, :num_samples]
    return Tensor(xp.reshape(xp.astype(index, xp.int64), (*w.shape[:-1], num_samples)))


def floating_numbers(operation: str, input: Tensor) -> Any:
    """The array of a floating Tensor. Raises DtypeError."""
    if not isinstance(input, Tensor):
        raise DtypeError(operation, "a Tensor", type(input).__name__, "Wrap it with xdl.tensor(...)")
    if kinds[input.array.dtype] != "float":
        raise DtypeError(operation, "a floating dtype", input.dtype, 'Convert with .to("float32")')
    return input.array
