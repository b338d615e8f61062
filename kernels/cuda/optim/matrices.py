"""Launches over the matrices of a flat buffer: Adafactor's adafactor.cu and Muon's muon.cu.

A table in the device's memory has the place of each matrix. It is written once.
"""

from __future__ import annotations

from array import array
from functools import lru_cache
from math import prod
from typing import Any

from xdl.backend import Array, dtype_name
from xdl.optim.adafactor import Place, adafactor_update
from xdl.optim.muon import MuonPlace, muon_update
from xdl.optim.optimizer import joined

from ..launch import Device, blocks_for, grid_size, load_kernels
from ..sizes import check_size
from ..slots import dense, device_of, register
from .flat import sign_of

THREADS = 256
PER_BLOCK, MOST_SLICES = 4096, 256  # elements of the largest matrix, and blocks for each matrix


@lru_cache(maxsize=256)
def table(device: Device, places: tuple[tuple[int, ...], ...]) -> Array:
    """The places as int64, one after the other."""
    return device.to_device(array("q", [number for place in places for number in place]))


def _grid(operation: str, sizes: list[int]) -> tuple[int, int]:
    """Slices of each matrix, and matrices."""
    check_size(operation, "matrices", len(sizes))
    return grid_size(blocks_for(max(sizes), PER_BLOCK), MOST_SLICES), len(sizes)


@register(adafactor_update)
class adafactor_cuda:
    """One step of Adafactor in four launches."""

    @staticmethod
    def forward(
        p: Array, grads: list[Array], row: Array, col: Array, whole: Array, places: tuple[Place, ...], share: float,
        rate: float, shrink: float, eps1: float, eps2: float, d: float, maximize: bool,
    ) -> tuple[None, None]:  # fmt: skip
        if not places:
            return None, None
        device, dtype, g = device_of(p), dtype_name(p), dense(joined(grads))
        grid = _grid("adafactor", [place.batch * place.rows * place.columns for place in places])
        ends = [sum(place.batch for place in places[:i]) for i in range(len(places) + 1)]
        at = table(device, tuple((*place, end) for place, end in zip(places, ends[:-1], strict=True)))
        mean, of_p, of_u = (device.empty((size,), dtype) for size in (ends[-1], prod(grid), prod(grid)))
        kernels, block = load_kernels(device, "adafactor.cu", dtype), (THREADS,)
        kernels.launch("adafactor_rows", grid, block, p, g, row, whole, at, of_p, share)
        kernels.launch("adafactor_columns", grid, (32, 8), g, row, col, at, mean, share)
        kernels.launch("adafactor_changes", grid, block, g, row, col, whole, at, mean, of_u, eps1)
        settings = (rate, shrink, eps1, eps2, d, sign_of(maximize))
        kernels.launch("adafactor_apply", grid, block, p, g, row, col, whole, at, mean, of_p, of_u, *settings)
        return None, None


@register(muon_update)
class muon_cuda:
    """One step of Muon. Matrices of one shape are multiplied together, three products and a launch for each step."""

    @staticmethod
    def forward(
        p: Array, grads: list[Array], b: Array, places: tuple[MuonPlace, ...], momentum: float, nesterov: bool,
        shrink: float, lr: float, match_rms: bool, coefficients: tuple[float, float, float], steps: int, eps: float,
    ) -> tuple[None, None]:  # fmt: skip
        if not places:
            return None, None
        device, dtype, g = device_of(p), dtype_name(p), dense(joined(grads))
        places = tuple(sorted(places, key=lambda place: (place.rows, place.columns, place.start)))
        sizes = [place.rows * place.columns for place in places]
        ends = [sum(sizes[:i]) for i in range(len(sizes) + 1)]
        at = table(device, tuple((*place, end) for place, end in zip(places, ends[:-1], strict=True)))
        grid = _grid("muon", sizes)
        iterates = [device.empty((ends[-1],), dtype) for _ in range(2)]
        squares = device.empty((prod(grid),), dtype)
        kernels, block = load_kernels(device, "muon.cu", dtype), (THREADS,)
        numbers = (momentum, 1 - momentum, int(nesterov))
        kernels.launch("muon_momentum", grid, block, g, b, iterates[0], at, squares, *numbers)
        kernels.launch("muon_normalize", grid, block, iterates[0], at, squares, eps)
        for shape in dict.fromkeys((place.rows, place.columns) for place in places):
            alike = [i for i, place in enumerate(places) if (place.rows, place.columns) == shape]
            part = slice(ends[alike[0]], ends[alike[-1] + 1])
            x, other = (flat[part].reshape(len(alike), *shape) for flat in iterates)
            for _ in range(steps):
                _iterate(device, kernels, x, other, coefficients)
                x, other = other, x
        kernels.launch("muon_apply", grid, block, p, iterates[steps % 2], at, shrink, lr, int(match_rms))
        return None, None


def _iterate(device: Device, kernels: Any, x: Array, out: Array, coefficients: tuple[float, float, float]) -> None:
    """The step of Newton and Schulz from x [K, R, C] to out."""
    (count, rows, columns), dtype, transposed = x.shape, dtype_name(x), x.transpose(0, 2, 1)
    side = min(rows, columns)
    check_size("muon", "rows", side)
    gram, square = (device.empty((count, side, side), dtype) for _ in range(2))
    device.gemm(*((transposed, x) if rows > columns else (x, transposed)), gram)
    device.gemm(gram, gram, square)
    size = prod(gram.shape)
    grid = (blocks_for(size, THREADS),)
    kernels.launch("muon_polynomial", grid, (THREADS,), gram, square, size, side, *coefficients)
    device.gemm(*((x, gram) if rows > columns else (gram, x)), out)
