"""Running the `xdl` command inside the tests' own process, which takes milliseconds."""

import io
import os
import signal
import sys
import warnings
from pathlib import Path
from typing import NamedTuple

from xdl.cli.app import main

CODES = {0, 1, 2, 130, 143}  # as the page on commands has them


class Ended(NamedTuple):
    """An ended command."""

    code: int
    out: str
    errors: str


def xdl(*arguments, cwd=".", encoding="utf-8"):
    """The ended command; what is no exit, as an error that main does not know, comes out as it is.

    encoding: of both streams. Strict, as a terminal's stdout is: a letter that cannot be written is an error there
    """
    streams = [io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict") for _ in range(2)]
    before = sys.stdout, sys.stderr, sys.argv, Path.cwd()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        os.chdir(cwd)
        sys.stdout, sys.stderr = streams
        sys.argv = ["xdl", *map(str, arguments)]
        with warnings.catch_warnings():
            main()
    except SystemExit as end:
        code = end.code
    finally:
        sys.stdout, sys.stderr, sys.argv, folder = before
        os.chdir(folder)
        for number, handler in handlers.items():
            signal.signal(number, handler)
    texts = []
    for stream in streams:
        stream.flush()
        texts.append(stream.buffer.getvalue().decode(encoding))
    return Ended(code, *texts)


def steers(text):
    """The characters of a text that would steer a terminal, or hide from who reads it."""
    return {c for c in text if not c.isprintable() and c != "\n"}
