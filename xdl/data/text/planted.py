"""A corpus with planted groups, for word vectors: which words belong together is known exactly.

Every sentence is about one group, "the old wolf howls near the den": it names one word of the group, a member, among
words that go with that group alone and words that go with all. Two members of a group never meet in a sentence, so
what they share is their company, and nothing else tells that they belong together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from xdl.data.order import host_array
from xdl.errors import SettingError, expect
from xdl.random import Stream

LISTED = """
animals: wolf fox bear deer otter badger lynx hare; fur paws tail den howls sniffs
food: bread cheese soup rice honey apple salad stew; eats tasty spoon plate cooks hungry
vehicles: car truck bus tram bicycle scooter lorry van; drives wheels brakes road parks garage
clothes: coat shirt scarf glove hat jacket sock belt; wears sewn buttons pocket washes wool
instruments: violin flute drum harp cello trumpet piano oboe; plays tune concert strings loud melody
trades: baker smith tailor mason miller carpenter potter weaver; workshop hires apprentice craft earns tools
plants: oak birch fern rose tulip maple moss ivy; leaves grows roots garden blossoms soil
weather: rain storm hail fog snow thunder drizzle frost; clouds falls sky forecast cold umbrella
"""
GROUPS = {  # {name: (members, the company of each of them)}
    name: (members.split(), company.split())
    for name, members, company in (re.split("[:;]", line) for line in LISTED.strip().split("\n"))
}
COMMON_WORDS = "the a of in and with near old small often by some this every one from to on at that"
COMMON = COMMON_WORDS.split()
LENGTHS = (6, 7, 8, 9, 10)  # of sentences, by chance
LEAST, MOST = 100, 1_000_000  # sentences
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
    expect(LEAST <= sentences <= MOST, SettingError, "planted_corpus", f"{LEAST} to {MOST} sentences", sentences)
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
