"""Thin matrix products on NumPy: in stacks of pieces that OpenBLAS multiplies without packing.

OpenBLAS first copies ("packs") the operands of a product. Where one side is a few rows or columns, this takes longer
than the product; on processors with AVX-512 it leaves the copies out up to a million multiplications, and is 2 to 5
times faster. NumPy's `matmul` calls it for each matrix of a stack.
"""

from __future__ import annotations

UNPACKED = 1_000_000  # multiplications of one product
WIDTH = 64  # pixels that a piece has at least


def pieces(pixels: int, multiplications: int) -> int:
    """Into how many equal pieces to cut the pixels, with so many multiplications each: 1 if none are small enough."""
    least = -(-pixels * multiplications // UNPACKED)
    return next((count for count in range(least, pixels // WIDTH + 1) if pixels % count == 0), 1)
