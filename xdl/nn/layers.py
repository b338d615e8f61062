"""Layers without parameters of their own: each calls the function of its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

from xdl import functional
from xdl.nn.base.flops import Negligible, Shape
from xdl.nn.base.function import FunctionModule
from xdl.nn.module import Module
from xdl.tensor import Tensor


class Flatten(Negligible, Module):
    """Merges the dimensions start_dim to end_dim: (N, C, H, W) to (N, C H W) by default."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input: Tensor) -> Tensor:
        """input (N, d1, ...): (N, d1 ...)."""
        return functional.flatten(input, self.start_dim, self.end_dim)


class Unflatten(Negligible, Module):
    """Splits dimension dim into the sizes unflattened_size, one of which may be -1."""

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, input: Tensor) -> Tensor:
        """The same elements, with more dimensions."""
        return functional.unflatten(input, self.dim, self.unflattened_size)

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"


class Identity(Negligible, Module):
    """Its input itself. Takes any arguments and ignores them, so that it can stand in for another layer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

    def forward(self, input: Tensor) -> Tensor:
        """The input itself."""
        return input


@dataclass(eq=False, repr=False)
class CosineSimilarity(FunctionModule):
    """The cosine of the angle between two tensors along dim; lengths below eps count as eps."""

    function: ClassVar = functional.cosine_similarity
    dim: int = 1
    eps: float = 1e-8

    def flops(self, input: Shape, output: Shape) -> int:
        """6 per element: the products a b, a a and b b, and their sums."""
        return 6 * prod(input)


@dataclass(eq=False, repr=False)
class PairwiseDistance(FunctionModule):
    """The p-norm of a - b + eps along the last dimension of (N, D) or (D,)."""

    function: ClassVar = functional.pairwise_distance
    p: float = 2.0
    eps: float = 1e-6
    keepdim: bool = False

    def flops(self, input: Shape, output: Shape) -> int:
        """4 per element: difference, eps, power and sum."""
        return 4 * prod(input)
