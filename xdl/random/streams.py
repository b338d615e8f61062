"""Random numbers: one counter-based generator (`xdl/random/philox.py`), the same words on every backend.

    key     = (seed, h)           h: the 64-bit BLAKE2b hash of the stream's name, little-endian
    counter = step                of the stream

A `Stream` is a name and a step. Each draw takes one step, however many words it needs: what is drawn next does not
depend on how much was drawn before. Numbers are cut from words like this, equal bit for bit everywhere:

    16-bit lanes      four from a word, lowest first (dropout)
    float32 uniform   two from a word, low half first: the upper 24 bits of the half times 2**-24
    float64 uniform   one from a word: the upper 53 bits times 2**-53
    integers          one from a word: low + floor(word (high - low) / 2**64)
    permutation       the order that sorts n words

Normals are pairs of Box and Muller (1958), r cos(t) and r sin(t), computed in float64 with r = sqrt(-2 ln u) and
t = 2 pi v. For float32, u and v are the halves of one word, ((low + 1) 2**-32, high 2**-32); for float64 two words,
((w0 + 1) 2**-53, w1 2**-53) of their upper 53 bits. Libraries' logarithms and cosines differ: normals agree to 1e-6.

All threads share the streams: who comes first gets the next step. With `own_streams(seed)` a thread has its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from math import pi, prod
from typing import Any

from xdl import backend, observe
from xdl.backend import Array, namespaces
from xdl.errors import BackendError, DtypeError, SettingError
from xdl.guard import Guard
from xdl.random.philox import WRAP, philox_words, pieces, product

BLOCK = 1 << 14  # words that the host draws and converts at a time: 1 MB in flight
LAUNCH = 1 << 16  # and that a device converts, where each block costs some launches


class Stream:
    """A named sequence of random numbers; `step` counts the draws. No step is given out twice, to any threads.

    Arrays come out raw, on the backend and device of `like`, or on the current backend without it.
    Raises SettingError for a seed outside [0, 2**64).
    """

    def __init__(self, seed: int, name: str) -> None:
        self.name = name
        self.step = 0
        from hashlib import blake2b  # with OpenSSL, so not before a stream is made

        self._hash = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")
        self.key = (_checked_seed("Stream", seed), self._hash)

    def reseed(self, seed: int) -> None:
        """Starts again at step 0 under another seed."""
        _refuse_in_capture("Stream.reseed")
        self.key, self.step = (_checked_seed("Stream.reseed", seed), self._hash), 0

    def draw(self) -> tuple[tuple[int, int], int]:
        """Takes a step: returns the key and the step's number, and moves to the next."""
        if (watching := observe.launches) is not None and (drawn := watching.drawn(self)) is not None:
            return drawn
        with _advancing.lock:
            step = self.step
            self.step = step + 1
            return self.key, step

    def advance(self) -> int:
        """Takes a step: returns its number and moves to the next."""
        return self.draw()[1]

    def words(self, n: int, like: Array | None = None) -> Array:
        """n uint64 words (n,)."""
        if like is None:
            like = backend.current().asarray([], "uint64")
        return philox_words(like, *self.draw(), 0, n)[1]

    def uniform(self, shape: tuple[int, ...], dtype: str = "float32", like: Array | None = None) -> Array:
        """Uniform numbers in [0, 1): multiples of 2**-24 (float32) or 2**-53 (float64)."""
        return self._numbers(_uniform, "uniform", shape, dtype, like)

    def normal(self, shape: tuple[int, ...], dtype: str = "float32", like: Array | None = None) -> Array:
        """Normal numbers of mean 0 and variance 1; the largest possible are 6.7 (float32) and 8.6 (float64)."""
        return self._numbers(_normal, "normal", shape, dtype, like)

    def _numbers(
        self, convert: Callable[[Array, bool], Array], operation: str, shape: tuple[int, ...], dtype: str, like: Any
    ) -> Array:
        """What `convert` makes of words, a block at a time, so that all that lies between stays in the cache.

        A device draws all words by one launch, and gets its numbers where the words are.
        """
        single, n = _is_single(operation, dtype), prod(shape)
        like = backend.current().asarray([], "uint64") if like is None else like
        owner, (key, step), per_word, numbers = backend.of(like), self.draw(), 2 if single else 1, None
        block = max(n, 1) if owner.accelerated else per_word * BLOCK
        for begin in range(0, max(n, 1), block):
            pairs = -((begin - min(begin + block, n)) // 2)
            words = philox_words(like, key, step, begin // (4 * per_word), pairs if single else 2 * pairs)[1]
            if numbers is None:
                numbers = owner.xp.empty(n, dtype=backend.dtype_of(owner.xp, dtype), device=words.device)
            _fill(numbers, begin, words, convert, single)
        return owner.xp.reshape(numbers, shape)

    def integers(self, low: int, high: int, shape: tuple[int, ...], like: Array | None = None) -> Array:
        """int64 in [low, high), each equally likely within 2**-64. Raises SettingError for an empty range."""
        if not -(1 << 63) <= low < high <= 1 << 63 or high - low > 1 << 63:
            raise SettingError("integers", "int64 low < high, at most 2**63 apart", f"low {low} and high {high}")
        words = self.words(prod(shape), like)
        xp = namespaces[type(words)]
        return xp.reshape(xp.astype(product(words, high - low)[0], xp.int64) + low, shape)

    def permutation(self, n: int, like: Array | None = None) -> Array:
        """The numbers 0 to n - 1 in random order, int64 (n,)."""
        words = self.words(n, like)
        xp = namespaces[type(words)]
        return xp.astype(xp.argsort(words, stable=True), xp.int64)


def _uniform(words: Array, single: bool) -> Array:
    bits, unit = (pieces(words, 32) >> 8, 2.0**-24) if single else (words >> 11, 2.0**-53)
    xp = namespaces[type(words)]
    return xp.astype(bits, xp.float32 if single else xp.float64) * unit


def _normal(words: Array, single: bool) -> Array:
    xp = namespaces[type(words)]
    bits, unit = (pieces(words, 32), 2.0**-32) if single else (words >> 11, 2.0**-53)
    uv = xp.reshape(xp.astype(bits, xp.float64), (-1, 2))
    r = xp.sqrt(-2.0 * xp.log((uv[:, 0] + 1.0) * unit))
    t = uv[:, 1] * (2.0 * pi * unit)
    uv[:, 0], uv[:, 1] = r * xp.cos(t), r * xp.sin(t)
    return xp.reshape(uv, (-1,))


def _fill(numbers: Array, low: int, words: Array, convert: Callable[[Array, bool], Array], single: bool) -> None:
    """Writes what `convert` makes of words into numbers, from the place `low` on."""
    for i in range(0, words.shape[0], LAUNCH):
        values = convert(words[i : min(i + LAUNCH, words.shape[0])], single)
        high = min(low + values.shape[0], numbers.shape[0])
        numbers[low:high] = namespaces[type(values)].astype(values[: high - low], numbers.dtype)
        low = high


class _Streams:
    """A seed, and the streams under it by name."""

    def __init__(self, seed: int) -> None:
        self.seed, self.named = seed, dict[str, Stream]()


_advancing = Guard()
_shared = _Streams(0)
_own: ContextVar[_Streams | None] = ContextVar("own", default=None)


@contextmanager
def own_streams(seed: int) -> Iterator[None]:
    """Inside, this thread has streams of its own, at step 0 under this seed; outside all is as it was before.

    `manual_seed`, `stream`, `get_state` and all that draws mean these; other threads never do. Raises SettingError.
    """
    _refuse_in_capture("own_streams")
    token = _own.set(_Streams(_checked_seed("own_streams", seed)))
    try:
        yield
    finally:
        _own.reset(token)


def manual_seed(seed: int) -> None:
    """Starts every stream again, at step 0 under this seed (0 until the first call).

    Raises SettingError for a seed outside [0, 2**64).
    """
    _refuse_in_capture("manual_seed")
    streams = _own.get() or _shared
    streams.seed = _checked_seed("manual_seed", seed)
    for known in streams.named.copy().values():
        known.reseed(seed)


def initial_seed() -> int:
    """The seed of the last `manual_seed`."""
    return (_own.get() or _shared).seed


def stream(name: str) -> Stream:
    """The stream of that name under the seed, always the same object."""
    streams = _own.get() or _shared
    return streams.named.get(name) or streams.named.setdefault(name, Stream(streams.seed, name))


def drawn_from(generator: Any) -> Stream:
    """The stream that was given, or `stream("random")` for None. Raises SettingError for what is no Stream."""
    if generator is None:
        return stream("random")
    if not isinstance(generator, Stream):
        hint = 'Write generator=xdl.random.Stream(0, "name")'
        raise SettingError("random", "a generator of the type xdl.random.Stream", type(generator).__name__, hint)
    return generator


def get_state() -> dict[str, Any]:
    """The seed and the step of every stream, as JSON can hold them."""
    streams = _own.get() or _shared
    return {"seed": streams.seed, "steps": {name: s.step for name, s in streams.named.copy().items() if s.step}}


def set_state(state: Mapping[str, Any]) -> None:
    """Goes back to what `get_state` returned. Raises SettingError, and changes nothing, if it is no such state."""
    steps = state.get("steps") if isinstance(state, Mapping) and set(state) == {"seed", "steps"} else None
    if not isinstance(steps, Mapping) or not all(
        isinstance(name, str) and _is_count(step) and step < WRAP for name, step in steps.items()
    ):
        raise SettingError("set_state", 'a state {"seed": int, "steps": {name: int}}', repr(state))
    manual_seed(_checked_seed("set_state", state.get("seed")))
    for name, step in steps.items():
        stream(name).step = step


def _refuse_in_capture(operation: str) -> None:
    """Raises BackendError while a step is captured: no later call of it would set the seed."""
    if (watching := observe.launches) is not None:
        expected = "no seed set inside a captured step"
        watching.refused(BackendError(operation, expected, "a call there", "Set it before the step is called"))


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _checked_seed(operation: str, seed: Any) -> int:
    if not _is_count(seed) or seed >= WRAP:
        raise SettingError(operation, "a seed that is an integer in [0, 2**64)", repr(seed))
    return int(seed)


def _is_single(operation: str, dtype: str) -> bool:
    if dtype not in ("float32", "float64"):
        raise DtypeError(operation, "float32 or float64", repr(dtype))
    return dtype == "float32"
