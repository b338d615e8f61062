"""Words and their neighbours, as word2vec learns from them (Mikolov and others, 2013; hwdong 7.11.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from xdl.data.order import host_array, whole_numbers
from xdl.data.sampler import positive
from xdl.data.text.vocabulary import Vocabulary
from xdl.errors import DataError, SettingError, expect
from xdl.random import Stream


def numbered(sentences: Iterable[Sequence[str]], vocabulary: Vocabulary) -> list[np.ndarray]:
    """Each sentence as numbers (T,) int64; words that are not in the vocabulary are left out, as in word2vec."""
    return [vocabulary.encode([token for token in tokens if token in vocabulary]) for tokens in sentences]


def word_counts(sentences: Sequence[np.ndarray], size: int) -> np.ndarray:
    """How often each number in [0, size) occurs, (size,) int64. Raises DataError for numbers outside."""
    counts: np.ndarray = np.bincount(_joined("word_counts", sentences, size)[0], minlength=size)
    return counts


def thinned(sentences: Sequence[np.ndarray], size: int, threshold: float, seed: int = 0) -> list[np.ndarray]:
    """The sentences with fewer of the frequent words: a word of share f is kept with the chance sqrt(threshold / f).

    threshold: t > 0; word2vec has 1e-3 to 1e-5; the smaller, the fewer are kept

    Raises SettingError for threshold <= 0, DataError for sentences without words, and for numbers outside [0, size).
    """
    expect(threshold > 0, SettingError, "thinned", "threshold > 0", threshold)
    words, ends = _joined("thinned", sentences, size)
    share = np.bincount(words, minlength=size) / len(words)
    kept = Stream(seed, "thinned").uniform((len(words),), "float64", host_array()) < np.sqrt(threshold / share[words])
    pairs = zip(np.split(words, ends), np.split(kept, ends), strict=True)
    return [sentence[stays] for sentence, stays in pairs]


def skip_grams(sentences: Sequence[np.ndarray], window: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of a word and one of its neighbours, (P,) int64 each: centres and contexts.

    window: how far a neighbour may be at most; for each centre the reach is drawn from 1, ..., window, so that near
            ones count more. Neighbours lie in the same sentence.

    Raises SettingError for window < 1, DataError where no word has a neighbour.
    """
    windows, centres = context_windows(sentences, window, seed)
    row, column = np.nonzero(windows >= 0)
    return centres[row], windows[row, column]


def context_windows(sentences: Sequence[np.ndarray], window: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The neighbours of each word that has any, (N, 2 window) int64, and the words (N,); -1 where there is none.

    The reach of each word is drawn, and errors are raised, as by `skip_grams`.
    """
    positive("context_windows", window, "window")
    words, ends = _joined("context_windows", sentences)
    of_sentence = np.zeros(len(words), np.int64)
    np.add.at(of_sentence, ends[ends < len(words)], 1)
    of_sentence = np.cumsum(of_sentence)
    reach = Stream(seed, "context_windows").integers(1, window + 1, (len(words),), host_array())
    windows = np.full((len(words), 2 * window), -1, np.int64)
    for column, step in enumerate([*range(-window, 0), *range(1, window + 1)]):
        at = np.arange(max(0, -step), len(words) - max(0, step))
        at = at[(of_sentence[at] == of_sentence[at + step]) & (reach[at] >= abs(step))]
        windows[at, column] = words[at + step]
    has_any = (windows >= 0).any(axis=1)
    expect(bool(has_any.any()), DataError, "context_windows", "a sentence of at least two words", "none")
    return windows[has_any], words[has_any]


def _joined(operation: str, sentences: Sequence[np.ndarray], size: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """All words one after the other, and where each sentence but the last ends."""
    try:
        lengths = [len(sentence) for sentence in sentences]
        joined = np.concatenate(sentences) if any(lengths) else np.empty(0, np.int64)
    except (TypeError, ValueError) as error:
        raise DataError(operation, "sentences: a list of lists of whole numbers", error) from error
    expect(any(lengths), DataError, operation, "sentences with words", f"{len(lengths)} without any")
    words = whole_numbers(operation, joined)
    outside = words[(words < 0) | (words >= (1 << 62 if size is None else size))]
    expect(not outside.size, DataError, operation, f"words in [0, {size or 'V'})", outside[:1])
    return words, np.cumsum(lengths)[:-1]
