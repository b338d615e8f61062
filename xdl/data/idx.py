"""IDX files, the format of MNIST: a header that tells type and shape, then the bytes; plain or compressed by gzip.

0 0 8 d    two zeros, the type (8: unsigned bytes), the number of dimensions d
n1 ... nd  the shape, four bytes each, the highest first
"""

from __future__ import annotations

import zlib
from hashlib import sha256
from math import prod
from os import fstat
from pathlib import Path

import numpy as np

from xdl.data.fetching.sources import RemoteFile
from xdl.errors import DataError

GZIP = b"\x1f\x8b"
SLACK = 1 << 16  # bytes that a packed file may be longer than its content
LARGEST = 1 << 30  # bytes of content whose size nobody published


def own_shape(path: Path, dimensions: int, hint: str) -> tuple[int, ...]:
    """The shape that the header of somebody's own file tells, for `read_idx`.

    Raises DataError where it cannot be read, or is no IDX file of unsigned bytes with so many dimensions.
    """
    length = 4 + 4 * dimensions
    try:
        with open(path, "rb") as file:
            start = file.read(SLACK)
        raw = zlib.decompressobj(wbits=31).decompress(start, length) if start.startswith(GZIP) else start
    except (OSError, zlib.error) as error:
        raise DataError(str(path), "an IDX file, plain or packed", error, hint) from error
    shape = tuple(int.from_bytes(raw[i : i + 4]) for i in range(4, length, 4))
    if raw[:4] != bytes([0, 0, 8, dimensions]) or len(raw) < length or prod(shape) > LARGEST:
        raise DataError(str(path), f"an IDX file of unsigned bytes in {dimensions} dimensions", _kind(raw), hint)
    return shape


def read_idx(path: Path, file: RemoteFile | None, shape: tuple[int, ...], hint: str) -> np.ndarray:
    """The unsigned bytes of the file, which must have this shape.

    file: what was published. The bytes must be the published ones before or after unpacking; where only the digest
          before is known, a file that was unpacked or packed anew is checked by its form alone, and so is one of
          somebody's own, for which it is None
    hint: what to do about a file that is refused

    Raises DataError, naming the file, where it is missing, cut, longer, damaged, or something else. Never reads or
    unpacks more than the shape needs.
    """
    header = bytes([0, 0, 8, len(shape)]) + b"".join(n.to_bytes(4) for n in shape)
    size = len(header) + int(np.prod(shape))
    packed = read_bytes(path, size + size // 256 + SLACK, hint)
    raw = _unpack(path, packed, size, hint) if packed.startswith(GZIP) else packed
    if raw[: len(header)] != header:
        raise DataError(str(path), f"an IDX file of unsigned bytes {shape}", _kind(raw), hint)
    if len(raw) != size:
        raise DataError(str(path), f"{size} bytes, unpacked", "more" if len(raw) > size else len(raw), hint)
    if file is not None and file.contents and sha256(packed).hexdigest() != file.sha256:
        check_digest(path, raw, file.contents[file.unpacked], hint)
    return np.frombuffer(raw, dtype=np.uint8, offset=len(header)).reshape(shape)


def read_bytes(path: Path, limit: int, hint: str) -> bytes:
    """The whole file. Raises DataError where it cannot be read, is no plain file, or has more bytes than `limit`."""
    try:
        if path.exists() and not path.is_file():
            raise DataError(str(path), "a plain file", "a folder or device", hint)
        with open(path, "rb") as file:
            content = file.read(min(limit, fstat(file.fileno()).st_size) + 1)  # it takes memory for what it is asked
    except OSError as error:
        raise DataError(str(path), "a file that can be read", error.strerror or error, hint) from error
    if len(content) > limit:
        raise DataError(str(path), f"at most {limit} bytes", "more", hint)
    return content


def check_digest(path: Path, content: bytes, expected: str, hint: str) -> None:
    """Raises DataError unless this is the SHA-256 of the content."""
    found = sha256(content).hexdigest()
    if found != expected:
        raise DataError(str(path), f"the published content, SHA-256 {expected}", found, hint)


def _unpack(path: Path, packed: bytes, size: int, hint: str) -> bytes:
    """At most size + 1 bytes of the content."""
    unpacker = zlib.decompressobj(wbits=31)  # with gzip's header and checksum
    try:
        raw = unpacker.decompress(packed, size + 1)
    except zlib.error as error:
        raise DataError(str(path), "a whole gzip file", error, hint) from error
    if len(raw) <= size and (not unpacker.eof or unpacker.unused_data):
        raise DataError(str(path), "one whole gzip file", "more behind it" if unpacker.eof else "a cut one", hint)
    return raw


def _kind(raw: bytes) -> str:
    """What a file is instead, for people."""
    if is_web_page(raw):
        return "a web page (HTML)"
    if len(raw) < 8 or raw[:3] != bytes([0, 0, 8]):
        return f"{len(raw)} bytes that begin with {raw[:8].hex(' ') or 'nothing'}"
    dimensions = min(raw[3], 8)
    found = tuple(int.from_bytes(raw[4 + 4 * i : 8 + 4 * i]) for i in range(dimensions))
    return f"shape {found}"


def is_web_page(raw: bytes) -> bool:
    """Whether this begins as HTML does, which servers send in place of what is not there."""
    return raw[:256].lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml"))
