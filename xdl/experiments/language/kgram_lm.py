"""A language model by counting: what comes after the last k characters (hwdong 7.1.2, 7.1.10)."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from typing import Any

from xdl import plot
from xdl.data import NGrams, perplexity
from xdl.data.text.ngrams import HELD_BACK, SMOOTHINGS
from xdl.errors import DataError, expect
from xdl.experiments.language.baselines import kgram
from xdl.experiments.language.letters import Letters, letters_of
from xdl.random import Stream
from xdl.runs.run import Run
from xdl.runs.settings import setting

QUICK = {"order": 4}
PASSAGE = 300  # characters that are coloured


@dataclass(frozen=True)
class Settings:
    """How far back the counts look, and what is asked of them."""

    order: int = setting(6, "the largest k, characters of context", low=1, high=9)
    smoothing: str = setting("kneser-ney", "of the sentence and of the texts that are written", choices=SMOOTHINGS)
    sentence: str = setting("To be, or not to be: that is the question.", "whose probability is worked out")
    length: int = setting(160, "characters that each k writes", low=1)
    characters: int = setting(0, "count in the last so many characters of the training part; 0: in all", low=0)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Counts, measures every k under every smoothing, weighs a sentence, and writes a text with each k."""
    letters = letters_of(run, settings.characters, least=HELD_BACK * settings.order)
    known = set(letters.vocabulary.tokens)
    unknown = sorted(set(settings.sentence) - known)
    expected = f"a sentence of the {len(known)} characters of the text"
    fits = bool(settings.sentence) and not unknown
    expect(fits, DataError, "kgram-lm", expected, f"{''.join(unknown)!r} in it" if unknown else "an empty text")
    alike = f"{log(len(known)):.3f} nats each if all were equally likely"
    run.say(f"{letters.text.description}; {len(known)} different ones, {alike}")

    orders = list(range(settings.order + 1))
    models = {s: [kgram(letters, k, s) for k in orders] for s in SMOOTHINGS}
    nats = {s: [_nats(model, letters.test) for model in made] for s, made in models.items()}
    known_text = [_nats(model, letters.train) for model in models[settings.smoothing]]
    kept = [len(model) for model in models[settings.smoothing]]
    rows = [[k, kept[k], *(round(nats[s][k], 3) for s in SMOOTHINGS), round(known_text[k], 3)] for k in orders]
    headings = ["k", "different runs", *SMOOTHINGS, f"training text, {settings.smoothing}"]
    table = run.table(headings, rows)

    chosen = models[settings.smoothing]
    best = {s: min((value, k) for k, value in enumerate(found)) for s, found in nats.items()}
    weighed = _weighed(run, letters, chosen, settings.sentence)
    written = _written(run, letters, chosen, settings.length)
    _draw(run, letters, settings, nats, known_text, best)
    return {
        "nats": table,
        "best_nats": min(best.values())[0],
        "best_k": min(best.values())[1],
        "smoothings": {s: {"nats": value, "k": k} for s, (value, k) in best.items()},
        "sentence": weighed,
        "written": written,
    }


def _nats(model: NGrams, tokens: Any) -> float:
    return float(-model.log_probabilities(tokens).mean())


def _weighed(run: Run, letters: Letters, models: list[NGrams], sentence: str) -> list[dict[str, Any]]:
    """log p of the sentence under each k, its perplexity, and log p of the same characters backwards."""
    tokens, rows = letters.vocabulary.encode(sentence), []
    for k, model in enumerate(models):
        each, backwards = model.log_probabilities(tokens), model.log_probabilities(tokens[::-1])
        rows.append([k, round(float(each.sum()), 2), round(perplexity(each), 2), round(float(backwards.sum()), 2)])
    run.say(f'"{sentence}": log p, the sum over its {len(tokens)} characters')
    found = run.table(["k", "log p", "perplexity", "log p backwards"], rows)
    last = rows[-1]
    times = exp(min(700.0, last[1] - last[3]))
    run.see(
        f"with k = {last[0]} the sentence is {times:.1e} times as likely as its characters backwards; with k = 0, "
        f"where order does not count, {exp(rows[0][1] - rows[0][3]):.2f} times"
    )
    return found


def _written(run: Run, letters: Letters, models: list[NGrams], length: int) -> list[str]:
    """A text by each k, from a line end on."""
    texts = []
    for k, model in enumerate(models):
        drawn = model.sample(length, letters.vocabulary.encode("\n"), Stream(run.about["seed"], f"kgram {k}"))
        texts.append("".join(letters.vocabulary.decode(drawn)))
        run.say(f"--- written with k = {k}\n{texts[-1].strip()}\n")
    return texts


def _draw(
    run: Run,
    letters: Letters,
    settings: Settings,
    nats: dict[str, list[float]],
    known_text: list[float],
    best: dict[str, tuple[float, int]],
) -> None:
    """Nats by k, and a held-out passage coloured by surprise."""
    orders = list(range(settings.order + 1))
    ranked = sorted((value, k, s) for s, (value, k) in best.items())
    (low, k, s), (high, other_k, other) = ranked[0], ranked[-1]
    see = run.see(
        f"smoothing decides how far back it pays to look: {s} falls to {low:.3f} nats at k = {k}, "
        f"{other} has its best, {high:.3f}, at k = {other_k}; "
        f"on the training text itself {settings.smoothing} falls to {known_text[-1]:.3f}"
    )
    curves: dict[str, Any] = {name: plot.Line(orders, values) for name, values in nats.items()}
    curves[f"{settings.smoothing}, on the training text"] = plot.Line(orders, known_text, look="dashed")
    title = f"kgram-lm on {run.about['data']}: nats per character by characters of context"
    run.figure("context", plot.lines_data({"held-out last tenth": curves}, title, "k, characters of context"), see)

    passage = letters.text.test[:PASSAGE]
    tokens = letters.vocabulary.encode(passage)
    shown = sorted({1, min(3, settings.order), min(5, settings.order)})
    models = [kgram(letters, k, settings.smoothing) for k in shown]
    values = [-model.log_probabilities(tokens) for model in models]
    names = [f"k = {k}: {float(row.mean()):.2f} nats per character here" for k, row in zip(shown, values, strict=True)]
    title = f"kgram-lm on {run.about['data']}: how much each character surprises ({settings.smoothing})"
    figure = plot.coloured_text_data([passage] * len(shown), values, title, names=names, value="nats", most=6.0)
    run.figure("surprise", figure, "the beginning of the held-out text")
