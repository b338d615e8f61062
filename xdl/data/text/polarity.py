"""Sentence polarity: 5,331 positive and as many negative sentences of film reviews (B. Pang and L. Lee, "Seeing
stars", ACL 2005). For research; xdl does not carry them: they are read from the data folder.
"""

from __future__ import annotations

import os
from pathlib import Path

from xdl.data.fetching.places import data_folder
from xdl.data.idx import read_bytes
from xdl.data.text.labelled import LabelledTexts, of_classes
from xdl.data.text.tatoeba import without_blank_end
from xdl.errors import DataError

NAME, FILES, BYTES = "rt-polarity", ("rt-polarity.neg", "rt-polarity.pos"), 1 << 24
CLASSES = ("negative", "positive")


def find_polarity(data_dir: str | os.PathLike[str] | None = None) -> Path | None:
    """The folder rt-polarity/ with both files in the data folder; None where it is not there."""
    base = data_folder(data_dir)
    there = base is not None and all((base / NAME / file).exists() for file in FILES)
    return base / NAME if base is not None and there else None


def load_polarity(data_dir: str | os.PathLike[str] | None = None) -> LabelledTexts:
    """The sentences, negative ones first, class 0, then the positive ones, class 1.

    data_dir: a folder that holds rt-polarity/; without it XDL_DATA_DIR

    The published files are in Latin-1; where the bytes are UTF-8, as after a conversion, they are read as that.
    Blank lines at the end are passed over. Raises DataError where a file is missing, empty or no text, naming it, and
    for a blank line between others, naming its number.
    """
    folder = find_polarity(data_dir)
    hint = f"Set XDL_DATA_DIR to a folder with {' and '.join(f'{NAME}/{file}' for file in FILES)}, a sentence a line"
    if folder is None:
        raise DataError(NAME, f"{' and '.join(FILES)} in {NAME}/ of the data folder", "no such files", hint)
    return of_classes([_sentences(folder / file, hint) for file in FILES], CLASSES)


def _sentences(path: Path, hint: str) -> list[str]:
    content = read_bytes(path, BYTES, hint)
    if b"\0" in content:
        raise DataError(str(path), "a sentence a line", "no text, but bytes of 0", hint)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    sentences = [line.strip() for line in without_blank_end(text.split("\n"))]
    if not sentences:
        raise DataError(str(path), "a sentence a line", "an empty file", hint)
    if "" in sentences:
        raise DataError(str(path), "a sentence a line", f"line {sentences.index('') + 1} is blank", hint)
    return sentences
