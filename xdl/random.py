"""Random numbers: one counter-based generator, the same words on every backend.

The generator is Philox 4x64-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011),
the one that NumPy ships. It is a function of a key and a counter and keeps no state, so any backend, and any thread,
can compute any part of a sequence by itself.

    key     = (seed, h)           h: the 64-bit BLAKE2b hash of the stream's name, little-endian
    counter = (b + 1, step, 0, 0) lowest word first; block b gives the words 4 b to 4 b + 3 of the step

NumPy adds 1 to its counter before each block, hence b + 1: the words of a step are exactly
`numpy.random.Philox(key=(seed, h), counter=(0, step, 0, 0)).random_raw(n)`.

A `Stream` is a name and a step. Each draw takes one step, however many words it needs: what is drawn next does not
depend on how much was drawn before. Numbers are cut from words like this, equal bit for bit everywhere:

    16-bit lanes      four from a word, lowest first (dropout)
    float32 uniform   two from a word, low half first: the upper 24 bits of the half times 2**-24
    float64 uniform   one from a word: the upper 53 bits times 2**-53
    integers          one from a word: low + floor(word (high - low) / 2**64)
    permutation       the order that sorts n words

Normals are pairs of Box and Muller (1958), r cos(t) and r sin(t), computed in float64 with r = sqrt(-2 ln u) and
t = 2 pi v. For float32, u and v are the halves of one word, ((low + 1) 2**-32, high 2**-32); for float64 two words,
((w0 + 1) 2**-53, w1 2**-53) of their upper 53 bits. Logarithm and cosine differ in the last bit between libraries, so
normals agree within 1e-6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from math import pi, prod
from typing import Any

from xdl import backend
from xdl.backend import Array, namespaces
from xdl.errors import DtypeError, SettingError, ShapeError
from xdl.kernel import Kernel
from xdl.tensor import Tensor

_LOW = (1 << 32) - 1
_WRAP = 1 << 64
_MULTIPLIERS = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
_BUMPS = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)  # added to the key words after each round


class PhiloxWordsReference:
    """n uint64 words of one step of a stream, from block `first` on, in the backend and device of the array `like`."""

    @staticmethod
    def forward(like: Array, key: tuple[int, int], step: int, first: int, n: int) -> tuple[Array, None]:
        xp = namespaces[type(like)]
        bumped = [[(k + r * bump) % _WRAP for k, bump in zip(key, _BUMPS, strict=True)] for r in range(10)]
        keys = xp.asarray(bumped, dtype=xp.uint64, device=like.device)
        c0 = xp.arange(first + 1, first + 1 + -(-n // 4), dtype=xp.uint64, device=like.device)
        c1, c2, c3 = xp.full_like(c0, step), xp.zeros_like(c0), xp.zeros_like(c0)
        for r in range(10):
            high0, low0 = _product(c0, _MULTIPLIERS[0])
            high1, low1 = _product(c2, _MULTIPLIERS[1])
            c0, c1, c2, c3 = high1 ^ c1 ^ keys[r, 0], low1, high0 ^ c3 ^ keys[r, 1], low0
        return xp.reshape(xp.stack([c0, c1, c2, c3], axis=-1), (-1,))[:n], None


philox_words = Kernel("philox_words", PhiloxWordsReference)


def _product(a: Array, b: int) -> tuple[Array, Array]:
    """The upper and the lower 64 bits of a b, for uint64 a and 0 <= b < 2**64, by 32-bit halves."""
    a1, a0, b1, b0 = a >> 32, a & _LOW, b >> 32, b & _LOW
    p = a0 * b0
    q = a1 * b0 + (p >> 32)
    s = a0 * b1 + (q & _LOW)
    return a1 * b1 + (q >> 32) + (s >> 32), (s << 32) | (p & _LOW)


def pieces(words: Array, bits: int) -> Array:
    """All pieces of `bits` bits (16 or 32) of the words, lowest first, as uint64 (64 / bits * n,)."""
    xp = namespaces[type(words)]
    mask = (1 << bits) - 1
    return xp.reshape(xp.stack([(words >> shift) & mask for shift in range(0, 64, bits)], axis=-1), (-1,))


class Stream:
    """A named sequence of random numbers. Draw from one thread; `step` counts the draws.

    Arrays come out raw, on the backend and device of `like`, or on the current backend without it.
    Raises SettingError for a seed outside [0, 2**64).
    """

    def __init__(self, seed: int, name: str) -> None:
        self.name = name
        self.step = 0
        self._hash = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")
        self.key = (_checked_seed("Stream", seed), self._hash)

    def reseed(self, seed: int) -> None:
        """Starts again at step 0 under another seed."""
        self.key, self.step = (_checked_seed("Stream.reseed", seed), self._hash), 0

    def advance(self) -> int:
        """Takes a step: returns its number and moves to the next."""
        step = self.step
        self.step = step + 1
        return step

    def words(self, n: int, like: Array | None = None) -> Array:
        """n uint64 words (n,)."""
        if like is None:
            like = backend.current().asarray([], "uint64")
        return philox_words(like, self.key, self.advance(), 0, n)[1]

    def uniform(self, shape: tuple[int, ...], dtype: str = "float32", like: Array | None = None) -> Array:
        """Uniform numbers in [0, 1): multiples of 2**-24 (float32) or 2**-53 (float64)."""
        n = prod(shape)
        single = _is_single("uniform", dtype)
        words = self.words(-(-n // 2) if single else n, like)
        xp = namespaces[type(words)]
        bits, unit = (pieces(words, 32)[:n] >> 8, 2.0**-24) if single else (words >> 11, 2.0**-53)
        return xp.reshape(xp.astype(bits, backend.dtype_of(xp, dtype)) * unit, shape)

    def normal(self, shape: tuple[int, ...], dtype: str = "float32", like: Array | None = None) -> Array:
        """Normal numbers of mean 0 and variance 1; the largest possible are 6.7 (float32) and 8.6 (float64)."""
        n = prod(shape)
        pairs = -(-n // 2)
        single = _is_single("normal", dtype)
        words = self.words(pairs if single else 2 * pairs, like)
        xp = namespaces[type(words)]
        bits, unit = (pieces(words, 32), 2.0**-32) if single else (words >> 11, 2.0**-53)
        uv = xp.reshape(xp.astype(bits, xp.float64), (pairs, 2))
        r = xp.sqrt(-2.0 * xp.log((uv[:, 0] + 1.0) * unit))
        t = uv[:, 1] * (2.0 * pi * unit)
        z = xp.reshape(xp.stack([r * xp.cos(t), r * xp.sin(t)], axis=-1), (-1,))[:n]
        return xp.reshape(xp.astype(z, backend.dtype_of(xp, dtype)), shape)

    def integers(self, low: int, high: int, shape: tuple[int, ...], like: Array | None = None) -> Array:
        """int64 in [low, high), each equally likely within 2**-64. Raises SettingError for an empty range."""
        if not -(1 << 63) <= low < high <= 1 << 63 or high - low > 1 << 63:
            raise SettingError("integers", "int64 low < high, at most 2**63 apart", f"low {low} and high {high}")
        words = self.words(prod(shape), like)
        xp = namespaces[type(words)]
        return xp.reshape(xp.astype(_product(words, high - low)[0], xp.int64) + low, shape)

    def permutation(self, n: int, like: Array | None = None) -> Array:
        """The numbers 0 to n - 1 in random order, int64 (n,)."""
        words = self.words(n, like)
        xp = namespaces[type(words)]
        return xp.astype(xp.argsort(words, stable=True), xp.int64)


_seed = 0
_streams: dict[str, Stream] = {}


def manual_seed(seed: int) -> None:
    """Starts every stream again, at step 0 under this seed (0 until the first call).

    Raises SettingError for a seed outside [0, 2**64).
    """
    global _seed
    _seed = _checked_seed("manual_seed", seed)
    for known in _streams.values():
        known.reseed(seed)


def initial_seed() -> int:
    """The seed of the last `manual_seed`."""
    return _seed


def stream(name: str) -> Stream:
    """The stream of that name under the seed, always the same object."""
    if name not in _streams:
        _streams[name] = Stream(_seed, name)
    return _streams[name]


def get_state() -> dict[str, Any]:
    """The seed and the step of every stream, as JSON can hold them."""
    return {"seed": _seed, "steps": {name: known.step for name, known in _streams.items() if known.step}}


def set_state(state: Mapping[str, Any]) -> None:
    """Goes back to what `get_state` returned. Raises SettingError, and changes nothing, if it is no such state."""
    steps = state.get("steps") if isinstance(state, Mapping) else None
    if not isinstance(steps, Mapping) or not all(isinstance(k, str) and _is_count(v) for k, v in steps.items()):
        raise SettingError("set_state", 'a state {"seed": int, "steps": {name: int}}', repr(state))
    manual_seed(_checked_seed("set_state", state.get("seed")))
    for name, step in steps.items():
        stream(name).step = step


def rand(
    *shape: int | Sequence[int], dtype: str = "float32", requires_grad: bool = False, generator: Stream | None = None
) -> Tensor:
    """Uniform numbers in [0, 1) of a floating dtype, on the current backend.

    generator: the stream to draw from, `stream("random")` without it
    """
    return Tensor((generator or stream("random")).uniform(_sizes("rand", shape), dtype), requires_grad)


def randn(
    *shape: int | Sequence[int], dtype: str = "float32", requires_grad: bool = False, generator: Stream | None = None
) -> Tensor:
    """Normal numbers of mean 0 and variance 1 of a floating dtype, on the current backend."""
    return Tensor((generator or stream("random")).normal(_sizes("randn", shape), dtype), requires_grad)


def randint(low: int, high: int, shape: int | Sequence[int], generator: Stream | None = None) -> Tensor:
    """int64 numbers in [low, high), on the current backend."""
    return Tensor((generator or stream("random")).integers(low, high, _sizes("randint", (shape,))))


def randperm(n: int, generator: Stream | None = None) -> Tensor:
    """The numbers 0 to n - 1 in random order, int64 (n,), on the current backend."""
    return Tensor((generator or stream("random")).permutation(_sizes("randperm", (n,))[0]))


def permutation(n: int, generator: Stream | None = None) -> Any:
    """The numbers 0 to n - 1 in random order as a NumPy array, for loops on the host: by default from "shuffle"."""
    host = backend.load("numpy").asarray([], "uint64")
    return (generator or stream("shuffle")).permutation(_sizes("permutation", (n,))[0], host)


def _sizes(operation: str, given: tuple[Any, ...]) -> tuple[int, ...]:
    """Both spellings of a shape, f(2, 3) and f((2, 3)), checked."""
    sizes = tuple(given[0]) if len(given) == 1 and isinstance(given[0], Sequence) else given
    if not all(_is_count(size) for size in sizes):
        raise ShapeError(operation, "sizes that are integers of at least 0", sizes)
    return sizes


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _checked_seed(operation: str, seed: Any) -> int:
    if not _is_count(seed) or seed >= _WRAP:
        raise SettingError(operation, "a seed that is an integer in [0, 2**64)", repr(seed))
    return int(seed)


def _is_single(operation: str, dtype: str) -> bool:
    if dtype not in ("float32", "float64"):
        raise DtypeError(operation, "float32 or float64", repr(dtype))
    return dtype == "float32"
