"""Counts of runs of tokens, and the language model that they make: the probability of the next token after the last k.

    n(c, w)  how often token w followed the context c, its last k tokens
    n(c)     how often anything did, the sum over w
    d(c)     how many different tokens did
    c'       the context without its first token

Smoothing mixes the share n(c, w) / n(c) with the shorter context's probability, down to p = 1 / V for a vocabulary of V
tokens, so that what was never seen keeps a probability:

    witten-bell  p(w | c) = (n(c, w) + d(c) p(w | c')) / (n(c) + d(c))          Witten and Bell 1991
    kneser-ney   p(w | c) = (max(n(c, w) - D, 0) + D d(c) p(w | c')) / n(c)     Kneser and Ney 1995; for the shorter
                                                                               contexts n(c, w) counts the different
                                                                               tokens that came before c, w
    fixed        p(w | c) = a_k n(c, w) / n(c) + (1 - a_k) p(w | c')            Jelinek and Mercer 1980; a_k is fitted
                                                                               on the last tenth of the text
    add-one      p(w | c) = (n(c, w) + 1) / (n(c) + V), no shorter contexts     Laplace

A context that was never seen says nothing: p(w | c) = p(w | c'), with add-one 1 / V.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from xdl.data.order import whole_numbers
from xdl.data.sampler import positive
from xdl.errors import DataError, SettingError, ShapeError, expect
from xdl.random import Stream

SMOOTHINGS = ("witten-bell", "kneser-ney", "fixed", "add-one")
DISCOUNT = 0.75  # D
HELD_BACK = 10  # the last tenth, for fixed weights
FITTING = 50  # rounds of expectation maximization


@dataclass(frozen=True, eq=False)
class _Counts:
    """grams: the different (context, token) as numbers, ascending, (G,); counts (G,); starts (C,): where each
    context's grams begin; contexts (C,), ascending, with totals n(c) and kinds d(c)."""

    grams: np.ndarray
    counts: np.ndarray
    starts: np.ndarray
    contexts: np.ndarray
    totals: np.ndarray
    kinds: np.ndarray


class NGrams:
    """The counts of a text, as a language model of tokens 0 to size - 1.

    tokens:    (N,) whole numbers, the text
    size:      V, of the vocabulary
    order:     k >= 0, how many tokens of context a probability looks at
    smoothing: one of SMOOTHINGS

    weights: a_0 to a_k of "fixed", else empty. Raises SettingError for an order or a smoothing that cannot be,
    ShapeError for a text of no more than k tokens, or of fewer than 10 k for "fixed", DataError for tokens beyond the
    vocabulary, and for others than whole numbers.
    """

    def __init__(self, tokens: ArrayLike, size: int, order: int, smoothing: str = "witten-bell") -> None:
        positive("NGrams", size, "size")
        most = int(63 * np.log(2) / np.log(max(2, size))) - 1
        whole = isinstance(order, int) and 0 <= order <= most
        expect(whole, SettingError, "NGrams", f"0 <= order <= {most} for {size} tokens", order)
        expect(smoothing in SMOOTHINGS, SettingError, "NGrams", f"one of {', '.join(SMOOTHINGS)}", smoothing)
        self.size, self.order, self.smoothing = size, order, smoothing
        text = self._checked(tokens)
        expect(len(text) > order, ShapeError, "NGrams", f"a text of more than {order} tokens", text.shape)
        self.weights: list[float] = []
        if smoothing == "fixed":
            least = HELD_BACK * order
            expect(len(text) >= least, ShapeError, "NGrams", f"at least {least} tokens, a tenth held back", text.shape)
            cut = len(text) - len(text) // HELD_BACK
            self._counts = self._count(text[:cut])
            self._fit_weights(text[cut:])
        self._counts = self._count(text)

    def __len__(self) -> int:
        """How many different runs of order + 1 tokens were seen: what such a model has to keep."""
        return len(self._counts[-1].grams)

    def log_probabilities(self, tokens: ArrayLike, context: ArrayLike = ()) -> np.ndarray:
        """log p of each token after those before it, (N,) float64: their sum is that of the whole text.

        context: tokens before the first one, of which the last k count; without, the first tokens have shorter ones
        """
        before = self._checked(context)[-self.order :] if self.order else np.zeros(0, np.int64)
        text = np.concatenate([before, self._checked(tokens)])
        p = self._mixed(text, self.order)
        return np.asarray(np.log(p[len(before) :]))

    def distribution(self, context: ArrayLike) -> np.ndarray:
        """p of every token after a context, (V,); of a longer one the last k tokens count."""
        last = self._checked(context)[-self.order :] if self.order else np.zeros(0, np.int64)
        p = np.full(self.size, 1 / self.size)
        lowest = min(self.order, len(last)) if self.smoothing == "add-one" else 0
        for k in range(lowest, min(self.order, len(last)) + 1):
            code = np.array([self._code(last[len(last) - k :])])
            seen = np.zeros((1, self.size))
            counts, found = self._counts[k], np.searchsorted(self._counts[k].contexts, code)[0]
            if found < len(counts.contexts) and counts.contexts[found] == code[0]:
                part = slice(counts.starts[found], counts.starts[found] + counts.kinds[found])
                seen[0, counts.grams[part] % self.size] = counts.counts[part]
            p = self._smoothed(k, code, seen, p)[0]
        return p

    def sample(self, steps: int, prefix: ArrayLike = (), generator: Stream | None = None) -> list[int]:
        """That many tokens drawn one after the other, each by its probability after those before it.

        Raises SettingError for steps < 0.
        """
        expect(isinstance(steps, int) and steps >= 0, SettingError, "NGrams.sample", "steps >= 0", repr(steps))
        stream = generator or Stream(0, "ngrams")
        text: list[int] = self._checked(prefix).tolist()
        for u in np.asarray(stream.uniform((steps,), "float64", np.zeros(0))):
            cumulated = np.cumsum(self.distribution(text[-self.order :] if self.order else []))
            text.append(int(min(np.searchsorted(cumulated, u * cumulated[-1], "right"), self.size - 1)))
        return text[len(text) - steps :]

    def _checked(self, tokens: ArrayLike) -> np.ndarray:
        text = whole_numbers("NGrams", tokens)
        expect(text.ndim == 1, ShapeError, "NGrams", "tokens (N,)", text.shape)
        outside = text[(text < 0) | (text >= self.size)]
        expect(not outside.size, DataError, "NGrams", f"tokens in [0, {self.size})", outside[:1])
        return text

    def _code(self, tokens: np.ndarray) -> int:
        code = 0
        for token in tokens:
            code = code * self.size + int(token)
        return code

    def _codes(self, text: np.ndarray, k: int) -> np.ndarray:
        """A number for the k tokens that end before each position from k on, (N - k,)."""
        codes = np.zeros(len(text) - k, np.int64)
        for i in range(k):
            codes = codes * self.size + text[i : len(text) - k + i]
        return codes

    def _count(self, text: np.ndarray) -> list[_Counts]:
        """The counts of every order from 0 on."""
        found: list[_Counts] = []
        for k in range(self.order, -1, -1):
            counted = self._codes(text, k) * self.size + text[k:]
            if self.smoothing == "kneser-ney" and found:
                counted = found[0].grams % self.size ** (k + 1)
            grams, counts = np.unique(counted, return_counts=True)
            contexts, starts, kinds = np.unique(grams // self.size, return_index=True, return_counts=True)
            found.insert(0, _Counts(grams, counts, starts, contexts, np.add.reduceat(counts, starts), kinds))
        return found

    def _seen(self, k: int, codes: np.ndarray, tokens: np.ndarray) -> np.ndarray:
        """n(c, w) of each context and token."""
        counts, grams = self._counts[k], codes * self.size + tokens
        at = np.minimum(np.searchsorted(counts.grams, grams), len(counts.grams) - 1)
        return np.where(counts.grams[at] == grams, counts.counts[at], 0)

    def _smoothed(self, k: int, codes: np.ndarray, seen: np.ndarray, shorter: np.ndarray) -> np.ndarray:
        """p(w | c) from n(c, w), (N,) or (1, V), and p(w | c')."""
        counts = self._counts[k]
        at = np.minimum(np.searchsorted(counts.contexts, codes), len(counts.contexts) - 1)
        known = counts.contexts[at] == codes
        total, kinds = np.where(known, counts.totals[at], 0), np.where(known, counts.kinds[at], 0)
        if self.smoothing == "add-one":
            return np.asarray((seen + 1) / (total + self.size))
        if self.smoothing == "witten-bell":
            return np.asarray(np.where(known, (seen + kinds * shorter) / np.maximum(total + kinds, 1), shorter))
        if self.smoothing == "kneser-ney":
            kept = np.maximum(seen - DISCOUNT, 0) + DISCOUNT * kinds * shorter
            return np.asarray(np.where(known, kept / np.maximum(total, 1), shorter))
        share = self.weights[k]
        return np.asarray(np.where(known, share * seen / np.maximum(total, 1) + (1 - share) * shorter, shorter))

    def _mixed(self, text: np.ndarray, order: int) -> np.ndarray:
        """p of each token of a text after contexts of up to that many tokens, the first ones by shorter contexts."""
        p = np.full(len(text), 1 / self.size)
        for k in range(min(order + 1, len(text))):
            codes = self._codes(text, k)
            p[k:] = self._smoothed(k, codes, self._seen(k, codes, text[k:]), p[k:])
        return p

    def _fit_weights(self, text: np.ndarray) -> None:
        """a_k, one order after the other: the share with which the text is likeliest, by expectation maximization."""
        for k in range(self.order + 1):
            shorter, codes, counts = self._mixed(text, k - 1)[k:], self._codes(text, k), self._counts[k]
            known = np.isin(codes, counts.contexts)
            at = np.searchsorted(counts.contexts, codes[known])
            share = self._seen(k, codes, text[k:])[known] / counts.totals[at]
            weight = 0.5 if known.any() else 0.0
            for _ in range(FITTING if known.any() else 0):
                weight = float(np.mean(weight * share / (weight * share + (1 - weight) * shorter[known])))
            self.weights.append(min(weight, 1 - 1e-6))


def perplexity(log_probabilities: ArrayLike) -> float:
    """exp of the mean surprise: among how many equally likely tokens the model chooses. Raises DataError for none."""
    values = np.asarray(log_probabilities, np.float64)
    expect(values.size > 0, DataError, "perplexity", "at least one token", "an empty text")
    return float(np.exp(-values.mean()))
