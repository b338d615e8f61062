"""Shakespeare's plays as one text: the part that ships with xdl, and the whole of "tiny Shakespeare".

A. Karpathy put the plays together for "The unreasonable effectiveness of recurrent neural networks", 2015. The text is
in the public domain (origin: files/README.md).
"""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from xdl.data.fetching.places import data_folder
from xdl.data.idx import read_bytes
from xdl.errors import DataError, SettingError, expect

PART, WHOLE = "shakespeare", "tinyshakespeare"
FILE, BYTES = "input.txt", 1_115_394
PART_SHA256 = "d56f22f0ae72253a41405a67fd9c464c41415c8e1b2fd733af84397eb4e2d0c2"
WHOLE_SHA256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"
HELD_OUT = 10  # the last tenth


@dataclass(frozen=True)
class PlainText:
    """A text in two parts, the later one held out: `train` comes first in the text, `test` is its last tenth."""

    name: str
    description: str
    train: str
    test: str


def load_shakespeare(name: str = PART, data_dir: str | os.PathLike[str] | None = None) -> PlainText:
    """The part that ships ("shakespeare": the first 300 kB), or all of it ("tinyshakespeare": 1.1 MB).

    data_dir: a folder that holds tinyshakespeare/input.txt; without it XDL_DATA_DIR

    Raises SettingError for another name, DataError where the file is missing or damaged.
    """
    expect(name in (PART, WHOLE), SettingError, "load_shakespeare", f"{PART} or {WHOLE}", repr(name))
    text = read_part() if name == PART else _read_whole(data_dir)
    cut = len(text) - -(-len(text) // HELD_OUT)
    size = f"{len(text)} characters of Shakespeare's plays; the last {len(text) - cut} are held out"
    return PlainText(name, size, text[:cut], text[cut:])


def read_part() -> str:
    """The text that ships. Raises DataError if the file is damaged."""
    source = files("xdl.data.files") / "shakespeare.txt.gz"
    try:
        text = gzip.decompress(source.read_bytes())
    except (OSError, EOFError, zlib.error) as error:  # what gzip raises for missing, cut and changed files
        raise DataError(PART, f"a whole gzip file at {source}", error, "Install xdl again") from error
    _check(str(source), text, PART_SHA256, "Install xdl again")
    return text.decode("ascii")


def find_tinyshakespeare(data_dir: str | os.PathLike[str] | None = None) -> Path | None:
    """Where the whole text is: tinyshakespeare/input.txt in the data folder; None if it is not there."""
    base = data_folder(data_dir)
    return base / WHOLE / FILE if base is not None and (base / WHOLE / FILE).exists() else None


def _read_whole(data_dir: str | os.PathLike[str] | None) -> str:
    path = find_tinyshakespeare(data_dir)
    hint = f"Set XDL_DATA_DIR to a folder with {WHOLE}/{FILE}, {BYTES} bytes; a part ships with xdl: --data {PART}"
    if path is None:
        raise DataError(WHOLE, f"{WHOLE}/{FILE} in the data folder", "no such file", hint)
    text = read_bytes(path, BYTES, hint)
    _check(str(path), text, WHOLE_SHA256, hint)
    return text.decode("ascii")


def _check(source: str, text: bytes, digest: str, hint: str) -> None:
    found = hashlib.sha256(text).hexdigest()
    if found != digest:
        raise DataError(source, f"a text with SHA-256 {digest}", found, hint)
