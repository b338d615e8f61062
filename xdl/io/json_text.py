"""JSON that may have come from anywhere: read with bounds on its length, depth and numbers, or refused.

Python's own reader takes 150 bytes of memory for a name of two letters, recurses as deep as the text is nested, keeps
the last of two equal names, and gives infinities and whole numbers that no float holds. Here all of that is a
ValueError, in words of one line, and the memory that a text takes is at most about 200 MB.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from math import isfinite
from typing import Any

LONGEST = 1 << 24  # bytes of a text
MOST_VALUES = 1_000_000  # commas, colons and opening brackets in it: at most about 100 bytes of memory each
DEEPEST = 100  # objects and lists in each other
WHOLE = 1 << 1023  # from which on a whole number may be none that a float holds
TOO_DEEP = f"objects and lists in each other, too deep: more than {DEEPEST}"
MARKS = (b",", b":", b"[", b"{")

Pairs = list[tuple[str, Any]]
ALIKE = bytes.maketrans(b"123456789E", b"000000000e")  # what numbers that float64 may not hold have in common
HALVES = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F])")


def parse(text: bytes | str, make: Callable[[dict[str, Any]], Any] | None = None, constants: bool = False) -> Any:
    """The value that a JSON text stands for.

    make:      make(object) -> the value in its place, called for every object, inner ones first
    constants: whether NaN, Infinity and -Infinity, which Python writes and JSON lacks, are numbers

    Raises ValueError for what is no JSON in UTF-8; an object with two equal names; a text of more than LONGEST bytes,
    MOST_VALUES values or DEEPEST levels; a number that float64 cannot hold; half of a pair of surrogates.
    """
    try:
        data = text.encode() if isinstance(text, str) else text
        check_size(data)
        words = text if isinstance(text, str) else text.decode()
        _check_halves(words)
        strict: dict[str, Any] = {} if constants else {"parse_constant": _no_constant}
        alike = data.translate(ALIKE, b"+")
        if b"0" * 300 in alike or b"e000" in alike:
            strict |= {"parse_int": _whole, "parse_float": _finite}
        value = json.loads(words, object_pairs_hook=lambda pairs: _object(pairs, make), **strict)
    except UnicodeError as error:
        raise ValueError(f"a text that is not UTF-8 ({error})") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"a text that is no JSON ({error})") from None
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
    check_depth(value)
    return value


def check_size(text: bytes) -> None:
    """Raises ValueError for a text that `parse` does not take because of its length or number of values."""
    if len(text) > LONGEST:
        raise ValueError(f"a text of more than {LONGEST} bytes")
    if sum(map(text.count, MARKS)) > MOST_VALUES:
        raise ValueError(f"a text of more than {MOST_VALUES} names and values")


def check_depth(value: Any) -> None:
    """Raises ValueError for objects and lists more than DEEPEST in each other."""
    level, depth = ([value] if isinstance(value, dict | list) else []), 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise ValueError(TOO_DEEP)
        parts = (whole.values() if type(whole) is dict else whole for whole in level)
        level = [part for one in parts for part in one if type(part) is dict or type(part) is list]


def _object(pairs: Pairs, make: Callable[[dict[str, Any]], Any] | None) -> Any:
    content = dict(pairs)
    if len(content) < len(pairs):
        seen: set[str] = set()
        name = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise ValueError(f"{shown(name)} twice in an object")
    return content if make is None else make(content)


def _whole(digits: str) -> int:
    if len(digits) > 310 or abs(value := int(digits)) >= WHOLE:
        raise ValueError(f"a whole number of {len(digits)} digits, which no float64 holds")
    return value


def _finite(digits: str) -> float:
    value = float(digits)
    if not isfinite(value):
        raise ValueError(f"{shown(digits)}, which no float64 holds")
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name}, which JSON lacks")


def _check_halves(text: str) -> None:
    r"""Raises ValueError for an escaped half of a surrogate pair, "\ud800": a text with it cannot be printed."""
    if "\\u" in text and any(found[1] for found in HALVES.finditer(text.replace("\\\\", ""))):
        raise ValueError("half of a pair of surrogates")


def shown(value: Any) -> str:
    """A text, or another value, of a file in a message: short, and without control characters."""
    if isinstance(value, str):
        return repr(value if len(value) <= 100 else value[:100] + "...")
    words = repr(value)
    return words if len(words) <= 200 else words[:200] + "..."
