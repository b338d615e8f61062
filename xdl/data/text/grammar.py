"""Sentences about films from a small grammar with negation: whether one is good or bad news is known exactly.

A clause says something of one of the film's parts, by a word that praises or blames: "the acting is great". It may
be turned round by a negation ("is not great", "nobody would call the acting great"), and by two negations not at all
("nobody would say that the acting is not great"). Two clauses joined by "and" agree; with "but" the second one counts,
with "although" the other one: "although the plot is dull, the acting is great" is good news. So no word alone tells
anything for sure. In real reviews "not bad" is a weaker praise than "great": the grammar knows two classes only.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from xdl.data.order import host_array
from xdl.data.text.labelled import LabelledTexts
from xdl.errors import SettingError, expect
from xdl.random import Stream

CLASSES = ("negative", "positive")
PARTS = "film plot acting story ending script music camera cast dialogue picture humour".split()
PRAISE = "good great brilliant moving funny clever fresh charming gripping honest superb tender".split()
BLAME = "bad awful dull boring silly clumsy stale tedious shallow lazy poor ugly".split()
DEGREES = ["", "", "", "really ", "very ", "quite ", "so ", "truly "]
FILLERS = ["", "", "", "in the end ", "this time ", "if you ask me ", "for a film of that kind ", "to my surprise "]
PLAIN = ("the {part} is {degree}{word}", "it has {a} {degree}{word} {part}", "i found the {part} {degree}{word}")
TURNED = (
    "the {part} is not {degree}{word}",
    "the {part} isn't {degree}{word}",
    "the {part} is never {degree}{word}",
    "nobody would call the {part} {degree}{word}",
    "i can't say that the {part} is {degree}{word}",
    "it is far from {a} {degree}{word} {part}",
)
TWICE = ("nobody would say that the {part} is not {word}", "it is not true that the {part} isn't {word}")
KINDS = 8  # of a sentence: four of one clause, two with "and", one with "but", one with "although"
AN = ("awful", "ugly", "honest")  # words that want "an"
BLOCK, DRAWS = 1024, 24  # sentences that are drawn at once, and the draws that one takes at most


def grammar(samples: int = 3000, negation: float = 0.3, seed: int = 0) -> LabelledTexts:
    """N different sentences, drawn by the seed, with classes 0, negative, and 1, positive.

    negation: the share of clauses with a negation, in [0, 1]

    Raises SettingError for fewer than 10 or more than 100,000 sentences, and for a share outside [0, 1].
    """
    expect(10 <= samples <= 100_000, SettingError, "grammar", "10 to 100000 samples", samples)
    expect(0 <= negation <= 1, SettingError, "grammar", "0 <= negation <= 1", negation)
    stream = Stream(seed, "grammar")
    found: dict[str, int] = {}
    while len(found) < samples:
        for row in stream.uniform((BLOCK, DRAWS), "float64", host_array()).tolist():
            text, positive = _sentence(_Draws(row), negation)
            found.setdefault(text, int(positive))
    texts = list(found)[:samples]
    return LabelledTexts(tuple(texts), np.array([found[text] for text in texts], np.int64), CLASSES)


def of_words(word: str, turned: bool = False, part: str = "film") -> str:
    """A plain sentence with one word, for probes: "the film is good", turned "the film is not good"."""
    return _filled((TURNED if turned else PLAIN)[0], part, "", word)


class _Draws:
    """The draws of one sentence."""

    def __init__(self, numbers: list[float]) -> None:
        self._left = numbers

    def below(self, share: float) -> bool:
        return bool(self._left.pop() < share)

    def one(self, choices: Any) -> Any:
        return choices[int(self._left.pop() * len(choices))]


def _clause(draws: _Draws, positive: bool, negation: float) -> str:
    """A clause that says something positive, or negative."""
    turned = 0
    if draws.below(negation):
        turned = 2 if draws.below(0.15) else 1
    word = draws.one(PRAISE if positive == (turned != 1) else BLAME)
    form = draws.one((PLAIN, TURNED, TWICE)[turned])
    return _filled(form, draws.one(PARTS), draws.one(DEGREES), word)


def _filled(form: str, part: str, degree: str, word: str) -> str:
    a = "an" if (degree + word).startswith(AN) else "a"
    return form.format(part=part, degree=degree, word=word, a=a)


def _sentence(draws: _Draws, negation: float) -> tuple[str, bool]:
    """A sentence and its truth."""
    positive, kind, filler = draws.below(0.5), draws.one(range(KINDS)), draws.one(FILLERS)
    main = _clause(draws, positive, negation)
    if kind < 4:
        return f"{filler}{main} .", positive
    other = _clause(draws, positive == (kind < 6), negation)
    if kind < 6:
        return f"{filler}{main} and {other} .", positive
    if kind == 6:
        return f"{filler}{other} , but {main} .", positive
    first = f"although {other} , {main}" if draws.below(0.5) else f"{main} , although {other}"
    return f"{filler}{first} .", positive
