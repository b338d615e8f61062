"""What every language model shows in the end: its rung on the ladder, surprise in colour, and texts of its own."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import Any

from xdl import nn, plot
from xdl.errors import NonFiniteError
from xdl.experiments.language.baselines import draw_ladder, kgram
from xdl.experiments.language.generation import generate, surprise
from xdl.experiments.language.letters import Letters, encoded
from xdl.experiments.language.training import TrainingSettings
from xdl.random import Stream
from xdl.runs.run import Run
from xdl.runs.settings import setting

SHOWN = 400  # held-out characters that are coloured
TEMPERATURES = (0.3, 0.7, 1.0)


@dataclass(frozen=True)
class WritingSettings(TrainingSettings):
    """The training, and the text that the model writes in the end."""

    prefix: str = setting("KING ", "with what the written texts begin; empty: with a line end")
    length: int = setting(200, "characters to write after it", low=1)
    top_k: int = setting(0, "draw among so many of the likeliest characters; 0: among all", low=0)


def perplexity(nats: float) -> float:
    """e ** nats. Raises NonFiniteError where that is beyond float64: the training has gone astray."""
    try:
        return exp(nats)
    except OverflowError:
        hint = "A lower learning rate often helps"
        raise NonFiniteError("perplexity", "at most 709 nats per character", f"{nats:.4g}", hint) from None


def encoded_prefix(letters: Letters, settings: WritingSettings) -> list[int]:
    """Its numbers. Raises DataError for a character that the training text lacks, before anything is trained."""
    return encoded(f"prefix {settings.prefix!r}", settings.prefix or "\n", letters.vocabulary)


def show_ladder(run: Run, ladder: dict[str, float], mine: str) -> list[dict[str, Any]]:
    """The table and the figure of all models, and how the one that was trained stands beside counts."""
    rows = [
        [name, round(nats, 3), round(perplexity(nats), 2)] for name, nats in sorted(ladder.items(), key=lambda r: -r[1])
    ]
    table = run.table(["model", "nats per character", "perplexity"], rows)
    counted = {name: nats for name, nats in ladder.items() if name.startswith("k-gram")}
    nats, best = min((nats, name) for name, nats in counted.items())
    passed = sum(ladder[mine] < value for value in counted.values())
    verdict = f"is {'better' if ladder[mine] < nats else 'worse'} than the best count, {best} ({nats:.3f})"
    see = run.see(
        f"{mine}: {ladder[mine]:.3f} nats per character, {ladder['unigram'] - ladder[mine]:.2f} below letter "
        f"frequencies; it passes {passed} of {len(counted)} k-grams and {verdict}"
    )
    draw_ladder(run, ladder, see)
    return table


def draw_surprise(run: Run, letters: Letters, model: nn.Module, mine: str) -> None:
    """A held-out passage as the network and a k-gram see it."""
    passage = letters.text.test[:SHOWN]
    tokens = letters.vocabulary.encode(passage)
    values = [surprise(model, tokens), (-kgram(letters, 4).log_probabilities(tokens)).tolist()]
    means = [sum(row[1:]) / len(row[1:]) for row in values]
    names = [f"{mine}: {means[0]:.2f} nats per character here", f"k-gram, witten-bell, k = 4: {means[1]:.2f} here"]
    title = f"{run.about['experiment']} on {run.about['data']}: how much each character surprises"
    figure = plot.coloured_text_data([passage] * 2, values, title, names=names, value="nats", most=6.0)
    run.figure("surprise", figure, "the beginning of the held-out text, read from a zero state")


def write_texts(
    run: Run, letters: Letters, settings: WritingSettings, model: nn.Module, prefix: list[int]
) -> list[dict[str, Any]]:
    """Texts at three temperatures."""
    texts = []
    for temperature in TEMPERATURES:
        stream = Stream(run.about["seed"], "generate")
        tokens = generate(model, prefix, settings.length, stream, temperature, settings.top_k)
        text = "".join(letters.vocabulary.decode(tokens))
        run.say(f"--- written at temperature {temperature}\n{settings.prefix}{text}\n")
        texts.append({"temperature": temperature, "prefix": settings.prefix, "text": text})
    return texts
