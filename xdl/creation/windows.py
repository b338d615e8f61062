"""Windows: weights over the n samples of a piece of a signal, which fall off to its ends.

    t_i = 2 pi i / n           periodic: n pieces that follow each other every n samples (periodic=False: n - 1)
    hann_i     = 1/2 - 1/2 cos t_i
    hamming_i  = alpha - beta cos t_i
    blackman_i = 0.42 - 0.5 cos t_i + 0.08 cos 2 t_i
    bartlett_i = 1 - |1 - t_i / pi|

F. J. Harris, "On the use of windows for harmonic analysis with the discrete Fourier transform", Proc. IEEE 66 (1978).
A window of one sample is 1. All are computed in float64, and are float32 unless told otherwise.
"""

from __future__ import annotations

from math import pi
from typing import Any

from xdl.creation.filled import Where, one_size, ones
from xdl.devices import empty_at
from xdl.errors import DtypeError, expect
from xdl.tensor import Tensor


def hann_window(
    window_length: int,
    periodic: bool = True,
    *,
    dtype: Any = None,
    device: Where = None,
    requires_grad: bool = False,
) -> Tensor:
    """A period of a raised cosine, 0 at its start. Raises ShapeError, DtypeError."""
    return _cosines("hann_window", window_length, periodic, (0.5, 0.5, 0.0), dtype, device, requires_grad)


def hamming_window(
    window_length: int,
    periodic: bool = True,
    alpha: float = 0.54,
    beta: float = 0.46,
    *,
    dtype: Any = None,
    device: Where = None,
    requires_grad: bool = False,
) -> Tensor:
    """The same on a step: alpha - beta at its start. Raises ShapeError, DtypeError."""
    return _cosines("hamming_window", window_length, periodic, (alpha, beta, 0.0), dtype, device, requires_grad)


def blackman_window(
    window_length: int,
    periodic: bool = True,
    *,
    dtype: Any = None,
    device: Where = None,
    requires_grad: bool = False,
) -> Tensor:
    """Of two cosines, so that less leaks to other frequencies. Raises ShapeError, DtypeError."""
    return _cosines("blackman_window", window_length, periodic, (0.42, 0.5, 0.08), dtype, device, requires_grad)


def bartlett_window(
    window_length: int,
    periodic: bool = True,
    *,
    dtype: Any = None,
    device: Where = None,
    requires_grad: bool = False,
) -> Tensor:
    """A triangle. Raises ShapeError, DtypeError."""
    t, like = _angles("bartlett_window", window_length, periodic, dtype, device)
    y = ones(window_length, dtype="float64", device=device) if window_length == 1 else 1 - (1 - t / pi).abs()
    return Tensor(y.to(dtype=like).array, requires_grad)


def _cosines(
    operation: str,
    n: int,
    periodic: bool,
    weights: tuple[float, float, float],
    dtype: Any,
    device: Where,
    requires_grad: bool,
) -> Tensor:
    t, like = _angles(operation, n, periodic, dtype, device)
    a, b, c = weights
    y = ones(n, dtype="float64", device=device) if n == 1 else a - b * t.cos() + c * (2 * t).cos()
    return Tensor(y.to(dtype=like).array, requires_grad)


def _angles(operation: str, n: int, periodic: bool, dtype: Any, device: Where) -> tuple[Tensor, str]:
    """t, and the dtype that the window gets."""
    count = one_size(operation, n)
    xp, like = empty_at(device, dtype or "float32")
    kind = Tensor(like).dtype
    expect(kind.startswith("float"), DtypeError, operation, "a floating dtype", kind)
    steps = xp.arange(count, dtype=xp.float64, device=like.device)
    return Tensor(steps * (2 * pi / max(count if periodic else count - 1, 1))), kind
