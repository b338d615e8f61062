"""Whether the dates beside a series rise from line to line, in whichever form they are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise

from xdl.errors import DataError

FORMS = (
    *("%Y/%m/%d", "%Y.%m.%d", "%d-%m-%y", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%Y", "%m/%d/%Y", "%m/%d/%y", "%d.%m.%Y"),
    *("%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%d-%b-%y", "%d-%b-%Y", "%Y年%m月%d日"),
)
HINT = "The oldest step comes first: sort the lines, and leave out what is there twice"


def must_rise(where: str, name: str, cells: Sequence[tuple[int, str]]) -> None:
    """Raises DataError if a column holds dates that do not rise; a column that holds anything else may do as it likes.

    where: the file; name: of the column; cells: the number of each line, and what stands there

    Dates are those of ISO 8601, with a time or without, and of FORMS. Where 3/4/2024 may be read in two ways, it is
    enough that they rise in one of them.
    """
    forms: list[Callable[[str], datetime]] = [_iso, *(partial(_by_form, form) for form in FORMS)]
    read = [days for form in forms if (days := _read(form, cells))]
    falls = [next((i for i, (day, later) in enumerate(pairwise(days), 1) if later <= day), None) for days in read]
    if falls and None not in falls:
        line, cell = cells[max(i for i in falls if i is not None)]
        found = f"{cell[:60]!r} in line {line}, below a date as late or later"
        raise DataError(where, f"dates that rise from line to line in column {name[:60]!r}", found, HINT)


def _read(form: Callable[[str], datetime], cells: Sequence[tuple[int, str]]) -> list[datetime]:
    """All dates of the column; none at all if one of them has another form."""
    try:
        return [form(cell) for _, cell in cells]
    except ValueError:
        return []


def _iso(cell: str) -> datetime:
    day = datetime.fromisoformat(cell)
    return day if day.tzinfo else day.replace(tzinfo=UTC)


def _by_form(form: str, cell: str) -> datetime:
    return datetime.strptime(cell, form).replace(tzinfo=UTC)
