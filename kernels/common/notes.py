"""What kernels tell the user: a line on stderr, because stdout belongs to results.

Only what takes long or could surprise is worth one: that a compiler runs, that its work cannot be kept. A program that
calls a kernel a million times says it once.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import cache


@cache
def say(line: str) -> None:
    """Writes a line on stderr, the same one only once.

    Where nobody can read it, because the stream is closed or its disk is full, the kernel goes on.
    """
    with suppress(OSError, ValueError):
        print(f"xdl: {line}", file=sys.stderr, flush=True)
