"""The sets of texts with a class, by name, each in three parts; what is held out takes no part in anything fitted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from xdl.data.split import stratified_order, stratified_split
from xdl.data.text.grammar import grammar
from xdl.data.text.imdb import load_imdb
from xdl.data.text.labelled import LabelledTexts
from xdl.data.text.polarity import load_polarity
from xdl.errors import SettingError, expect
from xdl.experiments.shared.images import with_wrong_labels

EVERY = 10  # one text in so many is held out for the test, and of the rest for validation


@dataclass(frozen=True)
class ReviewSet:
    """train, validation and test texts; title: for figures; description: for people."""

    train: LabelledTexts
    validation: LabelledTexts
    test: LabelledTexts
    title: str
    description: str


def load_reviews(name: str, samples: int = 0, data_dir: Path | None = None, label_noise: float = 0.0) -> ReviewSet:
    """The set of that name: grammar, rt-polarity or imdb.

    samples:     of the training texts, with the classes as in all of them; 0 for all
    label_noise: the share of these, drawn by the run's seed, that gets the wrong label

    IMDB comes with its own test part. Raises DataError where the set cannot be had, SettingError for one sample.
    """
    expect(samples != 1, SettingError, "samples", "0, or at least 2: one of each class", samples)
    whole, test, title = SETS[name](data_dir)
    if test is None:
        kept, held_out = stratified_split(whole.labels, EVERY)
        whole, test = whole.part(kept), whole.part(held_out)
    kept, held_out = stratified_split(whole.labels, EVERY)
    train, validation = whole.part(kept), whole.part(held_out)
    if samples:
        train = train.part(sorted(stratified_order(train.labels)[:samples]))
    description = f"{title}: {len(train)} texts to train ({train.counts}), {len(validation)} to validate, {len(test)} "
    description += "to test"
    if label_noise:
        wrong = with_wrong_labels(train.labels, label_noise, len(train.class_names))
        description += f"; {(wrong != train.labels).sum()} training labels are wrong on purpose"
        train = LabelledTexts(train.texts, wrong, train.class_names)
    return ReviewSet(train, validation, test, title, description)


def _grammar(_: Path | None) -> tuple[LabelledTexts, LabelledTexts | None, str]:
    return grammar(), None, "sentences of a grammar with negation"


def _polarity(data_dir: Path | None) -> tuple[LabelledTexts, LabelledTexts | None, str]:
    return load_polarity(data_dir), None, "sentences of film reviews (rt-polarity)"


def _imdb(data_dir: Path | None) -> tuple[LabelledTexts, LabelledTexts | None, str]:
    return *load_imdb(data_dir), "film reviews (IMDB)"


SETS: dict[str, Callable[[Path | None], tuple[LabelledTexts, LabelledTexts | None, str]]] = {
    "grammar": _grammar,
    "rt-polarity": _polarity,
    "imdb": _imdb,
}
