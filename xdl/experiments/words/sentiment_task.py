"""What a run of `sentiment` can be asked: the class of a text with what moved it, and its measures again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from xdl import nn
from xdl.data import DataLoader
from xdl.errors import DataError, expect
from xdl.experiments.words.bigru import BiGRU
from xdl.experiments.words.effects import BATCH, effects, in_digits, probabilities
from xdl.experiments.words.preparation import Preparation, preparation_of, tokens_of
from xdl.experiments.words.review_sets import load_reviews
from xdl.experiments.words.sentiment_training import build
from xdl.runs.saved_run import SavedRun
from xdl.runs.settings import setting
from xdl.runs.text_table import aligned
from xdl.tensor import no_grad
from xdl.train import RunningMeans, accuracy

CLASSES = ("negative", "positive")


@dataclass(frozen=True)
class Options:
    """Of a prediction."""

    top: int = setting(5, "how many of the words with the largest effects to name", low=1)


@dataclass(frozen=True)
class Sentiment:
    """The task (`runs.task.RunTask`) of a run that tells good from bad news."""

    measures: ClassVar[Mapping[str, str]] = {
        "validation_loss": "min",
        "validation_accuracy": "max",
        "test_loss": "min",
        "test_accuracy": "max",
    }
    options: ClassVar[type[Any]] = Options

    def may_change(self, settings: Any) -> tuple[str, ...]:  # noqa: ARG002 (the same for all settings)
        """The epochs."""
        return ("epochs",)

    def evaluate(self, saved: SavedRun, data_name: str | None, data_dir: Path | None) -> dict[str, Any]:
        """Loss and accuracy on the test texts of the run's set or another one. Raises DataError for a missing set."""
        data = load_reviews(data_name or saved.about["data"], data_dir=data_dir)
        preparation, model = _read(saved)
        tokens = [preparation.tokens(text) for text in data.test.texts]
        unknown = sum(token not in preparation.vocabulary for some in tokens for token in some)
        loss, means = nn.CrossEntropyLoss(), RunningMeans("xdl eval")
        with no_grad():
            loader = DataLoader(preparation.dataset(tokens, data.test.labels), BATCH)
            for batch, (numbers, lengths, labels) in enumerate(loader, 1):
                logits = model(numbers, lengths)
                means.add(batch, len(labels), {"loss": loss(logits, labels), "accuracy": accuracy(logits, labels)})
        return {
            "run": str(saved.path),
            "model": type(model).__name__,
            "data": data.title,
            "texts": len(data.test),
            "unknown_words": unknown / sum(map(len, tokens)),
            **{f"test_{name}": value for name, value in means.read().items()},
        }

    def predict(self, saved: SavedRun, inputs: Sequence[str], options: Any) -> dict[str, Any]:
        """The class of each text: {"run", "texts": [{"text", "class", "probability", "unknown", "effects"}]}.

        "unknown": its words that the vocabulary lacks; "effects": [{"word", "effect"}], the largest first, by how much
        a word moves the log odds of "positive" (see `effects.effects`). Raises DataError for a text without a word.
        """
        preparation, model = _read(saved)
        texts = []
        for text in inputs:
            expect(bool(tokens_of(text, preparation.stop_words)), DataError, "xdl predict", "words", repr(text[:80]))
            tokens = preparation.tokens(text)
            (positive,) = probabilities(model, preparation, [tokens])
            moved = sorted(
                zip(tokens, effects(model, preparation, tokens), strict=True), key=lambda pair: -abs(pair[1])
            )
            texts.append(
                {
                    "text": text,
                    "class": CLASSES[positive > 0.5],
                    "probability": max(positive, 1 - positive),
                    "unknown": preparation.unknown(tokens),
                    "effects": [{"word": word, "effect": effect} for word, effect in moved[: options.top]],
                }
            )
        return {"run": str(saved.path), "model": type(model).__name__, "texts": texts}

    def as_text(self, predictions: Mapping[str, Any]) -> str:
        """A row for each text; below, the words that were not known."""
        rows = [
            [
                one["text"] if len(one["text"]) <= 60 else one["text"][:56] + " ...",
                f"{one['class']} {one['probability']:.1%}",
                ", ".join(f"{found['word']} {in_digits(found['effect'])}" for found in one["effects"]),
            ]
            for one in predictions["texts"]
        ]
        unknown = [
            f"not in the vocabulary, so read as one unknown word: {', '.join(one['unknown'])}"
            for one in predictions["texts"]
            if one["unknown"]
        ]
        table = aligned(["text", "class", "what moved it (log odds of positive)"], rows)
        return "\n".join([table, *(["", *unknown] if unknown else [])])


def _read(saved: SavedRun) -> tuple[Preparation, BiGRU]:
    """Vocabulary and model of a run. Raises SettingError, DataError, CheckpointError for what is missing or damaged."""
    preparation, size = preparation_of(saved)
    return preparation, saved.trained(build(saved.settings, len(preparation.vocabulary), size))
