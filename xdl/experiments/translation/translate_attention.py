"""Encoder and decoder with dot-product attention: the decoder looks back at every token of the source, beside the same
one without attention after equal seconds of training (hwdong 7.11.5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl import nn
from xdl.experiments.shared.claims import claim
from xdl.experiments.translation import teaching
from xdl.experiments.translation.figures import draw_attention, draw_scores
from xdl.experiments.translation.prepared import Languages
from xdl.experiments.translation.scores import measured, translate
from xdl.experiments.translation.seq2seq import Seq2Seq
from xdl.experiments.translation.teaching import StopAfter, batches, held_out, loop_of
from xdl.experiments.translation.translating import Kind, Translated, train_translator
from xdl.experiments.translation.translator import Translator
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.train import Events

WIDEST = 24  # tokens of the sentence in the heat map
FOREVER = 10_000  # epochs; the seconds end it


@dataclass(frozen=True)
class Settings(teaching.RecurrentSettings):
    """Of the training, the vectors' size, and how often the two models are compared."""

    embedding: int = setting(32, "numbers of a token's vector", low=1)
    epochs: int = setting(7, "passes over the training pairs", low=1)
    seeds: int = setting(3, "trainings of each model, one a seed", low=1)


def build(settings: Settings, languages: Languages, attention: bool = True) -> nn.Module:
    """The untrained model."""
    source, target = (nn.Embedding(len(side), settings.embedding) for side in (languages.source, languages.target))
    return Seq2Seq(source, target, settings.hidden, attention, settings.dropout)


KIND = Kind(build)
TASK = Translator(KIND)
QUICK = {"samples": 500, "epochs": 1, "seeds": 1}
PRESETS = teaching.presets(hidden=128, embedding=64, epochs=14, seeds=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains it, translates held-out sentences, draws where it looks, and compares it with one that cannot look."""
    trained = train_translator(run, settings, KIND)
    _draw_weights(run, trained)
    return {**trained.results, **_compare(run, settings, trained)}


def _draw_weights(run: Run, trained: Translated) -> None:
    """The heat map of a held-out sentence, the longest that fits."""
    held, languages = trained.held, trained.languages
    fitting = [i for i, length in enumerate(held.lengths) if length <= WIDEST] or [0]
    sentence = held.sentences[max(fitting, key=lambda i: (held.lengths[i], -i))]
    ((text, written),) = translate(trained.model, languages, [sentence])
    run.say(f"where it looks: {sentence} -> {text}")
    draw_attention(run, languages.tokens(sentence), languages.target.decode(written.tokens), written.weights)


def _compare(run: Run, settings: Settings, trained: Translated) -> dict[str, Any]:
    """Both models from several seeds: the second gets the seconds that the first one took."""
    held, train = trained.held, batches(trained.languages.encoded(trained.pairs.train), settings)
    test = held_out(trained.languages.encoded(trained.pairs.test))
    rows: list[tuple[Any, ...]] = []
    better: list[bool] = []
    texts: dict[str, list[str]] = {}
    for seed in range(settings.seeds):
        scores = {}
        seconds = trained.seconds
        for attention in (True, False):
            if attention and not seed:
                epochs, model, loss = settings.epochs, trained.model, trained.results["test_loss"]
            else:
                run.reseed(seed)
                model = build(settings, trained.languages, attention)
                name = f"{'with' if attention else 'without'} attention, seed {seed + 1}"
                stop = [] if attention else [StopAfter(seconds)]
                loop = loop_of(model, settings, [Events(run.events, name), *stop])
                history = loop.fit(train, None, settings.epochs if attention else FOREVER)
                epochs, loss = len(history), loop.evaluate(test)["loss"]
                seconds = sum(record["seconds"] for record in history)
            model.eval()
            found = [text for text, _ in translate(model, trained.languages, held.sentences)]
            all_of_it, long = measured(held, found), measured(held, found, held.longer)
            kind = "with" if attention else "without"
            texts.setdefault(f"{kind} attention", found)
            scores[attention] = long["chrf"]
            figures = (loss, all_of_it["chrf"], all_of_it["exact"], long["chrf"])
            rows.append((kind, seed + 1, epochs, round(seconds, 1), *(round(figure, 4) for figure in figures)))
        better.append(scores[True] > scores[False])
    edge = f"chrF above {held.median:g} tokens"
    table = run.table(("attention", "seed", "epochs", "seconds", "test loss", "chrF", "exact", edge), rows)
    draw_scores(run, held, texts, "with-and-without")
    sentence = "after equal seconds the decoder with attention translates sentences longer than the median better"
    claim(run, sentence, better)
    return {"comparison": table}
