"""TOML that may have come from anywhere: read with bounds on its length, depth and numbers, or refused.

Python's own reader recurses as deep as lists are nested, gives whole numbers of any length, and takes time and memory
for the square of the parts of a dotted name: 16 kB of "a.a.a. ..." are about 300 MB.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

from xdl.io.json_text import DEEPEST, TOO_DEEP

LONGEST = 1 << 15  # bytes of a text
LOWEST, HIGHEST = -(1 << 63), (1 << 63) - 1  # whole numbers that TOML has for certain

# comments and texts, those that have no end too, each found in one pass; and names of more than three parts
QUOTED = re.compile(
    r"""#[^\n]*+|"{3}(?:\\.|[^\\])*?(?:"{3}|\Z)|'{3}.*?(?:'{3}|\Z)|"(?:\\.|[^"\\\n])*+"?|'[^'\n]*+'?""", re.DOTALL
)
DOTTED = re.compile(r"(?<![\w-])[\w-]++(?:[ \t]*+\.[ \t]*+[\w-]++){3}")


def parse(text: bytes) -> dict[str, Any]:
    """The names and values of a TOML text.

    Raises ValueError for what is no TOML in UTF-8, with the line; for a text of more than LONGEST bytes; for lists and
    tables more than DEEPEST in each other; names of more than three parts; whole numbers of more than 64 bits.
    """
    if len(text) > LONGEST:
        raise ValueError(f"a text of more than {LONGEST} bytes")
    words = text.decode()
    if DOTTED.search(QUOTED.sub("q", words)):
        raise ValueError("a name in more than three parts")
    try:
        content = tomllib.loads(words)
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
    _check(list(content.values()))
    return content


def _check(values: list[Any]) -> None:
    """Raises ValueError for whole numbers that are too large, and for what is nested too deeply."""
    for _ in range(DEEPEST):
        if any(isinstance(value, int) and not LOWEST <= value <= HIGHEST for value in values):
            raise ValueError("a whole number of more than 64 bits")
        parts = (v.values() if isinstance(v, dict) else v for v in values if isinstance(v, dict | list))
        values = [value for part in parts for value in part]
    if values:
        raise ValueError(TOO_DEEP)
