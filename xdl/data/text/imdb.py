"""IMDB: 50,000 film reviews, half of them for training (A. Maas and others, "Learning Word Vectors for Sentiment
Analysis", ACL 2011). For research; xdl does not carry them: they are read from the data folder, from files or in place
from the archive.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from xdl.data.fetching.archive import PIECE, contents
from xdl.data.fetching.places import data_folder
from xdl.data.idx import read_bytes
from xdl.data.text.labelled import LabelledTexts, of_classes
from xdl.errors import DataError

NAME, FOLDER = "imdb", "aclImdb"
ARCHIVES = ("aclImdb_reviews.tar.gz", "aclImdb_v1.tar.gz")
PARTS, KINDS, CLASSES = ("train", "test"), ("neg", "pos"), ("negative", "positive")
LIMIT, MEMBERS = 1 << 30, 200_000  # bytes and members of an archive; the published one has 100,000 reviews
TAG = re.compile(r"<[^<>]{0,100}>")
HINT = f"Set XDL_DATA_DIR to a folder with {NAME}/{ARCHIVES[0]}, or with {NAME}/{FOLDER}/ unpacked"


def find_imdb(data_dir: str | os.PathLike[str] | None = None) -> Path | None:
    """aclImdb/ or an archive of it, in imdb/ or directly in the data folder; None where neither is there."""
    base = data_folder(data_dir)
    if base is None:
        return None
    folders = [folder / FOLDER for folder in (base / NAME, base)]
    files = [folder / name for folder in (base / NAME, base) for name in ARCHIVES]
    found = [path for path in folders if path.is_dir()] + [path for path in files if path.is_file()]
    return found[0] if found else None


def load_imdb(data_dir: str | os.PathLike[str] | None = None) -> tuple[LabelledTexts, LabelledTexts]:
    """The reviews of the training and of the test part; in each the negative ones first, sorted by the file's name.

    data_dir: a folder that holds imdb/; without it XDL_DATA_DIR

    They are raw, with tags such as <br />: see `without_tags`. Reviews without a class (train/unsup) are passed over,
    and so are hidden files, as the ._0_3.txt of macOS. Raises DataError where the set is missing, for a hostile or
    damaged archive, for text that is no UTF-8, an empty review, and a part that lacks a class.
    """
    path = find_imdb(data_dir)
    if path is None:
        raise DataError(NAME, f"{FOLDER}/ or {ARCHIVES[0]} in {NAME}/ of the data folder", "neither", HINT)
    found: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for part, kind, name, content in _in_folder(path) if path.is_dir() else _in_archive(path):
        try:
            found[part, kind][name] = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise DataError(f"{path}: {part}/{kind}/{name}", "text in UTF-8", error, HINT) from error
    return _part(path, found, "train"), _part(path, found, "test")


def without_tags(text: str) -> str:
    """The text with a blank in place of each tag, as <br />."""
    return TAG.sub(" ", text)


def _part(path: Path, found: dict[tuple[str, str], dict[str, str]], part: str) -> LabelledTexts:
    try:
        return of_classes([[found[part, kind][name] for name in sorted(found[part, kind])] for kind in KINDS], CLASSES)
    except DataError as error:
        raise DataError(f"{path}: {part}", error.expected, error.found, HINT) from error


def _in_folder(folder: Path) -> Iterator[tuple[str, str, str, bytes]]:
    """(part, kind, file's name, content) of each review."""
    for part in PARTS:
        for kind in KINDS:
            for path in (folder / part / kind).glob("[!.]*.txt"):
                yield part, kind, path.name, read_bytes(path, PIECE, HINT)


def _in_archive(archive: Path) -> Iterator[tuple[str, str, str, bytes]]:
    """The same from the archive."""

    def wanted(name: str) -> bool:
        parts = PurePosixPath(name).parts
        of_part = len(parts) == 4 and parts[1] in PARTS and parts[2] in KINDS
        return of_part and parts[3].endswith(".txt") and not parts[3].startswith(".")

    for name, content in contents(archive, wanted, LIMIT, MEMBERS):
        _, part, kind, file = PurePosixPath(name).parts
        yield part, kind, file, content
