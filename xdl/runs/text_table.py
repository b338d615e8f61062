"""Tables as text: columns that line up, for terminals and pipes alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xdl.printable import breadth


def aligned(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """The rows below their headings, one a line, two spaces between columns; numbers to the right."""
    texts = [[*headings], *[[_text(value) for value in row] for row in rows]]
    widths = [max(breadth(row[i]) for row in texts) for i in range(len(headings))]
    right = [bool(rows) and all(_is_number(row[i]) for row in rows) for i in range(len(headings))]
    lines = []
    for row in texts:
        blanks = [" " * (width - breadth(text)) for text, width in zip(row, widths, strict=True)]
        padded = [before + text if r else text + before for text, before, r in zip(row, blanks, right, strict=True)]
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)


def _text(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
