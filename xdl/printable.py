"""Text that a terminal shows as it is: what would steer it instead stands there as an escape."""

from __future__ import annotations

from unicodedata import east_asian_width


def printable(text: str) -> str:
    """The text with control characters, escape sequences, invisible characters and bytes that are no UTF-8 escaped.

    As Python writes them: \\x1b, \\u202e, \\udcff. Ends of lines stay; a tab becomes \\t. Names of files, headers of
    tables and classes, and settings come from anywhere: none of them may clear the screen or hide what follows.
    """
    if text.isprintable():  # as nearly all texts are
        return text

    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def shortened(text: str, most: int = 2000) -> str:
    """The text, or its first and its last part around "..." where it is longer than `most`."""
    return text if len(text) <= most else f"{text[: most * 2 // 3]} ... {text[-most // 3 :]}"


def breadth(text: str) -> int:
    """How many cells of a terminal a text takes: Chinese letters two each."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
