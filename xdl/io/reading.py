"""Reading files that may be anything: only regular ones, and no more bytes than asked for.

A device such as /dev/zero never ends, and to open a pipe waits until somebody writes to it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BufferedReader
from stat import S_ISREG
from typing import Any

from xdl.io.json_text import parse

LONGEST_FILE = 1 << 24  # bytes of a file that is read whole
LONGEST_LINE = 1 << 24  # bytes of a line


def opened_file(path: str | os.PathLike[str]) -> BufferedReader:
    """A regular file, to be read. Raises ValueError for anything else, OSError where it cannot be opened."""
    if not S_ISREG(os.stat(path).st_mode):
        raise ValueError("a directory" if os.path.isdir(path) else "no regular file, but a device or a pipe")
    return open(path, "rb")


def read_bytes(path: str | os.PathLike[str], longest: int = LONGEST_FILE) -> bytes:
    """The content of a regular file. Raises ValueError for anything else and for more bytes, OSError as `open` does."""
    with opened_file(path) as file:
        content = file.read(min(longest, os.fstat(file.fileno()).st_size) + 1)  # it takes memory for what it is asked
    if len(content) > longest:
        raise ValueError(f"more than {longest} bytes")
    return content


def read_object(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The JSON object that a file holds. Raises ValueError, with what it is instead, and OSError as `open` does."""
    content = parse(read_bytes(path))
    if not isinstance(content, dict):
        raise ValueError(f"{type(content).__name__} in place of an object")
    return content


def read_lines(path: str | os.PathLike[str]) -> Iterator[bytes]:
    """The lines of a regular file with their ends, one in memory at a time; the last may lack its end.

    For a line of more than LONGEST_LINE bytes an empty one is given. Raises as `read_bytes`.
    """
    with opened_file(path) as file:
        while line := file.readline(LONGEST_LINE):
            if len(line) < LONGEST_LINE or line.endswith(b"\n"):
                yield line
                continue
            while len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                line = file.readline(LONGEST_LINE)
            yield line[len(line) - line.endswith(b"\n") :]
