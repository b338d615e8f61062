"""Is a text good or bad news? A BiGRU, which reads the words in order, beside naive Bayes, which counts them (徐彬 9).

The default set is made by a grammar with negation, so the truth of every sentence is known and counting words cannot
find it. On real reviews most of the truth lies in the words alone, and naive Bayes is hard to beat.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from time import perf_counter
from typing import Any

from xdl.experiments.shared.claims import claim, counted
from xdl.experiments.shared.fit import fit, watchers
from xdl.experiments.words.bayes import NaiveBayes
from xdl.experiments.words.effects import probabilities
from xdl.experiments.words.preparation import Preparation, show_preparation
from xdl.experiments.words.review_sets import ReviewSet, load_reviews
from xdl.experiments.words.sentiment_figures import draw_calibration, draw_dropout, draw_effects, show_probes
from xdl.experiments.words.sentiment_task import Sentiment
from xdl.experiments.words.sentiment_training import Parts, build, first_vectors, trainer_of
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.runs.statistics import wilson_interval
from xdl.train import EarlyStopping, Events, Record

QUICK = {"samples": 400, "epochs": 2, "vector_epochs": 1, "seeds": 1, "dropout_epochs": 2}
PRESETS = {
    "rt-polarity": {"min_count": 2, "lr": 0.002, "epochs": 8, "dropout_epochs": 8, "dropout": 0.5},
    "imdb": {"min_count": 5, "lr": 0.004, "epochs": 2, "dropout": 0.3, "vectors": "none", "seeds": 0},
}


@dataclass(frozen=True)
class Settings:
    """The texts, the network and its training, and the comparison with and without dropout."""

    samples: int = setting(0, "training texts; 0: all", low=0)
    label_noise: float = setting(0.0, "share of the training texts that get the wrong label", low=0, high=1)
    stop_words: bool = setting(False, "whether stop words are left out; negations are none of them")
    length: int = setting(200, "tokens that are kept of a text", low=1)
    min_count: int = setting(1, "how often a word must occur in the training texts to be known", low=1)
    vectors: str = setting("own", "own: by word2vec on the training texts; none: by chance; or a file of vectors")
    vector_epochs: int = setting(3, "vectors=own: passes of word2vec", low=1)
    vector_std: float = setting(0.3, "std that the word vectors are scaled to", above=0, high=1e6)
    size: int = setting(50, "numbers of a word's vector; a file of vectors has its own", low=1)
    hidden: int = setting(16, "units of a layer in each direction", low=1)
    layers: int = setting(3, "layers of the GRU", low=1, high=8)
    dropout: float = setting(0.2, "share of values dropped before, between and behind the layers", low=0, high=0.9)
    epochs: int = setting(10, "passes over the training texts", low=1)
    batch_size: int = setting(64, "texts in a step", low=1)
    lr: float = setting(0.006, "learning rate of AdamW", above=0)
    weight_decay: float = setting(0.01, "how strongly weights are pulled to 0", low=0)
    patience: int = setting(5, "stop after so many epochs without a better validation loss", low=1)
    seeds: int = setting(3, "trainings with and without dropout each, one a seed; 0: none", low=0)
    dropout_epochs: int = setting(8, "passes of each of these", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains, compares with naive Bayes, shows what moves the verdicts, and what dropout does."""
    started = perf_counter()
    data = load_reviews(run.about["data"], settings.samples, run.data_dir, settings.label_noise)
    run.say(f"data: {data.description}")
    preparation = Preparation.of(data.train.texts, settings.stop_words, settings.length, settings.min_count)
    parts = _parts(data, preparation)
    bayes = NaiveBayes.of(parts.tokens["train"], data.train.labels.tolist())
    bayes_says = [bayes.probability(tokens) for tokens in parts.tokens["test"]]
    run.say(f"naive Bayes: {len(bayes.weights)} words, {perf_counter() - started:.1f} s with the preparation")

    run.reseed()
    vectors = first_vectors(run, settings, preparation, parts.tokens["train"])
    size = settings.size if vectors is None else vectors.shape[1]
    model = build(settings, len(preparation.vocabulary), size)
    stopping = EarlyStopping("validation_loss", settings.patience)
    trainer = trainer_of(settings, model, vectors, [*watchers(run), stopping])
    table = show_preparation(run, preparation, data.train.texts[0], model.embedding.weight.detach())
    loaders = parts.training(settings.batch_size), parts.loader("validation")
    history = fit(run, trainer, *loaders, settings.epochs)
    run.folder.save_model(model, run.identity)
    preparation.save(run, size)
    model.eval()
    says = probabilities(model, preparation, parts.tokens["test"])
    seconds = sum(record["seconds"] for record in history)
    run.say(f"BiGRU: {len(history)} epochs in {seconds:.1f} s, {perf_counter() - started:.1f} s in all")

    results = _compare(run, data, {"naive Bayes": bayes_says, "BiGRU": says})
    results |= {"epochs": len(history), "preparation": table, "seconds_of_training": round(seconds, 2)}
    results |= {
        f"{part}_{name}": value
        for part in ("train", "validation", "test")
        for name, value in trainer.evaluate(parts.loader(part)).items()
    }
    draw_effects(run, data, model, preparation, parts.tokens["test"], says)
    judges = {
        "naive Bayes": lambda texts: [bayes.probability(tokens) for tokens in texts],
        "BiGRU": lambda texts: probabilities(model, preparation, texts),
    }
    results["negation"] = show_probes(run, data, judges)
    results |= draw_calibration(run, data, {"naive Bayes": bayes_says, "BiGRU": says})
    if settings.seeds:
        results["dropout"] = _with_and_without(settings, run, data, parts, vectors, *model.embedding.weight.shape)
    return results


def _parts(data: ReviewSet, preparation: Preparation) -> Parts:
    sets = {"train": data.train, "validation": data.validation, "test": data.test}
    tokens = {name: [preparation.tokens(text) for text in part.texts] for name, part in sets.items()}
    return Parts(tokens, {name: preparation.dataset(tokens[name], part.labels) for name, part in sets.items()})


def _compare(run: Run, data: ReviewSet, says: dict[str, list[float]]) -> dict[str, Any]:
    """The table of test accuracies, and who is ahead."""
    labels = data.test.labels.tolist()
    right = {name: [(p > 0.5) == bool(label) for p, label in zip(of, labels, strict=True)] for name, of in says.items()}
    guess = max(labels.count(0), labels.count(1)) / len(labels)
    rows: list[Any] = [("the most frequent class", guess, None, None)]
    for name, of in right.items():
        rows.append((name, fmean(of), *wilson_interval(sum(of), len(of))))
    table = run.table(("judge", "test accuracy", "from (Wilson, 95 %)", "to"), rows)
    only_bayes, only_net = (
        sum(one and not other for one, other in zip(right[first], right[second], strict=True))
        for first, second in (("naive Bayes", "BiGRU"), ("BiGRU", "naive Bayes"))
    )
    bayes, net = fmean(right["naive Bayes"]), fmean(right["BiGRU"])
    what = _verdict(only_net, only_bayes)
    run.see(
        f"the BiGRU {what} naive Bayes: {net:.3f} against {bayes:.3f} on {len(labels)} test texts of {data.title}; "
        f"{only_net} texts only the BiGRU has right, {only_bayes} only naive Bayes"
    )
    return {"judges": table, "naive_bayes_accuracy": bayes, "test_samples": len(labels)}


def _verdict(only_net: int, only_bayes: int) -> str:
    """What can be said of two judges, by the texts that only one of them has right (McNemar's test, 5 %)."""
    gap, disputed = only_net - only_bayes, only_net + only_bayes
    if gap**2 <= 3.84 * disputed:
        return "is neither better nor worse, as far as these texts can tell, than"
    return "beats" if gap > 0 else "loses to"


def _with_and_without(
    settings: Settings, run: Run, data: ReviewSet, parts: Parts, vectors: Any, words: int, size: int
) -> list[dict[str, Any]]:
    """The same network with and without dropout, from several seeds; all epochs are made."""
    share = settings.dropout or 0.2
    histories: dict[str, list[list[Record]]] = {"without dropout": [], f"dropout {share:g}": []}
    for name, rate in zip(histories, (0.0, share), strict=True):
        for repeat in range(settings.seeds):
            run.reseed(repeat)
            title = f"{name}, seed {run.about['seed'] + repeat}"
            trainer = trainer_of(settings, build(settings, words, size, rate), vectors, [Events(run.events, title)])
            loaders = parts.training(settings.batch_size), parts.loader("validation")
            history = trainer.fit(*loaders, settings.dropout_epochs)
            history[-1] |= {f"test_{key}": value for key, value in trainer.evaluate(parts.loader("test")).items()}
            histories[name].append(history)
            run.say(f"{title}: test accuracy {history[-1]['test_accuracy']:.3f}")
    without, dropped = histories.values()
    ends = [[history[-1] for history in of] for of in (without, dropped)]
    rows = [
        (
            name,
            *(fmean(end[key] for end in of) for key in ("train_loss", "validation_loss", "test_loss", "test_accuracy")),
        )
        for name, of in zip(histories, ends, strict=True)
    ]
    heads = (
        f"mean of {counted(settings.seeds, 'seed')}",
        "train loss",
        "validation loss",
        "test loss",
        "test accuracy",
    )
    table = run.table(heads, rows)
    said = claim(
        run,
        f"with dropout the test loss after {counted(settings.dropout_epochs, 'epoch')} is lower "
        f"({rows[1][3]:.3f} against {rows[0][3]:.3f})",
        [one["test_loss"] < other["test_loss"] for one, other in zip(ends[1], ends[0], strict=True)],
    )
    draw_dropout(run, data, histories, said)
    return table


TASK = Sentiment()
