"""Nets on sequences to measure, written once for xdl and torch. A model takes a batch and returns its loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

LETTERS, WORDS = 65, 100


@dataclass(frozen=True)
class Net:
    """build(framework) -> model; batch(rng) -> its arguments; clip: the largest norm of the gradient, 0 for any."""

    build: Callable[[Any], Any]
    batch: Callable[[np.random.Generator], list[np.ndarray]]
    clip: float = 0.0


def book_lstm(framework: Any) -> Any:
    """Three layers of 64 units and a linear head on every step; the mean squared error of a curve (T, N, 1)."""
    nn = framework.nn

    class BookLstm(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.lstm, self.head, self.loss = nn.LSTM(1, 64, 3), nn.Linear(64, 1), nn.MSELoss()

        def forward(self, x: Any, target: Any) -> Any:
            return self.loss(self.head(self.lstm(x)[0]), target)

    return BookLstm()


def bigru(framework: Any) -> Any:
    """Three layers of 16 units in both directions on word vectors (T, N, 50); two classes from the mean output."""
    nn = framework.nn

    class BiGru(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.gru, self.head = nn.GRU(50, 16, 3, bidirectional=True), nn.Linear(32, 2)
            self.loss = nn.CrossEntropyLoss()

        def forward(self, x: Any, labels: Any) -> Any:
            return self.loss(self.head(self.gru(x)[0].mean(0)), labels)

    return BiGru()


def char_lstm(framework: Any) -> Any:
    """Embedding of 64, LSTM of 128, the next of 65 letters at every step of (T, N)."""
    nn = framework.nn

    class CharLstm(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.embedding, self.lstm = nn.Embedding(LETTERS, 64), nn.LSTM(64, 128)
            self.head, self.loss = nn.Linear(128, LETTERS), nn.CrossEntropyLoss()

        def forward(self, tokens: Any, targets: Any) -> Any:
            scores = self.head(self.lstm(self.embedding(tokens))[0])
            return self.loss(scores.reshape(-1, LETTERS), targets.reshape(-1))

    return CharLstm()


def attention_decoder(framework: Any) -> Any:
    """GRU encoder and decoder of 128 units with dot attention (Luong et al. 2015); the decoder gets the right words.

    source, target, wanted (N, T)
    """
    nn = framework.nn

    class AttentionDecoder(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.words, self.encoder = nn.Embedding(WORDS, 128), nn.GRU(128, 128, batch_first=True)
            self.translated, self.decoder = nn.Embedding(WORDS, 128), nn.GRU(128, 128, batch_first=True)
            self.mix, self.head, self.loss = nn.Linear(256, 128), nn.Linear(128, WORDS), nn.CrossEntropyLoss()

        def forward(self, source: Any, target: Any, wanted: Any) -> Any:
            keys, state = self.encoder(self.words(source))
            queries = self.decoder(self.translated(target), state)[0]
            context = (queries @ keys.mT).softmax(-1) @ keys
            mixed = self.mix(framework.cat([context, queries], -1)).tanh()
            return self.loss(self.head(mixed).reshape(-1, WORDS), wanted.reshape(-1))

    return AttentionDecoder()


def tokens(count: int, arrays: int, shape: tuple[int, int]) -> Callable[[np.random.Generator], list[np.ndarray]]:
    """A batch of as many arrays of tokens below count."""
    return lambda rng: [rng.integers(0, count, shape) for _ in range(arrays)]


def curves(rng: np.random.Generator) -> list[np.ndarray]:
    """64 steps of 32 curves, and what is to be predicted."""
    return [rng.standard_normal((64, 32, 1), dtype=np.float32) for _ in range(2)]


def reviews(rng: np.random.Generator) -> list[np.ndarray]:
    """8 reviews of 200 words, and their classes."""
    return [rng.standard_normal((200, 8, 50), dtype=np.float32), rng.integers(0, 2, 8)]


NETS: dict[str, Net] = {
    "book-lstm 3 layers of 64, 64x32": Net(book_lstm, curves),
    "bigru 3 layers of 16, 200x8": Net(bigru, reviews),
    "char-lstm 64x32": Net(char_lstm, tokens(LETTERS, 2, (64, 32)), clip=5.0),
    "attention decoder 20x64": Net(attention_decoder, tokens(WORDS, 3, (64, 20))),
}
