"""Preparation of texts for a network: tokens, stop words, numbers, cut and padded to a length (徐彬 README)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xdl.data import Vocabulary, without_stop_words, words
from xdl.data.text.imdb import without_tags
from xdl.data.text.padding import PaddedTexts
from xdl.data.text.vocabulary import PADDING, UNKNOWN
from xdl.errors import DataError, expect
from xdl.experiments.shared.known_words import known_words
from xdl.runs.run import Run
from xdl.runs.saved_run import SavedRun

FILE = "vocabulary.json"
LARGEST = 1 << 20  # length and size that a file may ask for


@dataclass(frozen=True)
class Preparation:
    """How texts become numbers. The vocabulary is that of the training texts alone.

    stop_words: whether they are left out;  length: tokens that are kept of a text, from its beginning
    """

    vocabulary: Vocabulary
    stop_words: bool
    length: int

    @classmethod
    def of(cls, texts: Sequence[str], stop_words: bool, length: int, min_count: int) -> Preparation:
        """That of training texts. min_count: how often a word must occur in them to be known. Raises SettingError."""
        tokens = (token for text in texts for token in tokens_of(text, stop_words))
        vocabulary = known_words(tokens, min_count, (PADDING,), UNKNOWN)
        return cls(vocabulary, stop_words, length)

    def tokens(self, text: str) -> list[str]:
        """The tokens of a text, as many as are kept; of a text without any the unknown one alone."""
        return (tokens_of(text, self.stop_words) or [UNKNOWN])[: self.length]

    def dataset(self, tokens: Sequence[Sequence[str]], labels: Any) -> PaddedTexts:
        """Texts, given as tokens, as a dataset of numbers, lengths and labels."""
        return PaddedTexts([self.vocabulary.encode(some) for some in tokens], labels, self.length)

    def unknown(self, tokens: Sequence[str]) -> list[str]:
        """The tokens that are not in the vocabulary, each once."""
        return [token for token in dict.fromkeys(tokens) if token not in self.vocabulary]

    def save(self, run: Run, size: int) -> None:
        """Writes vocabulary.json beside the model. size: of the word vectors, which a file may have decided."""
        content = {**self.vocabulary.state(), "stop_words": self.stop_words, "length": self.length, "size": size}
        run.folder.write_json(FILE, content)


def tokens_of(text: str, stop_words: bool = False) -> list[str]:
    """Words in small letters and signs, without tags; stop_words: without these too."""
    tokens = words(without_tags(text))
    return without_stop_words(tokens) if stop_words else tokens


def preparation_of(saved: SavedRun) -> tuple[Preparation, int]:
    """What a run has saved, and the size of its word vectors.

    Raises SettingError for a run without it, DataError for something else in the file.
    """
    content: Mapping[str, Any] = saved.content(FILE)
    vocabulary = Vocabulary.from_state(content, str(saved.path / FILE))
    stop_words, length, size = (content.get(name) for name in ("stop_words", "length", "size"))
    right = isinstance(stop_words, bool) and all(type(n) is int and 1 <= n <= LARGEST for n in (length, size))
    right = right and vocabulary.unknown == UNKNOWN and vocabulary.tokens[0] == PADDING
    expect(right, DataError, str(saved.path / FILE), "stop_words, length, size, a vocabulary with padding", "others")
    return Preparation(vocabulary, bool(stop_words), int(length or 1)), int(size or 1)


def show_preparation(run: Run, preparation: Preparation, text: str, matrix: Any) -> list[dict[str, Any]]:
    """The steps from a raw text to vectors, as a table. matrix: the embedding (V, D), a Tensor."""
    tokens = tokens_of(text)
    kept = preparation.tokens(text)
    numbers = preparation.vocabulary.encode(kept).tolist()
    vector = ", ".join(f"{value:.2f}" for value in matrix[numbers[0]][:4].tolist())
    padded = max(0, preparation.length - len(kept))
    rows = [
        ("raw text", f"{len(text)} characters", _short(text)),
        ("tokens", f"{len(tokens)} tokens", _short(" ".join(tokens))),
        (
            "stop words " + ("left out" if preparation.stop_words else "kept"),
            f"{len(kept)} tokens",
            _short(" ".join(kept)),
        ),
        ("numbers", f"({len(numbers)},)", _short(" ".join(map(str, numbers)))),
        (f"padded or cut to {preparation.length}", f"({preparation.length},)", f"... and {padded} times 0"),
        ("vectors", f"({preparation.length}, {matrix.shape[1]})", f"first word: ({vector}, ...)"),
    ]
    return run.table(("step", "size", "what it gives"), rows)


def _short(text: str, most: int = 72) -> str:
    return text if len(text) <= most else text[: most - 4] + " ..."
