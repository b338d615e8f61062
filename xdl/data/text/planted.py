"""A corpus with planted groups, for word vectors: which words belong together is known exactly.

Every sentence is about one group, "the old wolf howls near the den": it names one word of the group, a member, among
words that go with that group alone and words that go with all. Two members of a group never meet in a sentence, so
what they share is their company, and nothing else tells that they belong together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xdl.data.order import host_array
from xdl.errors import SettingError, expect
from xdl.random import Stream

# name of the group: (members, the company of each of them)
GROUPS: dict[str, tuple[list[str], list[str]]] = {
    "animals": (
        "wolf fox bear deer otter badger lynx hare".split(),
        "fur paws tail den howls sniffs".split(),
    ),
    "food": (
        "bread cheese soup rice honey apple salad stew".split(),
        "eats tasty spoon plate cooks hungry".split(),
    ),
    "vehicles": (
        "car truck bus tram bicycle scooter lorry van".split(),
        "drives wheels brakes road parks garage".split(),
    ),
    "clothes": (
        "coat shirt scarf glove hat jacket sock belt".split(),
        "wears sewn buttons pocket washes wool".split(),
    ),
    "instruments": (
        "violin flute drum harp cello trumpet piano oboe".split(),
        "plays tune concert strings loud melody".split(),
    ),
    "trades": (
        "baker smith tailor mason miller carpenter potter weaver".split(),
        "workshop hires apprentice craft earns tools".split(),
    ),
    "plants": (
        "oak birch fern rose tulip maple moss ivy".split(),
        "leaves grows roots garden blossoms soil".split(),
    ),
    "weather": (
        "rain storm hail fog snow thunder drizzle frost".split(),
        "clouds falls sky forecast cold umbrella".split(),
    ),
}
COMMON = "the a of in and with near old small often by some this every one from to on at that".split()
LENGTHS = (6, 7, 8, 9, 10)  # of sentences, by chance
COMPANY = 0.45  # the share of a sentence that belongs to its group, beside the member


@dataclass(frozen=True)
class PlantedCorpus:
    """sentences: of tokens; groups: {member: name of its group}; company: {word that goes with one group: its name}."""

    sentences: tuple[tuple[str, ...], ...]
    groups: dict[str, str]
    company: dict[str, str]


def planted_corpus(sentences: int = 8000, seed: int = 0) -> PlantedCorpus:
    """Sentences drawn by the seed; member r = 1, 2, ... of a group comes in proportion to 1/r, so some are rare.

    Raises SettingError for fewer than 100 or more than 1,000,000 sentences.
    """
    expect(100 <= sentences <= 1_000_000, SettingError, "planted_corpus", "100 to 1000000 sentences", sentences)
    longest = max(LENGTHS)
    draws = Stream(seed, "planted_corpus").uniform((sentences, 4 + 2 * longest), "float64", host_array())
    names = list(GROUPS)
    made = []
    for about, which, long, place, *rest in draws.tolist():
        members, company = GROUPS[names[int(about * len(names))]]
        length = LENGTHS[int(long * len(LENGTHS))]
        tokens = []
        for kind, word in zip(rest[:length], rest[longest:], strict=False):
            of = company if kind < COMPANY else COMMON
            tokens.append(of[int(word * len(of))])
        tokens[int(place * length)] = members[_rank(which, len(members))]
        made.append(tuple(tokens))
    of_members = {member: name for name, (members, _) in GROUPS.items() for member in members}
    of_company = {word: name for name, (_, company) in GROUPS.items() for word in company}
    return PlantedCorpus(tuple(made), of_members, of_company)


def _rank(u: float, count: int) -> int:
    """A rank 0, 1, ... below `count`, rank r with the chance (1 / (r + 1)) / sum."""
    running = np.cumsum(1 / np.arange(1, count + 1))
    return int(np.searchsorted(running, u * running[-1], side="right"))
