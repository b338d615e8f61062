"""What a language model writes, and how much a text surprises it.

A model takes x (B, T) and a state, and gives logits (B, T, V) and the next state; None is the state of a beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, nan
from typing import Any

from xdl import nn
from xdl.creation import tensor
from xdl.errors import DataError, expect
from xdl.random import Stream
from xdl.tensor import no_grad


def generate(
    model: nn.Module, prefix: Sequence[int], length: int, stream: Stream, temperature: float = 1.0, top_k: int = 0
) -> list[int]:
    """That many tokens after a prefix, each drawn by the model's probabilities.

    temperature: divides the logits; below 1 likely tokens become likelier; 0: always the likeliest
    top_k:       draws among the k likeliest alone; 0: among all

    The prefix is read once, then the state is carried: a step costs the same however long the text is. Raises
    DataError for an empty prefix.
    """
    expect(len(prefix) > 0, DataError, "generate", "a prefix of at least one character", "an empty text")
    written: list[int] = []
    with no_grad():
        logits, state = model(tensor([list(prefix)]))
        for u in stream.uniform((length,), "float64").tolist():
            written.append(drawn(logits[0, -1].tolist(), u, temperature, top_k))
            logits, state = model(tensor([written[-1:]]), state)
    return written


def drawn(logits: Sequence[float], u: float, temperature: float = 1.0, top_k: int = 0) -> int:
    """The token that a uniform number u in [0, 1) chooses."""
    ranked = sorted(range(len(logits)), key=lambda token: -logits[token])
    ranked = ranked[:top_k] if top_k else ranked
    if temperature == 0:
        return ranked[0]
    shares = [exp((logits[token] - logits[ranked[0]]) / temperature) for token in ranked]
    left = u * sum(shares)
    for token, share in zip(ranked, shares, strict=True):
        left -= share
        if left < 0:
            return token
    return ranked[-1]


def surprise(model: nn.Module, tokens: Any) -> list[float]:
    """-log p of each token (N,) after those before it, in nats; nan for the first, which nothing comes before.

    The model reads the text from a zero state. Raises DataError for an empty text.
    """
    text = [int(token) for token in tokens]
    expect(len(text) > 0, DataError, "surprise", "a text of at least one character", "an empty text")
    if len(text) == 1:
        return [nan]
    with no_grad():
        logits = model(tensor([text[:-1]]))[0][0]
        named = tensor(text[1:]).unsqueeze(1)
        found: list[float] = (-logits.log_softmax(1).gather(1, named))[:, 0].tolist()
    return [nan, *found]
