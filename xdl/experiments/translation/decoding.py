"""Decoding: the likeliest token at every step, or a beam of the likeliest beginnings.

A model translates by `start(source, lengths)`, which gives a state, and `step(tokens, state)`, which gives logits
(B, 1, V), the next state and the weights of its attention (B, 1, S) or None; `state.rows(rows)` chooses sentences.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from xdl.creation import tensor
from xdl.errors import SettingError, expect
from xdl.tensor import Tensor, no_grad


class State(Protocol):
    """Where a decoding stands."""

    def rows(self, rows: list[int]) -> Any:
        """The state of these sentences, in this order."""


class Translator(Protocol):
    """A model that writes a translation token by token."""

    def start(self, source: Tensor, lengths: Tensor) -> Any:
        """The state in which the first token is written."""

    def step(self, tokens: Tensor, at: Any) -> tuple[Tensor, Any, Tensor | None]:
        """Logits, the next state, and the attention's weights."""


@dataclass(frozen=True)
class Translation:
    """tokens: numbers, without START and END; score: the mean log-probability of them and END, each counted once;
    weights: the attention's, a row of S numbers for each token and for END, or None; finished: END was reached."""

    tokens: list[int]
    score: float
    weights: list[list[float]] | None
    finished: bool


@no_grad()
def greedy(
    model: Translator, source: Tensor, lengths: Tensor, start: int, end: int, limit: int
) -> list[Translation]:
    """The likeliest token at every step, for all B sentences at once; source (B, S), at most `limit` tokens."""
    count = source.shape[0]
    at = model.start(source, lengths)
    last = tensor([[start]] * count, dtype="int64")
    found: list[list[int]] = [[] for _ in range(count)]
    rows: list[list[list[float]]] = [[] for _ in range(count)]
    scores, done, looks = [0.0] * count, [False] * count, False
    for _ in range(limit):
        logits, at, weights = model.step(last, at)
        best, which = logits[:, -1].log_softmax(1).max(1)
        looks = weights is not None
        seen = weights[:, -1].tolist() if weights is not None else [[]] * count
        for i, (token, score) in enumerate(zip(which.tolist(), best.tolist(), strict=True)):
            if not done[i]:
                found[i].append(token)
                rows[i].append(seen[i])
                scores[i] += score
                done[i] = token == end
        if all(done):
            break
        last = which.unsqueeze(1)
    return [
        Translation(tokens[: len(tokens) - over], score / len(tokens), shown if looks else None, over)
        for tokens, score, shown, over in zip(found, scores, rows, done, strict=True)
    ]


@no_grad()
def beam_search(
    model: Translator,
    source: Tensor,
    lengths: Tensor,
    start: int,
    end: int,
    limit: int,
    *,
    width: int = 5,
    length_power: float = 0.7,
) -> list[Translation]:
    """The best translation of each sentence that a beam finds.

    At each step the `width` likeliest beginnings are kept of all continuations of those before. What is compared in
    the end is the sum of log-probabilities over (number of tokens) ** length_power: 0 favours short ones, 1 is the mean.

    Raises SettingError for width < 1 or a negative power. Wu et al., "Google's neural machine translation system",
    2016, section 7, has a similar normalization.
    """
    expect(width >= 1, SettingError, "beam_search", "width >= 1", width)
    expect(length_power >= 0, SettingError, "beam_search", "length_power >= 0", length_power)
    beams = (_Beam(width, length_power, end) for _ in range(source.shape[0]))
    found = []
    for i, beam in enumerate(beams):
        at = model.start(source[i : i + 1, : int(lengths[i].item())], lengths[i : i + 1])
        at = at.rows([0] * 1)
        last = [start]
        for _ in range(limit):
            logits, at, weights = model.step(tensor([[token] for token in last], dtype="int64"), at)
            seen = None if weights is None else weights[:, -1].tolist()
            parents, last = beam.extended(logits[:, -1].log_softmax(1), seen)
            if not last:
                break
            at = at.rows(parents)
        found.append(beam.best())
    return found


@dataclass
class _Begun:
    """A beginning: its tokens, the sum of their log-probabilities, and the attention's rows."""

    tokens: list[int]
    total: float
    weights: list[list[float]] | None


class _Beam:
    """The beginnings of one sentence, and the translations that have come to their end."""

    def __init__(self, width: int, power: float, end: int) -> None:
        self.width, self.power, self.end = width, power, end
        self.begun = [_Begun([], 0.0, [])]
        self.ended: list[_Begun] = []

    def extended(self, scores: Tensor, seen: list[list[float]] | None) -> tuple[list[int], list[int]]:
        """Takes the likeliest continuations; scores (beginnings, V). Returns the rows they come from, and their tokens;
        empty where nothing that goes on could become the best."""
        totals = scores + tensor([[one.total] for one in self.begun], dtype=scores.dtype)
        best, where = totals.reshape(-1).topk(min(2 * self.width, totals.numel()))
        size, begun, parents = scores.shape[1], [], []
        for total, place in zip(best.tolist(), where.tolist(), strict=True):
            row, token = divmod(place, size)
            old = self.begun[row]
            weights = None if seen is None or old.weights is None else [*old.weights, seen[row]]
            new = _Begun([*old.tokens, token], total, weights)
            if token == self.end:
                self.ended.append(new)
            elif len(begun) < self.width:
                begun.append(new)
                parents.append(row)
        self.begun = begun
        if len(self.ended) >= self.width and self._value(self.ended) >= self._value(begun):
            return [], []
        return parents, [one.tokens[-1] for one in begun]

    def best(self) -> Translation:
        """The best that has come to its end; where none has, the best beginning."""
        finished = bool(self.ended)
        one = max(self.ended or self.begun, key=lambda one: self._value([one]))
        tokens = one.tokens[:-1] if finished else one.tokens
        return Translation(tokens, one.total / len(one.tokens), one.weights, finished)

    def _value(self, some: list[_Begun]) -> float:
        """The best normalized score among them."""
        return max(one.total / len(one.tokens) ** self.power for one in some)
