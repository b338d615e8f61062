"""A unit that means something: hidden units beside what a reader knows of each character, by correlation.

A. Karpathy, J. Johnson and L. Fei-Fei, "Visualizing and understanding recurrent networks", 2015.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xdl.creation import tensor
from xdl.experiments.language.char_model import CharModel
from xdl.tensor import Tensor, no_grad


def since_line_began(text: str) -> list[float]:
    """How many characters of its line come before each one."""
    return _counted(text, lambda before: before == "\n")


def since_word_began(text: str) -> list[float]:
    """How many letters of its word come before each character; 0 between words."""
    return _counted(text, lambda before: not before.isalpha())


def in_a_name(text: str) -> list[float]:
    """1 within a line that names a speaker, as "ROMEO:" does, else 0."""
    found: list[float] = []
    speech = True
    for line in text.splitlines(keepends=True):
        names = speech and line.rstrip("\n").endswith(":")
        found += [float(names)] * len(line)
        speech = line == "\n"
    return found


def in_capitals(text: str) -> list[float]:
    """1 for a capital letter, else 0: what the input shows by itself."""
    return [float(letter.isupper()) for letter in text]


def since_sentence_began(text: str) -> list[float]:
    """How many characters come between the last full stop, question or exclamation mark and each one."""
    return _counted(text, lambda before: before in ".?!")


MEANINGS: dict[str, Callable[[str], list[float]]] = {
    "characters since the line began": since_line_began,
    "letters since the word began": since_word_began,
    "in the name of a speaker": in_a_name,
    "a capital letter": in_capitals,
    "characters since the sentence ended": since_sentence_began,
}


@dataclass(frozen=True)
class Unit:
    """A hidden unit, what it goes with, and the correlation on the half of the text that it was not chosen on."""

    number: int
    meaning: str
    correlation: float


def hidden(model: CharModel, tokens: Any) -> Tensor:
    """What every unit says after each character of a text (N,), which is read from a zero state: (N, H)."""
    with no_grad():
        return model.outputs(tensor([[int(token) for token in tokens]]))[0][0]


def correlations(units: Tensor, meaning: list[float]) -> Tensor:
    """Of each unit (N, H) with the numbers (N,): (H,), 0 for a unit that always says the same."""
    values = tensor(meaning, dtype=units.dtype)
    values, centred = values - values.mean(), units - units.mean(0)
    size = (values.square().sum() * centred.square().sum(0)).sqrt()
    return (centred * values.unsqueeze(1)).sum(0) / (size + 1e-12)


def best_units(units: Tensor, text: str) -> list[Unit]:
    """For each meaning the unit that goes with it best, by either sign: chosen on the first half, measured on the rest.

    units: (N, H), see `hidden`; text: the N characters
    """
    half = len(text) // 2
    found = []
    for meaning, of in MEANINGS.items():
        values = of(text)
        number = int(correlations(units[:half], values[:half]).abs().argmax().item())
        measured = correlations(units[half:, number : number + 1], values[half:])
        found.append(Unit(number, meaning, measured[0].item()))
    return found


def _counted(text: str, begins: Callable[[str], bool]) -> list[float]:
    """How many characters since one after which something begins."""
    found: list[float] = []
    count = 0.0
    for before, _ in zip("\n" + text, text, strict=False):
        count = 0.0 if begins(before) else count + 1
        found.append(count)
    return found
