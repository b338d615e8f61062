"""The generator of all random numbers: Philox 4x64-10, a function of a key and a counter that keeps no state.

Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011; the form that NumPy ships. Any
backend, and any thread, can compute any part of a sequence by itself.

    counter = (b + 1, step, 0, 0) lowest word first; block b gives the words 4 b to 4 b + 3 of the step

NumPy adds 1 to its counter before each block, hence b + 1: the words of a step are exactly
`numpy.random.Philox(key=key, counter=(0, step, 0, 0)).random_raw(n)`.
"""

from __future__ import annotations

from xdl.backend import Array, namespaces
from xdl.kernel import Kernel

_LOW = (1 << 32) - 1
WRAP = 1 << 64
_MULTIPLIERS = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
_BUMPS = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)  # added to the key words after each round


class PhiloxWordsReference:
    """n uint64 words of one step of a stream, from block `first` on, in the backend and device of the array `like`."""

    @staticmethod
    def forward(like: Array, key: tuple[int, int], step: int, first: int, n: int) -> tuple[Array, None]:
        xp = namespaces[type(like)]
        bumped = [[(k + r * bump) % WRAP for k, bump in zip(key, _BUMPS, strict=True)] for r in range(10)]
        keys = xp.asarray(bumped, dtype=xp.uint64, device=like.device)
        c0 = xp.arange(first + 1, first + 1 + -(-n // 4), dtype=xp.uint64, device=like.device)
        c1, c2, c3 = xp.full_like(c0, step), xp.zeros_like(c0), xp.zeros_like(c0)
        for r in range(10):
            high0, low0 = product(c0, _MULTIPLIERS[0])
            high1, low1 = product(c2, _MULTIPLIERS[1])
            c0, c1, c2, c3 = high1 ^ c1 ^ keys[r, 0], low1, high0 ^ c3 ^ keys[r, 1], low0
        return xp.reshape(xp.stack([c0, c1, c2, c3], axis=-1), (-1,))[:n], None


philox_words = Kernel("philox_words", PhiloxWordsReference)


def product(a: Array, b: int) -> tuple[Array, Array]:
    """The upper and the lower 64 bits of a b, for uint64 a and 0 <= b < 2**64, by 32-bit halves."""
    a1, a0, b1, b0 = a >> 32, a & _LOW, b >> 32, b & _LOW
    p = a0 * b0
    q = a1 * b0 + (p >> 32)
    s = a0 * b1 + (q & _LOW)
    return a1 * b1 + (q >> 32) + (s >> 32), (s << 32) | (p & _LOW)


class WordPiecesReference:
    """All pieces of `bits` bits (16 or 32) of the words, lowest first, as uint16 or uint32 (64 / bits * n,)."""

    @staticmethod
    def forward(words: Array, bits: int) -> tuple[Array, None]:
        xp = namespaces[type(words)]
        mask = (1 << bits) - 1
        columns = xp.stack([(words >> shift) & mask for shift in range(0, 64, bits)], axis=-1)
        return xp.reshape(xp.astype(columns, xp.uint16 if bits == 16 else xp.uint32), (-1,)), None


word_pieces = Kernel("word_pieces", WordPiecesReference)


def pieces(words: Array, bits: int) -> Array:
    """All pieces of `bits` bits (16 or 32) of the words, lowest first, as uint16 or uint32 (64 / bits * n,)."""
    return word_pieces(words, bits)[1]
