"""Tokens: the pieces that a text is cut into, for English, for Chinese, and letter by letter."""

from __future__ import annotations

import re
from collections.abc import Iterable

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Chinese characters: with extension A and compatibility forms
LETTERS = f"[^\\W\\d_{HAN}]"  # of alphabets
OPENS, CLOSES = (
    re.compile(f"[{HAN}(\\[{{“《（]$"),
    re.compile(f"[{HAN}.,;:!?%)\\]}}’。，、！？；：”》）]"),
)  # no blank there
WORD = re.compile(f"[{HAN}]|{LETTERS}+(?:['’]{LETTERS}+)*|\\d+(?:[.,]\\d+)*|[^\\w\\s]|_")

FUNCTION_WORDS = """
a about above after again all am an and any are as at be because been before being below between both but by can
could did do does doing down during each few for from further had has have having he her here hers him his how i
if in into is it its itself just me more most my of off on once only or other our out over own same she should
so some such than that the their them then there these they this those through to too under until up very was we
were what when where which while who whom why will with would you your
"""
STOP_WORDS = frozenset(FUNCTION_WORDS.split())  # without negations: "not" turns a sentence round


def characters(text: str) -> list[str]:
    """The text letter by letter: each character, blanks and line ends included, is a token."""
    return list(text)


def words(text: str, lower: bool = True) -> list[str]:
    """Words, numbers and single signs, without the blanks between them.

    An apostrophe inside a word belongs to it ("don't"), a point or comma inside a number too ("1,000.5"). Chinese is
    written without blanks: each of its characters is a token.

    lower: capital letters become small ones
    """
    return WORD.findall(text.lower() if lower else text)


def without_stop_words(tokens: Iterable[str], stop_words: Iterable[str] = STOP_WORDS) -> list[str]:
    """The tokens that are no stop words. What is compared are small letters."""
    dropped = frozenset(stop_words)
    return [token for token in tokens if token.lower() not in dropped]


def sentence(tokens: Iterable[str]) -> str:
    """Tokens as a line for people: words with blanks between, none before signs and beside Chinese characters."""
    joined = ""
    for token in tokens:
        blank = joined and not OPENS.search(joined) and not CLOSES.match(token)
        joined += f" {token}" if blank else token
    return joined
