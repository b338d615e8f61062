"""Claims: a sentence that a comparison is there to show, and in how many of its seeds it holds."""

from __future__ import annotations

from collections.abc import Sequence

from xdl.errors import SettingError, expect
from xdl.runs.run import Run

ENOUGH = 0.8  # of the seeds: four of five


def claim(run: Run, sentence: str, held: Sequence[bool], of: str = "seeds") -> str:
    """Says the sentence with the number of seeds in which it holds, or, where these are too few, that it does not.

    sentence: what is claimed, with neither a capital nor a full stop: "momentum comes further than plain descent"
    held:     for each seed whether it held
    of:       the word for several of them, where they are other repeats than seeds: "orders"

    Returns what was said, for a figure. Raises SettingError for no seeds.
    """
    expect(len(held) > 0, SettingError, "claim", "at least one seed", "none")
    times, seeds = sum(held), len(held)
    one = f"with this {of.removesuffix('s')}"
    share = one if seeds == 1 else f"in {times} of {seeds} {of}"
    if times >= ENOUGH * seeds:
        return run.see(f"{sentence} ({share})")
    none = f"not {one}" if seeds == 1 else f"in none of {seeds} {of}"
    share = f"only {share}" if times else none
    return run.see(f'not seen here: "{sentence}" ({share})')


def in_words(seeds: int) -> str:
    """What lines and bands of so many seeds are, for a title."""
    return "one seed" if seeds == 1 else f"mean and range of {seeds} seeds"


def counted(number: int, what: str) -> str:
    """How many there are: "one epoch", "3 epochs"."""
    return f"one {what}" if number == 1 else f"{number} {what}s"
