"""The text of a run as numbers, and the batches in which a model reads the held-out part of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xdl.creation import tensor
from xdl.data import PlainText, Vocabulary, load_shakespeare
from xdl.errors import DataError, SettingError, ShapeError, expect
from xdl.runs.run import Run
from xdl.runs.saved_run import SavedRun
from xdl.tensor import Tensor

VOCABULARY = "vocabulary.json"
STRANDS, READ = 32, 256
LEAST = 7  # characters: the longest k of the k-grams that a network is compared with, and the next


@dataclass(frozen=True)
class Letters:
    """A text and the numbers of its characters: train (N,), test (M,) int64. The vocabulary is the training part's."""

    text: PlainText
    vocabulary: Vocabulary
    train: Any
    test: Any

    def __len__(self) -> int:
        """V, the number of different characters."""
        return len(self.vocabulary)


def letters_of(run: Run, characters: int = 0, least: int = LEAST) -> Letters:
    """The text that the run is asked for. characters: of the training part, the last ones; 0: all.

    Raises SettingError for fewer characters than `least`, which those who count need; DataError for a held-out
    character that the training part lacks.
    """
    enough = characters == 0 or characters >= least
    expect(enough, SettingError, "characters", f"0, or at least {least}: so many are counted", characters)
    return numbered(load_shakespeare(run.about["data"], run.data_dir), characters)


def numbered(text: PlainText, characters: int = 0) -> Letters:
    """The text as numbers; see `letters_of`."""
    train = text.train[-characters:]
    vocabulary = Vocabulary.of(text.train)
    return Letters(text, vocabulary, vocabulary.encode(train), vocabulary.encode(text.test))


def keep_vocabulary(run: Run, vocabulary: Vocabulary) -> None:
    """Writes it beside the model."""
    run.folder.write_json(VOCABULARY, vocabulary.state())


def kept_vocabulary(saved: SavedRun) -> Vocabulary:
    """The vocabulary of a run. Raises SettingError where it is missing, DataError for a damaged one."""
    content: Mapping[str, Any] = saved.content(VOCABULARY)
    return Vocabulary.from_state(content, str(saved.path / VOCABULARY))


def encoded(operation: str, text: str, vocabulary: Vocabulary) -> list[int]:
    """The numbers of the characters. Raises DataError for an empty text, or one with what the vocabulary lacks."""
    if not text:
        raise DataError(operation, "a prefix of at least one character", "an empty text", 'For example "ROMEO:"')
    unknown = sorted(set(text) - set(vocabulary.tokens))
    if unknown:
        expected = f"a text of the {len(vocabulary)} characters that the model was trained on"
        known = "".join(token for token in vocabulary.tokens if token.isprintable())
        raise DataError(operation, expected, f"{''.join(unknown)!r} in it", f"It knows {known}")
    return [int(number) for number in vocabulary.encode(text)]


def strands(tokens: Any, steps: int = READ, number: int = STRANDS) -> list[tuple[Tensor, Tensor]]:
    """A text (N,) cut into strands that are read side by side, from one end to the other: a list of (x, y), (B, T).

    y is x one character later. Row b of each batch goes on where that of the last one ended, so that a state is
    carried. The last (N - 1) % B characters are not read. Raises ShapeError for a text with no two characters.
    """
    expect(len(tokens) > 1, ShapeError, "strands", "at least two characters", (len(tokens),))
    rows = min(number, len(tokens) - 1)
    length = (len(tokens) - 1) // rows
    x = tokens[: rows * length].reshape(rows, length)
    y = tokens[1 : rows * length + 1].reshape(rows, length)
    return [(tensor(x[:, i : i + steps]), tensor(y[:, i : i + steps])) for i in range(0, length, steps)]
