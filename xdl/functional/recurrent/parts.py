"""Putting together and taking apart the gates of recurrent cells: for arrays and Tensors alike, see `either`."""

from __future__ import annotations

from collections.abc import Sequence

from xdl.backend import namespaces
from xdl.functional.either import Either, constant, raw
from xdl.functional.shape.shape import cat as cat_tensors
from xdl.tensor import Tensor


def split(z: Either, parts: int) -> list[Either]:
    """The equal parts of z along its last dimension."""
    h = z.shape[-1] // parts
    return [z[..., k * h : (k + 1) * h] for k in range(parts)]


def cat(parts: Sequence[Either], dim: int) -> Either:
    """The parts one after the other."""
    if isinstance(parts[0], Tensor):
        return cat_tensors(parts, dim)
    return namespaces[type(parts[0])].concat(list(parts), axis=dim)


def with_zeros(x: Either, rows: int) -> Either:
    """x (n, K) with zeros below, to (rows, K)."""
    if x.shape[0] == rows:
        return x
    like = raw(x)
    zeros = namespaces[type(like)].zeros((rows - x.shape[0], x.shape[1]), dtype=like.dtype, device=like.device)
    return cat([x, constant(zeros, x)], 0)


def over(top: Either, x: Either) -> Either:
    """x (N, K) with its first rows replaced by top (n, K)."""
    return top if top.shape[0] == x.shape[0] else cat([top, x[top.shape[0] :, ...]], 0)
