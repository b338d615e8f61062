"""English sentences with Chinese translations, from the Tatoeba project (origin: files/README.md): 2,000 ship."""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path

from xdl.data.fetching.places import data_folder
from xdl.data.idx import read_bytes
from xdl.data.text.pairs import Pair, SentencePairs, bare, split_pairs
from xdl.data.text.tokens import words
from xdl.errors import DataError, SettingError, expect

NAME, FILE, BYTES = "tatoeba", "cmn.txt", 1 << 26
SHIPPED, SHIPPED_FILE = "tatoeba-2000", "tatoeba.tsv.gz"
SHA256 = "eee4e54540413c6289e2615c45b7a6578a543863ef7f49384590bcf04da0cef0"
HINT = f"Set XDL_DATA_DIR to a folder with {NAME}/{FILE}: English, a tab, Chinese, and maybe a tab and where it is from"


def find_tatoeba(data_dir: str | os.PathLike[str] | None = None) -> Path | None:
    """Where the file is: tatoeba/cmn.txt in the data folder; None if it is not there."""
    base = data_folder(data_dir)
    return base / NAME / FILE if base is not None and (base / NAME / FILE).exists() else None


def read_tatoeba() -> list[Pair]:
    """The 2,000 pairs that ship with xdl. Raises DataError if their file is damaged."""
    source = files("xdl.data.files") / SHIPPED_FILE
    try:
        text = gzip.decompress(source.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(SHIPPED, f"a whole gzip file at {source}", error, "Install xdl again") from error
    found = hashlib.sha256(text).hexdigest()
    expect(found == SHA256, DataError, SHIPPED, f"{source} with SHA-256 {SHA256}", found)
    return pairs_of(lines_of(text.decode()), str(source))


def load_tatoeba(
    name: str = SHIPPED, shortest: int | None = None, data_dir: str | os.PathLike[str] | None = None
) -> SentencePairs:
    """English-Chinese pairs in three parts that have no sentence of either language in common, see `split_pairs`.

    name:     "tatoeba-2000", which ships, or "tatoeba": the file tatoeba/cmn.txt in the data folder
    shortest: so many pairs with the shortest English sentences, by characters; None: all
    data_dir: a folder that holds tatoeba/; without it XDL_DATA_DIR

    Raises SettingError for another name or shortest < 100; DataError for a file that is missing, no text, or not of
    pairs.
    """
    expect(name in (SHIPPED, NAME), SettingError, "load_tatoeba", f"name: {SHIPPED} or {NAME}", repr(name))
    expect(shortest is None or shortest >= 100, SettingError, "load_tatoeba", "shortest >= 100", shortest)
    pairs = short_first(read_tatoeba() if name == SHIPPED else _whole_file(data_dir))[:shortest]
    parts = split_pairs(pairs)
    longest = max(len(words(source)) for source, _ in pairs)
    about = (
        f"{len(pairs)} English-Chinese pairs of up to {longest} words (Tatoeba, CC BY 2.0 FR): "
        f"{len(parts[0])} train, {len(parts[1])} validation, {len(parts[2])} test; no sentence is in two parts"
    )
    return SentencePairs(name, about, "English", "Chinese", *parts, tokens=words)


def short_first(pairs: Iterable[Pair]) -> list[Pair]:
    """Each pair once, by the length of its first sentence. What has no letter on one side is left out."""
    good = {(source, target) for source, target in pairs if bare(source) and bare(target)}
    return sorted(good, key=lambda pair: (len(pair[0]), *pair))


def lines_of(text: str) -> list[str]:
    """The lines, which end as in files: other signs that separate lines, as U+2028, may stand in a sentence."""
    return without_blank_end(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


def without_blank_end(lines: list[str]) -> list[str]:
    """The lines without the blank ones at the end, which editors leave there."""
    last = max((i for i, line in enumerate(lines) if line.strip()), default=-1)
    return lines[: last + 1]


def pairs_of(lines: Sequence[str], where: str) -> list[Pair]:
    """Sentence, tab, translation, and what stands behind a further tab left out. where: the file, for errors.

    Raises DataError, naming the first line without two sentences.
    """
    columns = [line.split("\t") for line in lines]
    wrong = next((i for i, cells in enumerate(columns) if len(cells) < 2 or not all(map(str.strip, cells[:2]))), None)
    if wrong is not None or not columns:
        found = "an empty file" if wrong is None else f"line {wrong + 1}: {lines[wrong][:60]!r}"
        raise DataError(where, "lines of a sentence, a tab, and its translation", found, HINT)
    return [(cells[0].strip(), cells[1].strip()) for cells in columns]


def _whole_file(data_dir: str | os.PathLike[str] | None) -> list[Pair]:
    path = find_tatoeba(data_dir)
    if path is None:
        raise DataError(NAME, f"{NAME}/{FILE} in the data folder", "no such file", HINT)
    try:
        text = read_bytes(path, BYTES, HINT).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(str(path), "text in UTF-8", error, HINT) from error
    return pairs_of(lines_of(text), str(path))
