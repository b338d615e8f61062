"""The masks of attention layers, in PyTorch's sense: True hides a key, numbers are added to the scores."""

from __future__ import annotations

from math import inf

from xdl.creation.filled import ones
from xdl.errors import DtypeError, ShapeError, expect
from xdl.functional.elementwise.where import where
from xdl.functional.shape.shape import cat
from xdl.tensor import Tensor


def combined(
    operation: str, attn_mask: Tensor | None, key_padding_mask: Tensor | None, shape: tuple[int, int, int, int]
) -> Tensor | None:
    """One mask for scores of this shape (N, heads, L, S), True where a key may be seen, or numbers to add; or None.

    attn_mask: (L, S), or (N heads, L, S); key_padding_mask: (N, S). Raises ShapeError, DtypeError.
    """
    n, heads, length, keys = shape
    masks = []
    if attn_mask is not None:
        fits = attn_mask.shape in ((length, keys), (n * heads, length, keys))
        wanted = f"attn_mask ({length}, {keys}) or ({n * heads}, {length}, {keys})"
        expect(fits, ShapeError, operation, wanted, attn_mask.shape)
        masks.append(attn_mask if attn_mask.ndim == 2 else attn_mask.reshape(shape))
    if key_padding_mask is not None:
        fits = key_padding_mask.shape == (n, keys)
        expect(fits, ShapeError, operation, f"key_padding_mask ({n}, {keys})", key_padding_mask.shape)
        masks.append(key_padding_mask.reshape(n, 1, 1, keys))
    for mask in masks:
        fits = mask.dtype == "bool" or mask.is_floating_point()
        expect(fits, DtypeError, operation, "masks of bool or floating numbers", mask.dtype)
    if not masks:
        return None
    if all(mask.dtype == "bool" for mask in masks):
        hidden = masks[0] if len(masks) == 1 else masks[0] | masks[1]
        return ~hidden
    numbers = [where(mask, -inf, 0.0) if mask.dtype == "bool" else mask for mask in masks]
    return numbers[0] if len(numbers) == 1 else numbers[0] + numbers[1]


def causal(length: int, keys: int, like: Tensor) -> Tensor:
    """bool (L, S), True where a key may be seen: query i, of the last L of S steps, sees those up to its own."""
    return ones(length, keys, dtype="bool", device=like.device).tril(keys - length)


def padded(mask: Tensor | None, more: int) -> Tensor | None:
    """A mask (..., S) for `more` further keys, which may be seen."""
    if mask is None or not more:
        return mask
    return cat([mask, mask.new_zeros((*mask.shape[:-1], more))], -1)
