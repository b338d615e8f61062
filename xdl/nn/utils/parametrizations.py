"""Parametrizations by PyTorch's names: weight_norm and spectral_norm. What is computed is in `normed.py`."""

from __future__ import annotations

from typing import TypeVar

from xdl.functional.products.distance import normalize
from xdl.nn.module import Module
from xdl.nn.parameter import Buffer
from xdl.nn.utils import normed
from xdl.nn.utils.parametrize import register_parametrization
from xdl.tensor import Tensor, no_grad

M = TypeVar("M", bound=Module)
BEFORE = 15  # rounds of the power method before the first use


class _WeightNorm(Module):
    """original0 g, original1 v -> g v / |v|."""

    def __init__(self, dim: int | None) -> None:
        self.dim = -1 if dim is None else dim

    def forward(self, g: Tensor, v: Tensor) -> Tensor:
        """The weight."""
        return normed.of_length(v, g, self.dim)

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        """Its lengths, and the weight itself as direction."""
        return normed.lengths(weight, self.dim), weight


class _SpectralNorm(Module):
    """w -> w over its largest singular value; of a vector, over its length."""

    _u: Buffer
    _v: Buffer

    def __init__(self, weight: Tensor, n_power_iterations: int, dim: int, eps: float) -> None:
        self.dim, self.n_power_iterations, self.eps = dim, n_power_iterations, eps
        if weight.ndim > 1:
            a, b = normed.spectral_start(weight, dim, eps)
            self.register_buffer("_u", a)
            self.register_buffer("_v", b)
            self._approach(weight, BEFORE)

    def _approach(self, weight: Tensor, rounds: int) -> None:
        normed.power_method(weight, self._u, self._v, rounds, self.eps, self.dim, right_first=False)

    def forward(self, weight: Tensor) -> Tensor:
        """The weight, in training after the rounds of the power method."""
        if weight.ndim == 1:
            return normalize(weight, dim=0, eps=self.eps)
        if self.training:
            self._approach(weight, self.n_power_iterations)
        return normed.over_spectrum(weight, self._u, self._v, self.dim)

    def right_inverse(self, value: Tensor) -> Tensor:
        """The value itself, as in PyTorch."""
        return value


def weight_norm(module: M, name: str = "weight", dim: int | None = 0) -> M:
    """Splits a parameter into its lengths along dim, original0, and its direction, original1; returns the module.

    dim None: one length of all of it. Raises SettingError where the module has no such parameter.
    """
    return register_parametrization(module, name, _WeightNorm(dim), unsafe=True)


def spectral_norm(
    module: M, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> M:
    """Divides a parameter by its largest singular value, as a matrix whose rows go along dim; returns the module.

    dim is by default 1 for transposed convolutions, else 0. The power method goes on whenever the weight is read in
    training. Raises SettingError where the module has no such parameter.
    """
    weight, rows = normed.spectral_settings(module, name, n_power_iterations, dim)
    with no_grad():
        norm = _SpectralNorm(weight, n_power_iterations, rows, eps)
    return register_parametrization(module, name, norm)
