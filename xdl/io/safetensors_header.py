"""The header of a safetensors file: written the same for the same content, and read with suspicion.

A file is: 8 bytes, the length n of the header, little-endian; n bytes of JSON in UTF-8; the tensors' bytes, without
gaps. The JSON object maps each name to {"dtype": "F32", "shape": [...], "data_offsets": [begin, end]}, and may
map "__metadata__" to an object of strings (the format's description: huggingface/safetensors).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from math import prod
from typing import Any

from xdl.io.json_text import check_size, parse, shown

METADATA = "__metadata__"
MOST_DIMENSIONS = 64  # as NumPy

DTYPES = {  # the format's name -> ours
    "BOOL": "bool",
    **{
        f"{letter}{bits}": f"{kind}{bits}" for letter, kind in (("U", "uint"), ("I", "int")) for bits in (8, 16, 32, 64)
    },
    **{f"F{bits}": f"float{bits}" for bits in (32, 64)},
}
NAMES = {ours: theirs for theirs, ours in DTYPES.items()}


@dataclass(frozen=True)
class Entry:
    """One tensor: its dtype as xdl names it, its shape, and where its bytes lie after the header."""

    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


@dataclass(frozen=True)
class Header:
    """The tensors by name, in the order of their bytes, and the metadata."""

    entries: dict[str, Entry]
    metadata: dict[str, str]


def write_header(forms: Mapping[str, tuple[str, tuple[int, ...]]], metadata: Mapping[str, str]) -> bytes:
    """The first bytes of a file, up to the tensors, for {name: (dtype, shape)} in the order of their bytes.

    Raises ValueError for more names and metadata than `read_header` takes.
    """
    content: dict[str, Any] = {METADATA: dict(metadata)}
    end = 0
    for name, (dtype, shape) in forms.items():
        begin, end = end, end + prod(shape) * item_size(dtype)
        content[name] = {"dtype": NAMES[dtype], "shape": list(shape), "data_offsets": [begin, end]}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # the tensors begin at a multiple of 8
    check_size(text)
    return len(text).to_bytes(8, "little") + text


def read_header(text: bytes, size: int) -> Header:
    """The header of a file with `size` bytes after it. Raises ValueError with all that is wrong, in words."""
    try:
        content = parse(text)
    except ValueError as error:
        raise ValueError(f"a bad header: {error}") from None
    if not isinstance(content, dict):
        raise ValueError("a header that is no JSON object")
    metadata = content.pop(METADATA, {})
    problems = []
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        problems.append("metadata that are not strings")
    found = {name: _entry(given) for name, given in content.items()}
    entries = {name: entry for name, entry in found.items() if isinstance(entry, Entry)}
    if problems or len(entries) < len(found):
        wrong = (f"{shown(name)} has {entry}" for name, entry in found.items() if not isinstance(entry, Entry))
        raise ValueError(listed(chain(problems, wrong)))
    entries = dict(sorted(entries.items(), key=lambda item: (item[1].begin, item[1].end)))
    if gaps := _gaps(entries, size):
        raise ValueError(listed(gaps))
    return Header(entries, metadata)


def listed(problems: Iterable[str]) -> str:
    """All problems in a row; of more than 200 the first, and how many more there are."""
    left = iter(problems)
    first = list(islice(left, 200))
    more = sum(1 for _ in left)
    return "; ".join([*first, f"and {more} more"] if more else first)


def item_size(dtype: str) -> int:
    """The bytes of one element."""
    return 1 if dtype == "bool" else int(dtype.lstrip("abcdefghijklmnopqrstuvwxyz")) // 8


def _entry(given: Any) -> Entry | str:
    """The entry of one tensor, or what is wrong with it."""
    if not isinstance(given, dict) or given.keys() != {"dtype", "shape", "data_offsets"}:
        return "not just a dtype, a shape and data_offsets"
    dtype, shape, offsets = given["dtype"], given["shape"], given["data_offsets"]
    if not isinstance(dtype, str) or dtype not in DTYPES:
        found = shown(dtype) if isinstance(dtype, str) else "no name"
        return f"{found} as dtype in place of one of {', '.join(DTYPES)}"
    if not _are_counts(shape) or len(shape) > MOST_DIMENSIONS or prod(size for size in shape if size) >= 1 << 60:
        return f"a shape that no array of at most {MOST_DIMENSIONS} dimensions has"
    if not _are_counts(offsets) or len(offsets) != 2:
        return "data_offsets that are not two positions"
    taken, elements = offsets[1] - offsets[0], prod(shape)
    if taken != elements * item_size(DTYPES[dtype]):
        return f"{taken} bytes for {elements} elements of {dtype}"
    return Entry(DTYPES[dtype], tuple(shape), *offsets)


def _are_counts(values: Any) -> bool:
    return isinstance(values, list) and all(type(value) is int and 0 <= value < 1 << 63 for value in values)


def _gaps(entries: dict[str, Entry], size: int) -> list[str]:
    """What is wrong with the places of tensors that ought to fill `size` bytes one after the other."""
    problems, end = [], 0
    for name, entry in entries.items():
        if entry.begin != end:
            problems.append(f"{shown(name)} begins at {entry.begin}, and the tensor before it ends at {end}")
        end = entry.end
    if not problems and end != size:
        problems.append(f"{size} bytes of tensors in place of {end}")
    return problems
