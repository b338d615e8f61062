"""Letters that matplotlib's own font lacks, as Chinese ones: a font of this machine that has them, or numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from xdl.printable import printable

FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans CJK TC",
    "Noto Sans CJK JP",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "Heiti SC",
    "Arial Unicode MS",
    "Droid Sans Fallback",
    "AR PL UMing CN",
)
OWN = "DejaVu Sans"


def drawable(names: Sequence[str]) -> list[str]:
    """The names as they are, or 1, 2, ... where no font of this machine has all of their letters, or no matplotlib is
    there: a figure never shows empty boxes."""
    return list(names) if has_letters("".join(names)) else [str(i + 1) for i in range(len(names))]


def has_letters(text: str) -> bool:
    """Whether a figure can show every letter of a text."""
    try:
        return families(text) is not None
    except ImportError:
        return False


def families(text: str) -> list[str] | None:
    """The fonts that draw a text, matplotlib's own first; None where none of the FAMILIES has all that it lacks.

    Raises ImportError without matplotlib.
    """
    missing = {ord(letter) for letter in text if not letter.isspace()} - _letters_of(OWN)
    if not missing:
        return [OWN]
    return next(([OWN, family] for family in _installed() if missing <= _letters_of(family)), None)


def take_as_it_is(text: Any) -> None:
    """Lets one of matplotlib's texts show its letters and no formula: "a$b$" may be the name of a run.

    Bytes of a file's name that are no UTF-8, which no font can draw, are escaped. Letters that matplotlib's own font
    lacks are drawn by another one of this machine, where there is one.
    """
    text.set_parse_math(False)
    if text.get_text():
        text.set_text(printable(text.get_text()))
    if not text.get_text().isascii() and (fonts := families(text.get_text())):
        text.set_fontfamily(fonts)


@lru_cache(maxsize=1)
def _installed() -> tuple[str, ...]:
    from matplotlib.font_manager import fontManager

    known = {font.name for font in fontManager.ttflist}
    return tuple(family for family in FAMILIES if family in known)


@lru_cache(maxsize=4)
def _letters_of(family: str) -> frozenset[int]:
    """The code points that a font has."""
    from matplotlib.font_manager import fontManager, get_font

    font: Any = get_font(fontManager.findfont(family))
    return frozenset(font.get_charmap())
