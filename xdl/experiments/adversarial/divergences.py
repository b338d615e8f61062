"""Densities on a line as Tensors over a grid, and how far two of them are apart: KL, both ways, and JS, in nats."""

from __future__ import annotations

from math import pi

import xdl
from xdl.distributions import Normal
from xdl.tensor import Tensor

ENDS, PLACES = 14.0, 4001  # of the grid; sums over it are integrals to many digits, the densities vanish at its ends


def grid() -> Tensor:
    """The places, (PLACES,) float64."""
    return xdl.linspace(-ENDS, ENDS, PLACES, dtype="float64")


def integral(values: Tensor) -> Tensor:
    """The integral of a function, given on the grid."""
    return values.sum() * (2 * ENDS / (PLACES - 1))


def normal(x: Tensor, mean: Tensor | float, std: Tensor | float) -> Tensor:
    """The density of N(mean, std)."""
    z = (x - mean) / std
    found: Tensor = (-0.5 * z * z).exp() / (std * (2 * pi) ** 0.5)
    return found


def kl(p: Tensor, q: Tensor) -> Tensor:
    """KL(p | q), the integral of p ln(p / q); where p is 0 it adds nothing."""
    tiny = 1e-300
    return integral(p * ((p + tiny).log() - (q + tiny).log()))


def js(p: Tensor, q: Tensor) -> Tensor:
    """JS(p, q) = KL(p | m) / 2 + KL(q | m) / 2, m = (p + q) / 2: symmetric, at most ln 2."""
    middle = (p + q) / 2
    return (kl(p, middle) + kl(q, middle)) / 2


def sampled(mean: float, std: float, samples: int) -> Tensor:
    """Samples (samples, 1) of N(mean, std), float32."""
    return Normal(xdl.tensor(mean), xdl.tensor(std)).sample((samples, 1))
