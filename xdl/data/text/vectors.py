"""Word vectors as text, the form of word2vec and GloVe: a word and its numbers a line."""

from __future__ import annotations

import os
from codecs import BOM_UTF8
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

import numpy as np

from xdl.data.order import host_array
from xdl.data.text.vocabulary import PADDING, Vocabulary
from xdl.errors import DataError, ShapeError, expect
from xdl.io.files import write_atomic
from xdl.io.reading import read_lines
from xdl.random import Stream

FIRST = 20  # lines that tell how many numbers a line has
SHOWN = 100  # characters of a line that a message shows
HINT = "Each line is a word and its numbers with blanks between; word2vec's files begin with a line of both counts"


@dataclass(frozen=True)
class WordVectors:
    """N words and their vectors (N, D) float32. repeated: words that came again, of which the first counts."""

    words: tuple[str, ...]
    values: np.ndarray
    repeated: int = 0

    @property
    def rows(self) -> dict[str, int]:
        """The row of each word."""
        return {word: row for row, word in enumerate(self.words)}


def read_vectors(path: str | os.PathLike[str], wanted: Collection[str] | None = None) -> WordVectors:
    """The vectors of a text file, of word2vec with the line "N D" at its beginning, or of GloVe without one.

    wanted: the words to keep, as a set; None keeps all. Of a large file only these take memory

    A byte order mark at the beginning is left out. A token may have blanks in it (". . ."): the last D fields of a line
    are its numbers. Bytes that are no UTF-8 become the sign for an unknown character, since word2vec cuts long words
    anywhere. Raises DataError, with the number of the line, for another number of values, for one that is no finite
    number, for a file without vectors, and for a file with fewer or more lines than its first line says.
    """
    name = str(path)
    try:
        lines = read_lines(path)
        first = list(islice(lines, FIRST + 1))
    except (OSError, ValueError) as error:
        raise DataError(name, "a text file of word vectors", error, HINT) from error
    first = [line.removeprefix(BOM_UTF8) if i == 0 else line for i, line in enumerate(first)]
    announced, size = _form(name, [_text(line) for line in first])
    words: dict[str, int] = {}
    rows: list[np.ndarray] = []
    repeated, count, skipped = 0, 0, 0 if announced is None else 1
    for number, line in enumerate(chain(first[skipped:], lines), skipped + 1):
        word, vector = _parsed(f"{name}, line {number}", _text(line), size)
        count += 1
        if word in words:
            repeated += 1
        elif wanted is None or word in wanted:
            words[word] = len(rows)
            rows.append(vector)
    expect(announced in (None, count), DataError, name, f"{announced} lines, as its first one says", count)
    values = np.stack(rows) if rows else np.empty((0, size), np.float32)
    return WordVectors(tuple(words), values, repeated)


def write_vectors(path: str | os.PathLike[str], words: Sequence[str], values: Any) -> None:
    """Writes the vectors (N, D) of N words as word2vec's text file. The file appears whole or not at all.

    Raises ShapeError for values of another form, DataError for values that are not finite, and for a word that no
    reader would get back: an empty one, one that comes twice, with a line end, a blank at an end, or with a number
    behind a blank.
    """
    try:
        with np.errstate(over="ignore"):
            table = np.asarray(values, np.float32)
    except (TypeError, ValueError) as error:
        raise DataError("write_vectors", "numbers (N, D)", str(error)[:SHOWN]) from error
    found = f"{len(words)} words and {table.shape}"
    right = table.ndim == 2 and len(table) == len(words) and table.size > 0
    expect(right, ShapeError, "write_vectors", "a row (D,) for each of N words", found)
    expect(bool(np.isfinite(table).all()), DataError, "write_vectors", "finite values", "nan or infinity")
    expect(len(set(words)) == len(words), DataError, "write_vectors", "every word once", "one that comes twice")
    wrong = [word for word in words if not isinstance(word, str) or not _readable(word)]
    expect(not wrong, DataError, "write_vectors", "words without line ends and blanks at their ends", repr(wrong[:1]))
    lines = [f"{len(words)} {table.shape[1]}"]
    lines += [
        f"{word} {' '.join(f'{value:.6g}' for value in row)}" for word, row in zip(words, table.tolist(), strict=True)
    ]
    try:
        content = ("\n".join(lines) + "\n").encode()
    except UnicodeEncodeError as error:
        raise DataError("write_vectors", "words of whole characters", repr(error.object[error.start])) from error
    write_atomic(path, content)


def embedding_matrix(
    vocabulary: Vocabulary, vectors: WordVectors, generator: Stream | None = None
) -> tuple[np.ndarray, float]:
    """Row i is the vector of token i, (V, D) float32, and the share of tokens in [0, 1] that have one.

    Tokens without a vector get normal numbers with the std of the others, drawn from `generator`, the padding zeros.
    Raises DataError where no token has a vector: then the words are written in another way, as with capitals.
    """
    rows = vectors.rows
    known = [(number, rows[token]) for number, token in enumerate(vocabulary.tokens) if token in rows]
    hint = "Are the words in small letters, and of the same language?"
    if not known:
        raise DataError("embedding_matrix", f"a vector for one of {len(vocabulary)} tokens", "none", hint)
    at, row = np.array(known).T
    std = float(vectors.values[row].std())
    shape = len(vocabulary), vectors.values.shape[1]
    stream = Stream(0, "embedding_matrix") if generator is None else generator
    matrix: np.ndarray = std * stream.normal(shape, "float32", host_array())
    matrix[at] = vectors.values[row]
    if PADDING in vocabulary and PADDING not in rows:
        matrix[vocabulary.number(PADDING)] = 0
    return matrix, len(known) / len(vocabulary)


def _text(line: bytes) -> str:
    return line.decode(errors="replace").rstrip("\r\n ")


def _form(name: str, lines: list[str]) -> tuple[int | None, int]:
    """(N or None, D): what the first line says, else the least count of numbers at the ends of the first lines."""
    if lines and len(counts := lines[0].split(" ")) == 2 and all(map(_is_count, counts)):
        least = "at least one word, and one number a word"
        expect(min(map(int, counts)) >= 1, DataError, name, least, lines[0][:SHOWN])
        return int(counts[0]), int(counts[1])
    ends = [_numbers_at_the_end(line.split(" ")) for line in lines[:FIRST]]
    expect(bool(ends), DataError, name, "a word and its vector a line", "an empty file")
    size = min(ends)
    if size < 1:
        raise DataError(f"{name}, line {ends.index(size) + 1}", "a word and its numbers", "no number", HINT)
    return None, size


def _is_count(field: str) -> bool:
    return field.isdecimal() and len(field) < 19  # Python refuses to read numbers of thousands of digits


def _numbers_at_the_end(fields: list[str]) -> int:
    """How many fields at the end of a line are numbers; the first field is always a part of the word."""
    count = 0
    while count < len(fields) - 1 and _is_number(fields[-count - 1]):
        count += 1
    return count


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return "_" not in field  # which Python takes between digits


def _parsed(where: str, line: str, size: int) -> tuple[str, np.ndarray]:
    """The word and its `size` numbers. where: the file and the line, for errors."""
    word, *fields = line.rsplit(" ", size)
    expected = f"a word and {size} numbers"
    if len(fields) < size or not word:
        raise DataError(where, expected, f"{_numbers_at_the_end(line.split(' '))} numbers", HINT)
    if not _readable(word):
        found = _numbers_at_the_end(line.split(" "))
        raise DataError(where, expected, f"{found} numbers behind {word.split(' ')[0][:SHOWN]!r}", HINT)
    try:
        with np.errstate(over="ignore"):
            vector = np.array([float(field) for field in fields], np.float32)
    except ValueError as error:
        raise DataError(where, expected, str(error)[:SHOWN], HINT) from error
    expect("_" not in line[len(word) :], DataError, where, expected, "a number with _")
    expect(bool(np.isfinite(vector).all()), DataError, where, "finite numbers of 32 bits", "others")
    return word, vector


def _readable(word: str) -> bool:
    """Whether a reader gets a word back: it may have blanks, but no number behind one."""
    if not word or word != word.strip(" \r") or "\n" in word:
        return False
    return " " not in word or not _is_number(word.rsplit(" ", 1)[1])
