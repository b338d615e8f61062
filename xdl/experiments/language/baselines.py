"""What counting alone reaches: the rungs of the ladder that a network has to pass."""

from __future__ import annotations

from math import log

from xdl import plot
from xdl.data import NGrams
from xdl.experiments.language.letters import Letters
from xdl.runs.run import Run

ORDERS = 6
PLAIN, BEST = "witten-bell", "kneser-ney"


def kgram(letters: Letters, order: int, smoothing: str = PLAIN) -> NGrams:
    """The counts of the training part, with so many characters of context."""
    return NGrams(letters.train, len(letters), order, smoothing)


def kgram_nats(letters: Letters, order: int, smoothing: str = PLAIN) -> float:
    """Nats per character of the held-out part."""
    return float(-kgram(letters, order, smoothing).log_probabilities(letters.test).mean())


def rungs(letters: Letters) -> dict[str, float]:
    """{what: nats per character}: no knowledge, letter frequencies, and the best k-gram of each of two smoothings."""
    found = {"all equally likely": log(len(letters)), "unigram": kgram_nats(letters, 0)}
    for smoothing in (PLAIN, BEST):
        nats, order = min((kgram_nats(letters, order, smoothing), order) for order in range(1, ORDERS + 1))
        found[f"k-gram, {smoothing}, k = {order}"] = nats
    return found


def draw_ladder(run: Run, ladder: dict[str, float], see: str, name: str = "ladder") -> None:
    """All models on one axis, the best at the bottom."""
    ordered = sorted(ladder.items(), key=lambda rung: -rung[1])
    names, nats = [model for model, _ in ordered], [value for _, value in ordered]
    title = f"{run.about['experiment']} on {run.about['data']}: one text, one axis"
    heading = "nats per character of the held-out last tenth"
    run.figure(name, plot.bars_data(names, {heading: {"nats": nats}}, title), see)
