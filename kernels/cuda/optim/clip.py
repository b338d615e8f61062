"""Launches of clip_parts.cu: the norm of all gradients, and their clipping, in place."""

from __future__ import annotations

from math import prod
from typing import Any

from xdl.backend import Array, dtype_name
from xdl.optim.clip_slots import TINY, limit_parts, parts_norm, scale_parts

from ..launch import load_kernels
from ..sizes import check_size
from ..slots import dense, device_of, register
from .parts import THREADS, groups, slices

PER_BLOCK, MOST_SLICES = 4096, 256  # elements of the largest part, and blocks for each part


def _sized(parts: list[Array]) -> list[tuple[Any, ...]]:
    """(part, size) of each."""
    return [(dense(x), prod(x.shape)) for x in parts]


@register(parts_norm)
class parts_norm_cuda:
    """A launch for each sixteen parts, and one more for the sum of all."""

    @staticmethod
    def forward(norm: Array, parts: list[Array], p: float) -> tuple[None, None]:
        device, sized = device_of(norm), _sized([x for x in parts if prod(x.shape)])
        kernels = load_kernels(device, "clip_parts.cu", dtype_name(norm))
        across = min(slices(sized, PER_BLOCK), MOST_SLICES) if sized else 0
        count = len(sized) * across
        check_size("parts_norm", "partial sums", count)
        partial = device.empty((count,), dtype_name(norm))
        for first, together, arguments in groups(sized):
            kernels.launch("parts_powers", (across, together), (THREADS,), *arguments, partial, first, float(p))
        kernels.launch("parts_norm", (1,), (THREADS,), partial, norm, count, float(p))
        return None, None


@register(scale_parts)
class scale_parts_cuda:
    """A launch for each sixteen parts."""

    @staticmethod
    def forward(norm: Array, parts: list[Array], limit: float) -> tuple[None, None]:
        _write("scale_parts", parts, dense(norm), float(limit), TINY)
        return None, None


@register(limit_parts)
class limit_parts_cuda:
    """A launch for each sixteen parts."""

    @staticmethod
    def forward(first: Array, others: list[Array], limit: float) -> tuple[None, None]:
        _write("limit_parts", [first, *others], float(limit))
        return None, None


def _write(name: str, parts: list[Array], *more: Any) -> None:
    """Launches a kernel that writes the parts. An array that is there twice is written twice: a new launch begins."""
    rounds: list[dict[int, Array]] = [{}]
    for x in parts:
        if id(x) in rounds[-1]:
            rounds.append({})
        if prod(x.shape):
            rounds[-1][id(x)] = x
    for together in rounds:
        _write_once(name, list(together.values()), *more)


def _write_once(name: str, parts: list[Array], *more: Any) -> None:
    sized = _sized(parts)
    for first, count, arguments in groups(sized):
        device, grid = device_of(parts[0]), (slices(sized[first : first + count]), count)
        kernels = load_kernels(device, "clip_parts.cu", dtype_name(parts[0]))
        kernels.launch(name, grid, (THREADS,), *arguments, *more)
    for x, (written, _) in zip(parts, sized, strict=True):
        if written is not x:
            device_of(x).copy(written, x)
