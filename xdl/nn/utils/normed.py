"""Weights of a given length, and weights divided by their largest singular value.

weight norm      w = g v / |v|          |v| of each slice along dim, or of all of v (Salimans and Kingma 2016)
spectral norm    w / s, s = a^T W b     W (R, C): w as a matrix, dim first; a (R,), b (C,) near its first singular
                                        vectors, nearer by one round of the power method at each use in training:
                                        a = W b / |W b|, b = W^T a / |W^T a| (Miyato et al. 2018)
"""

from __future__ import annotations

from typing import Any

from xdl.errors import SettingError
from xdl.functional.products.distance import normalize
from xdl.nn.conv import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from xdl.nn.init import normal_
from xdl.tensor import Tensor, no_grad


def lengths(v: Tensor, dim: int) -> Tensor:
    """|v| along every dimension but dim, each kept with size 1; of all of v for dim -1, as PyTorch has it."""
    if dim == -1:
        return (v * v).sum().sqrt()
    if not 0 <= dim < v.ndim:
        raise SettingError("weight_norm", f"dim in [0, {v.ndim}), or None", dim)
    others = tuple([d for d in range(v.ndim) if d != dim])
    return (v * v).sum(others, True).sqrt() if others else v.abs()


def of_length(v: Tensor, g: Tensor, dim: int) -> Tensor:
    """g v / |v|."""
    return v * (g / lengths(v, dim))


def as_matrix(w: Tensor, dim: int) -> Tensor:
    """w (R, C), dimension dim first."""
    if dim:
        w = w.permute([dim, *[d for d in range(w.ndim) if d != dim]])
    return w.reshape(w.shape[0], -1)


def spectral_start(w: Tensor, dim: int, eps: float) -> tuple[Tensor, Tensor]:
    """Random a (R,) and b (C,) of length 1 in w's dtype, beside it."""
    with no_grad():
        matrix = as_matrix(w.detach(), dim)
        a, b = (normal_(matrix.new_zeros(n)) for n in matrix.shape)
        return normalize(a, dim=0, eps=eps), normalize(b, dim=0, eps=eps)


def power_method(w: Tensor, a: Tensor, b: Tensor, rounds: int, eps: float, dim: int, right_first: bool) -> None:
    """Rounds of the power method that write into a and b; right_first: each round begins with b."""
    with no_grad():
        matrix = as_matrix(w.detach(), dim)
        for _ in range(rounds):
            if right_first:
                b[...] = normalize(matrix.mT @ a, dim=0, eps=eps)
            a[...] = normalize(matrix @ b, dim=0, eps=eps)
            if not right_first:
                b[...] = normalize(matrix.mT @ a, dim=0, eps=eps)


def over_spectrum(w: Tensor, a: Tensor, b: Tensor, dim: int) -> Tensor:
    """w / s. What is written into a and b later does not matter to its gradient."""
    a, b = a.detach().clone(), b.detach().clone()
    return w / (a @ (as_matrix(w, dim) @ b))


def spectral_settings(module: Any, name: str, n_power_iterations: int, dim: int | None) -> tuple[Tensor, int]:
    """The tensor of that name, and dim: by default 1 for transposed convolutions, else 0. Raises SettingError."""
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise SettingError("spectral_norm", "the name of a parameter", repr(name))
    if n_power_iterations < 1:
        raise SettingError("spectral_norm", "n_power_iterations of at least 1", n_power_iterations)
    if dim is None:
        dim = 1 if isinstance(module, ConvTranspose1d | ConvTranspose2d | ConvTranspose3d) else 0
    if not -weight.ndim <= dim < weight.ndim:
        raise SettingError("spectral_norm", f"dim in [{-weight.ndim}, {weight.ndim})", dim)
    return weight, dim % weight.ndim
