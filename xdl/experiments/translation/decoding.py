"""Decoding: the likeliest token at every step, or a beam of the likeliest beginnings.

A model translates by `start(source, lengths)`, which gives a state, and `step(tokens, state)`, which gives logits
(B, T, V), the next state and the weights of its attention (B, T, S) or None; `state.rows(rows)` chooses sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from xdl.creation import tensor
from xdl.errors import SettingError, expect
from xdl.tensor import Tensor, no_grad


class Translator(Protocol):
    """A model that writes a translation token by token."""

    def start(self, source: Tensor, lengths: Tensor) -> Any:
        """The state in which the first token is written."""

    def step(self, tokens: Tensor, at: Any) -> tuple[Tensor, Any, Tensor | None]:
        """Logits, the next state, and the attention's weights."""


@dataclass(frozen=True)
class Marks:
    """The numbers of tokens with a meaning of their own. never: those that are not written."""

    start: int
    end: int
    never: tuple[int, ...] = ()


@dataclass
class Written:
    """A translation or its beginning.

    tokens:  their numbers, END among them where `ended`
    total:   the sum of the log-probabilities of them all
    weights: the attention's, a row of S numbers for each token; empty of a model without
    """

    tokens: list[int] = field(default_factory=list)
    total: float = 0.0
    weights: list[list[float]] = field(default_factory=list)
    ended: bool = False

    def value(self, power: float) -> float:
        """total / (number of tokens) ** power."""
        return float(self.total / max(1, len(self.tokens)) ** power)

    def with_token(self, token: int, score: float, weights: list[float] | None, marks: Marks) -> Written:
        """It with one token more."""
        more = self.weights if weights is None else [*self.weights, weights]
        return Written([*self.tokens, token], self.total + score, more, token == marks.end)

    @property
    def words(self) -> list[int]:
        """The tokens without END."""
        return self.tokens[:-1] if self.ended else self.tokens


def greedy(model: Translator, source: Tensor, lengths: Tensor, marks: Marks, limit: int) -> list[Written]:
    """The likeliest token at every step, at most `limit` of them, for each row of source (B, S)."""
    return beam_search(model, source, lengths, marks, limit, width=1)


@no_grad()
def beam_search(
    model: Translator,
    source: Tensor,
    lengths: Tensor,
    marks: Marks,
    limit: int,
    *,
    width: int = 5,
    length_power: float = 1.0,
) -> list[Written]:
    """The best translation of each row of source (B, S) that a beam finds; lengths (B,).

    At each step the `width` likeliest beginnings are kept, among all continuations of those before. What has come to
    END is compared by the sum of log-probabilities over (number of tokens) ** length_power: 0 favours short
    translations, 1 takes the mean (a simple form of the length normalization of Wu et al. 2016, section 7).

    Raises SettingError for width < 1, limit < 1, or a negative power.
    """
    expect(min(width, limit) >= 1, SettingError, "beam_search", "width and limit >= 1", (width, limit))
    expect(length_power >= 0, SettingError, "beam_search", "length_power >= 0", length_power)
    beams = [_Beam(width, length_power, marks) for _ in range(source.shape[0])]
    at = model.start(source, lengths)
    last, count = [marks.start] * len(beams), width + len(marks.never)
    for _ in range(limit):
        logits, at, weights = model.step(tensor(last, dtype="int64").unsqueeze(1), at)
        scores = logits[:, -1].log_softmax(1)
        values, tokens = (part.tolist() for part in scores.topk(min(count, scores.shape[1])))
        seen: list[Any] = [None] * len(last) if weights is None else weights[:, -1].tolist()
        parents: list[int] = []
        last, row = [], 0
        for beam in beams:
            rows = range(row, row + len(beam.begun))
            row += len(beam.begun)
            for parent, token in beam.extended(rows, values, tokens, seen):
                parents.append(parent)
                last.append(token)
        if not last:
            break
        at = at.rows(parents)
    return [beam.best() for beam in beams]


class _Beam:
    """The beginnings of one sentence, and the translations of it that have come to END."""

    def __init__(self, width: int, power: float, marks: Marks) -> None:
        self.width, self.power, self.marks = width, power, marks
        self.begun = [Written()]
        self.done: list[Written] = []

    def extended(
        self,
        rows: Sequence[int],
        values: Sequence[Sequence[float]],
        tokens: Sequence[Sequence[int]],
        seen: Sequence[list[float] | None],
    ) -> list[tuple[int, int]]:
        """Goes on with the likeliest continuations; returns (row that it comes from, token) of each beginning kept.

        rows: where its beginnings stand in the others; values, tokens: log-probabilities, and of which tokens
        """
        found = [
            (old.total + value, row, old, token, value)
            for row, old in zip(rows, self.begun, strict=True)
            for value, token in zip(values[row], tokens[row], strict=True)
            if token not in self.marks.never
        ]
        found.sort(key=lambda one: -one[0])
        begun: list[Written] = []
        kept: list[tuple[int, int]] = []
        for _, row, old, token, value in found[: self.width]:
            new = old.with_token(token, value, seen[row], self.marks)
            if new.ended:
                self.done.append(new)
            else:
                begun.append(new)
                kept.append((row, token))
        enough = len(self.done) >= self.width
        self.begun = [] if enough else begun
        return [] if enough else kept

    def best(self) -> Written:
        """The best of those that have come to END; where none has, the best beginning."""
        return max(self.done or self.begun, key=lambda one: one.value(self.power))
