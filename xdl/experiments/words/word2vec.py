"""Word vectors from the company of words, by negative sampling: what is near is of a kind (hwdong 7.11.3).

On the generated corpus it is known which words are of a kind, so the nearest words are counted. On real text they are
shown, and how far one can trust them: by how often a word came. Analogies are left out: from so little text they are
found only by those who look for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import log
from statistics import fmean
from typing import Any

from xdl import plot
from xdl.data import STOP_WORDS
from xdl.data.text.vectors import write_vectors
from xdl.experiments.shared.claims import claim, counted, in_words
from xdl.experiments.shared.fit import fit, watchers
from xdl.experiments.shared.negative_sampling import Company, company_of, loss_of_frequency, of_others
from xdl.experiments.words.corpora import Corpus, load_corpus
from xdl.experiments.words.neighbours import nearest, share_in_group
from xdl.experiments.words.word2vec_task import VECTORS, Word2Vec, save_words
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor
from xdl.train import Events, Loop

METHODS = ("skip-gram", "cbow")
HELD_OUT_BATCH = 4096
SHARE = 4  # a pass of skip-gram makes about so many predictions for one of CBOW with a window of 5

QUICK = {"sentences": 1500, "epochs": 2, "seeds": 1}
REAL = {"min_count": 5, "threshold": 1e-3, "size": 50, "sentences": 0}
PRESETS = {
    "shakespeare": REAL | {"epochs": 6},
    "tinyshakespeare": REAL,
    "rt-polarity": REAL,
    "imdb": REAL | {"threshold": 1e-4, "epochs": 1, "batch_size": 4096},
}


@dataclass(frozen=True)
class Settings:
    """The text, the pairs that are made of it, and the training."""

    method: str = setting("skip-gram", "a word foretells a neighbour, or its neighbours the word", choices=METHODS)
    sentences: int = setting(8000, "sentences that are made, or at most taken; 0: all", low=0)
    size: int = setting(32, "numbers of a word's vector", low=2)
    window: int = setting(5, "how far a neighbour may be, in words", low=1)
    min_count: int = setting(1, "how often a word must come to get a vector", low=1)
    threshold: float = setting(0.0, "thins out words of a larger share than this; 0: none", low=0, high=1)
    negatives: int = setting(5, "how much words that are drawn by chance count, for one true neighbour", low=1)
    epochs: int = setting(3, "passes over the pairs; of CBOW, which has fewer examples, four times as many", low=1)
    batch_size: int = setting(1024, "pairs in a step", low=1)
    lr: float = setting(0.01, "learning rate of Adam", above=0)
    nearest: int = setting(5, "nearest words that count, and that are shown", low=1, high=50)
    seeds: int = setting(3, "planted groups: trainings of each method, one a seed", low=1)
    show: str = setting("", "words whose nearest ones are shown, with commas between; empty: some that come often")


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains, keeps the vectors, and shows the nearest words; counts them where the groups are planted."""
    corpus = load_corpus(run.about["data"], settings.sentences, run.data_dir)
    company = _company(settings, corpus, settings.method, run.about["seed"])
    vocabulary = company.vocabulary
    tokens = sum(map(len, corpus.train))
    run.say(f"data: {corpus.title}: {tokens} tokens, {len(vocabulary) - 1} words, {len(company.pairs)} examples")
    model = company.untrained(settings.size)
    loop = Loop(company.task(model, settings.lr, settings.negatives), watchers(run))
    how: dict[str, Any] = {
        "window": settings.window,
        "threshold": settings.threshold,
        "cbow": settings.method == "cbow",
    }
    others = of_others(vocabulary, company.counts, corpus.held_out, **how)
    held_out = others.loader(HELD_OUT_BATCH, shuffle=False)
    history = fit(run, loop, company.loader(settings.batch_size), held_out, _epochs(settings, settings.method))
    run.folder.save_model(model, run.identity)
    save_words(run, vocabulary, company.counts)
    vectors = model.inputs.weight.detach()
    write_vectors(run.folder.path / VECTORS, vocabulary.tokens[1:], vectors[1:].numpy())
    run.say(f"{VECTORS}: the vectors of {len(vocabulary) - 1} words as text, in word2vec's form")
    loss, frequency = loop.evaluate(held_out)["loss"], loss_of_frequency(company, settings.negatives)
    run.see(
        f"held-out neighbours: loss {loss:.3f}, {'better' if loss < frequency else 'no better'} than {frequency:.3f} "
        f"of one who knows only how often words come; {(1 + settings.negatives) * log(2):.3f} untrained"
    )
    results: dict[str, Any] = {
        "method": settings.method,
        "words": len(vocabulary) - 1,
        "epochs": len(history),
        "test_loss": loss,
        "loss_of_frequency": frequency,
        "nearest": _show_nearest(settings, run, company, corpus, vectors),
    }
    if corpus.groups:
        results |= _count_groups(settings, run, corpus, company, vectors)
    _draw_frequency(settings, run, corpus, company, vectors)
    return results


def _company(settings: Settings, corpus: Corpus, method: str, seed: int) -> Company:
    return company_of(
        corpus.train,
        window=settings.window,
        min_count=settings.min_count,
        threshold=settings.threshold,
        cbow=method == "cbow",
        seed=seed,
    )


def _epochs(settings: Settings, method: str) -> int:
    return settings.epochs * (SHARE if method == "cbow" else 1)


def _show_nearest(settings: Settings, run: Run, company: Company, corpus: Corpus, vectors: Tensor) -> Any:
    """The table of the nearest words of some."""
    vocabulary = company.vocabulary
    asked = [word.strip() for word in settings.show.split(",") if word.strip()]
    if unknown := [word for word in asked if word not in vocabulary]:
        run.say(f"not in the text often enough for a vector: {', '.join(unknown)}")
    firsts = list({group: word for word, group in reversed(list(corpus.groups.items()))}.values())
    often = [word for word in vocabulary.tokens[1:] if word.isalpha() and len(word) > 3 and word not in STOP_WORDS]
    shown = [word for word in asked if word in vocabulary] or (firsts or often[:12])
    rows = [vocabulary.number(word) for word in shown]
    found = nearest(vectors, rows, settings.nearest, range(1, len(vocabulary)))
    table = [
        (vocabulary.tokens[row], company.counts[row], _listed(company, others))
        for row, others in zip(rows, found, strict=True)
    ]
    return run.table(("word", "times", "nearest, with the cosine"), table)


def _listed(company: Company, others: list[tuple[int, float]]) -> str:
    return ", ".join(f"{company.vocabulary.tokens[row]} {cosine:.2f}" for row, cosine in others)


def _count_groups(settings: Settings, run: Run, corpus: Corpus, company: Company, vectors: Tensor) -> dict[str, Any]:
    """How many of the nearest words are of the word's own group: over passes, for both methods and several seeds."""
    vocabulary, k = company.vocabulary, settings.nearest
    mine = share_in_group(vectors, vocabulary, corpus.groups, k)
    wider = share_in_group(vectors, vocabulary, {**corpus.groups, **corpus.company}, k)
    members = len(corpus.groups) / len(set(corpus.groups.values()))
    chance = (members - 1) / (len(vocabulary) - 2)
    curves = {method: [_curve(settings, run, method, repeat) for repeat in range(settings.seeds)] for method in METHODS}
    untrained = fmean(curve[0] for of_method in curves.values() for curve in of_method)
    rows: list[Any] = [("chance", chance, None, None), ("untrained vectors", untrained, None, None)]
    for method, of_method in curves.items():
        ends = [curve[-1] for curve in of_method]
        rows.append((method, fmean(ends), min(ends), max(ends)))
    table = run.table((f"vectors, {counted(settings.seeds, 'seed')}", f"of the {k} nearest", "least", "most"), rows)
    said = [
        claim(
            run,
            f"of the {k} words nearest to a planted one, at least 0.95 are of its group with {method} "
            f"(mean {fmean(curve[-1] for curve in of_method):.3f}; by chance {chance:.3f})",
            [curve[-1] >= 0.95 for curve in of_method],
        )
        for method, of_method in curves.items()
    ]
    lines: dict[str, Any] = {}
    for method, of_method in curves.items():
        step = 1 if method == "skip-gram" else SHARE
        xs = [step * epoch for epoch in range(len(of_method[0]))]
        lines[method] = plot.Line.of_seeds([x / step for x in xs], of_method)
    ends_at = [0, settings.epochs]
    lines["chance"] = plot.Line(ends_at, [chance, chance], look="dashed")
    title = f"Nearest words, planted groups ({in_words(settings.seeds)})"
    panel = f"share of the {k} nearest words that are of the own group"
    x = f"passes of skip-gram; {SHARE} of CBOW for each"
    run.figure("groups", plot.lines_data({panel: lines}, title, x), "\n".join(said))
    return {"share_in_group": mine, "share_in_group_or_company": wider, "chance": chance, "methods": table}


def _curve(settings: Settings, run: Run, method: str, repeat: int) -> list[float]:
    """The share of nearest words that are of the own group, before the training and after each pass."""
    seed = run.about["seed"] + repeat
    run.reseed(repeat)
    corpus = load_corpus("planted", settings.sentences, None, seed)
    company = _company(settings, corpus, method, seed)
    model = company.untrained(settings.size)
    name = f"{method}, seed {seed}"
    loop = Loop(company.task(model, settings.lr, settings.negatives), [Events(run.events, name)])
    loader, shares = company.loader(settings.batch_size), []
    for epoch in range(settings.epochs + 1):
        if epoch:
            loop.fit(loader, epochs=_epochs(settings, method) // settings.epochs)
        shares.append(share_in_group(model.inputs.weight, company.vocabulary, corpus.groups, settings.nearest))
    run.say(f"{name}: {shares[-1]:.3f} of the nearest words are of the own group")
    return shares


def _draw_frequency(settings: Settings, run: Run, corpus: Corpus, company: Company, vectors: Tensor) -> None:
    """How near the nearest words are, against how often a word came, beside vectors that never learned anything."""
    k, times = settings.nearest, company.counts[1:]
    near, untrained = (_nearness(k, some) for some in (vectors, company.untrained(settings.size).inputs.weight))
    classes: dict[int, list[int]] = {}
    for i in sorted(range(len(times)), key=lambda i: times[i]):
        classes.setdefault(times[i].bit_length(), []).append(i)
    rare, often = classes[min(classes)], classes[max(classes)]
    said = run.see(
        f"words that came {times[rare[0]]} to {times[rare[-1]]} times have a mean cosine of "
        f"{fmean(near[i] for i in rare):.2f} to their {k} nearest words, those that came {times[often[0]]} to "
        f"{times[often[-1]]} times {fmean(near[i] for i in often):.2f}; vectors drawn by chance {fmean(untrained):.2f}"
    )
    xs = [float(round(fmean(times[i] for i in of))) for of in classes.values()]
    lines = {
        "trained (mean and range of the words)": _of_groups(xs, near, classes.values()),
        "drawn by chance": plot.Line([xs[0], xs[-1]], [fmean(untrained)] * 2, look="dashed"),
    }
    title = f"How near the {k} nearest words are, {corpus.title}"
    data = plot.lines_data({"mean cosine": lines}, title, "how often the word came", x_log=True)
    run.figure("frequency", data, said)


def _of_groups(xs: list[float], values: list[float], groups: Iterable[list[int]]) -> plot.Line:
    """Mean, least and largest of the values in each group of indices, against xs."""
    of = [[values[i] for i in group] for group in groups]
    return plot.Line(xs, list(map(fmean, of)), list(map(min, of)), list(map(max, of)))


def _nearness(k: int, vectors: Tensor) -> list[float]:
    """The mean cosine of each word to its k nearest."""
    rows = range(1, len(vectors))
    return [fmean(cosine for _, cosine in of) for of in nearest(vectors, rows, k, rows)]


TASK = Word2Vec()
