"""The vocabulary of the words that a setting `min_count` lets in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from xdl.data import Vocabulary
from xdl.errors import SettingError, expect


def known_words(
    tokens: Iterable[str], min_count: int, special: Sequence[str], unknown: str | None = None
) -> Vocabulary:
    """`Vocabulary.of` the tokens that occur `min_count` times.

    Raises SettingError, naming the setting, where none does; DataError where there is no token.
    """
    counts = Counter(tokens)
    most = max(counts.values(), default=min_count)
    expected = f"at most {most}, how often the commonest token of the training part occurs"
    expect(min_count <= most, SettingError, "min_count", expected, min_count)
    return Vocabulary.of(counts, min_count=min_count, special=special, unknown=unknown)
