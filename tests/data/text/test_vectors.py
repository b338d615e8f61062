"""Word vectors as text: both forms, what is odd in real files, what is refused; an embedding of a vocabulary."""

from __future__ import annotations

import numpy as np
import pytest

from xdl.data import Vocabulary
from xdl.data.text.vectors import WordVectors, embedding_matrix, read_vectors, write_vectors
from xdl.data.text.vocabulary import PADDING, UNKNOWN
from xdl.errors import DataError, ShapeError


def read(tmp_path, text, **more):
    path = tmp_path / "vectors.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_vectors(path, **more)


def test_both_forms(tmp_path):
    glove = "the 0.5 -1\n. . . 1 2\nthe 7 8\nx\u00a0y 3 4e-1\n"
    found = read(tmp_path, glove)
    assert (found.words, found.repeated) == (("the", ". . .", "x\u00a0y"), 1)
    assert found.values.tolist() == pytest.approx(np.array([[0.5, -1], [1, 2], [3, 0.4]]))
    word2vec = "3 2\nthe 0.5 -1 \na 1 2 \r\n\u85df 3 4"
    assert read(tmp_path, word2vec).words == ("the", "a", "\u85df")
    assert read(tmp_path, word2vec, wanted={"a"}).values.tolist() == [[1, 2]]
    assert read(tmp_path, b"caf\xc3 1 2\n").words == ("caf\ufffd",)
    assert read(tmp_path, "2 1\n5 3\n6 4\n").words == ("5", "6")
    for text in ("2 2\na 1 2\nb 3 4\n", "a 1 2\nb 3 4\n"):
        assert read(tmp_path, "\ufeff" + text).words == ("a", "b")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a 1 2\nb 1\n", "line 1: expected a word and 1 numbers, found 2 numbers"),
        ("2 2\na 1 2\nb 1\n", "line 3: expected a word and 2 numbers, found 1 numbers"),
        ("1 2\na 1 2 3\n", "line 2: expected a word and 2 numbers, found 3 numbers"),
        ("1 2\na 1 x\n", "line 2: expected a word and 2 numbers"),
        ("1 2\na 1 nan\n", "line 2: expected finite"),
        ("1 2\na 1 1e99\n", "line 2: expected finite"),
        ("3 2\na 1 2\nb 1 2\n", "expected 3 lines, as its first one says, found 2"),
        ("1 0\na\n", "at least one word, and one number a word, found 1 0"),
        ("0 2\n", "at least one word"),
        ("1 2\na 1_0 2\n", "line 2: expected a word and 2 numbers, found a number with _"),
        ("word\nother\n", "line 1: expected a word and its numbers"),
        ("", "an empty file"),
        ("1 2\n 1 2\n", "line 2"),
        ("1 2\na 1 " + "x" * 30_000, "line 2: expected a word and 2 numbers, found .{,100}x. Each line"),
        ("9" * 5000 + " 2\na 1 2\n", "line 2: expected a word and 1 numbers, found 2 numbers"),
    ],
)
def test_damaged_files_are_refused_by_line(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        read(tmp_path, text)


def test_no_file(tmp_path):
    with pytest.raises(DataError, match="a text file of word vectors"):
        read_vectors(tmp_path / "missing.txt")
    with pytest.raises(DataError, match="a directory"):
        read_vectors(tmp_path)


def test_what_is_written_is_read(tmp_path):
    values = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
    path = tmp_path / "v.txt"
    write_vectors(path, ["a", ". . .", "5"], values)
    assert path.read_text().startswith("3 4\na ")
    again = read_vectors(path)
    assert again.words == ("a", ". . .", "5")
    np.testing.assert_allclose(again.values, values, rtol=1e-5)
    for words in (["a", "b"], ["a", "a", "b"], ["a", "b\n", "c"], ["a", "b 1", "c"], ["", "b", "c"], [" a", "b", "c"]):
        with pytest.raises((DataError, ShapeError)):
            write_vectors(path, words, values)
    for numbers in (values * np.inf, values.astype("float64") * 1e300):
        with pytest.raises(DataError, match="finite"):
            write_vectors(path, ["a", "b", "c"], numbers)
    with pytest.raises(DataError, match=r"numbers \(N, D\)"):
        write_vectors(path, ["a"], [["x"]])
    with pytest.raises(DataError, match="words of whole characters"):
        write_vectors(path, ["a", "\ud800", "c"], values)
    with pytest.raises(DataError, match="found \\[5\\]"):
        write_vectors(path, ["a", 5, "c"], values)


def test_an_embedding_says_how_many_tokens_have_a_vector():
    vocabulary = Vocabulary([PADDING, UNKNOWN, "a", "b"], UNKNOWN)
    vectors = WordVectors(("c", "b", "a"), np.array([[9.0, 9], [1, 2], [3, 4]], "float32"))
    matrix, share = embedding_matrix(vocabulary, vectors)
    assert share == 0.5
    assert matrix[2:].tolist() == [[3, 4], [1, 2]]
    assert matrix[0].tolist() == [0, 0]
    assert 0 < abs(matrix[1]).max() < 10
    with pytest.raises(DataError, match="a vector for one of 1 tokens"):
        embedding_matrix(Vocabulary(["z"]), vectors)
