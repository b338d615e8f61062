"""One translator from the pairs to the figures: what the experiments of this folder share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

from xdl import nn
from xdl.data.text.pairs import SentencePairs
from xdl.experiments.shared.fit import fit, watchers
from xdl.experiments.translation.figures import draw_curves, draw_scores
from xdl.experiments.translation.nearest import NearestTranslation
from xdl.experiments.translation.prepared import Languages, prepare
from xdl.experiments.translation.scores import HeldOut, measured, translate
from xdl.experiments.translation.teaching import Settings, batches, held_out, loop_of
from xdl.runs.run import Run

SHOWN, TESTED = 8, 1000  # sample translations; sentences that are decoded for the scores

Build = Callable[[Any, Languages], nn.Module]  # (settings, vocabularies) -> the untrained translator


@dataclass(frozen=True)
class Kind:
    """A kind of translator.

    build:   makes the untrained model
    letters: whether texts of every data set are cut into characters
    prepare: what has to be done to the new model before it is trained, as to give it word vectors
    """

    build: Build
    letters: bool = False
    prepare: Callable[[Run, Any, SentencePairs, Languages, nn.Module], Mapping[str, Any]] = field(default=lambda *_: {})


@dataclass
class Translated:
    """A trained translator: its data, its texts for the held-out sentences by way, and the results for the summary."""

    model: Any
    pairs: SentencePairs
    languages: Languages
    held: HeldOut
    ways: dict[str, list[str]]
    seconds: float
    results: dict[str, Any]


def train_translator(run: Run, settings: Settings, kind: Kind) -> Translated:
    """Trains, or goes on where the run is resumed; measures, shows samples, draws, and saves what predicting needs."""
    pairs, languages = prepare(run, settings.samples, kind.letters, settings.min_count)
    model = kind.build(settings, languages)
    size = sum(prod(p.shape) for p in model.parameters())
    run.say(f"model: {type(model).__name__}, {size:,} parameters")
    about = kind.prepare(run, settings, pairs, languages, model)
    loop = loop_of(model, settings, watchers(run))
    train, validation, test = (languages.encoded(part) for part in (pairs.train, pairs.validation, pairs.test))
    history = fit(run, loop, batches(train, settings), held_out(validation), settings.epochs)
    losses = loop.evaluate(held_out(test))
    run.folder.save_model(model, run.identity)
    seconds = sum(record["seconds"] for record in history)
    run.say(f"test loss {losses['loss']:.4f} nats a token after {seconds:.1f} s of training")
    held = HeldOut.of(pairs.test, languages, TESTED)
    ways = translations_of(model, pairs, languages, held, settings.beam)
    results = {
        "data_description": pairs.description,
        "model": type(model).__name__,
        "parameters": size,
        "test_loss": losses["loss"],
        "validation_loss": history[-1]["validation_loss"],
        "training_seconds": round(seconds, 2),
        **about,
        **show_scores(run, held, ways),
        "samples": show_samples(run, held, ways),
    }
    draw_curves(run, history)
    draw_scores(run, held, ways)
    return Translated(model, pairs, languages, held, ways, seconds, results)


def translations_of(
    model: Any, pairs: SentencePairs, languages: Languages, held: HeldOut, width: int
) -> dict[str, list[str]]:
    """The held-out sentences translated greedily, by a beam, and by the nearest sentence of the training part."""
    model.eval()
    nearest = NearestTranslation(pairs.train)
    return {
        "greedy": [text for text, _ in translate(model, languages, held.sentences)],
        f"beam of {width}": [text for text, _ in translate(model, languages, held.sentences, width)],
        "nearest sentence": [nearest(text) for text in held.sentences],
    }


def show_scores(run: Run, held: HeldOut, ways: Mapping[str, list[str]]) -> dict[str, Any]:
    """The table of the ways, and what there is to see: the summary's entries."""
    shorter = [i for i in range(len(held.sentences)) if i not in held.longer]
    rows = []
    for name, texts in ways.items():
        scores = measured(held, texts)
        parts = [round(measured(held, texts, part)["chrf"], 4) if part else None for part in (shorter, held.longer)]
        rows.append((name, round(scores["chrf"], 4), round(scores["exact"], 4), *parts))
    edge = f"{held.median:g} tokens"
    headings = ("way", "chrF", "exact", f"chrF up to {edge}", f"chrF above {edge}")
    table = run.table(headings, rows)
    greedy, beam, nearest = (row["chrF"] for row in table)
    over = "above" if beam > nearest else "not above"
    run.see(
        f"chrF of the beam on {len(held.sentences)} held-out sentences {beam:.3f}, {over} that of nearest-neighbour "
        f"translation, {nearest:.3f}"
    )
    way = "above" if beam > greedy else "below"
    apart = "" if beam == greedy else f"{abs(beam - greedy):.4f} {way} "
    run.see(f"the beam's chrF is {apart}that of greedy decoding")
    return {
        "ways": table,
        "test_sentences": len(held.sentences),
        "test_chrf": table[1]["chrF"],
        "test_exact": table[1]["exact"],
        "greedy_chrf": table[0]["chrF"],
        "greedy_exact": table[0]["exact"],
        "nearest_chrf": table[2]["chrF"],
        "nearest_exact": table[2]["exact"],
    }


def show_samples(run: Run, held: HeldOut, ways: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    """A table of some translations, evenly over the held-out sentences."""
    stride = max(1, len(held.sentences) // SHOWN)
    chosen = range(0, len(held.sentences), stride)[:SHOWN]
    rows = [(held.sentences[i], held.references[i][0], *(texts[i] for texts in ways.values())) for i in chosen]
    return run.table(("sentence", "reference", *ways), rows)
