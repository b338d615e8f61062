"""What a run that learned word vectors can be asked: the nearest words of a word, and its measures again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from xdl.data import Vocabulary
from xdl.data.text.vocabulary import PADDING
from xdl.errors import DataError, SettingError, expect
from xdl.experiments.shared.negative_sampling import WordVectorModel, of_others
from xdl.experiments.words.corpora import load_corpus
from xdl.experiments.words.neighbours import nearest, share_in_group
from xdl.runs.run import Run
from xdl.runs.saved_run import SavedRun
from xdl.runs.settings import setting
from xdl.runs.text_table import aligned
from xdl.train import Loop

VOCABULARY, VECTORS = "vocabulary.json", "vectors.txt"


@dataclass(frozen=True)
class Options:
    """Of a prediction."""

    nearest: int = setting(8, "how many of the nearest words to name", low=1, high=100)


def save_words(run: Run, vocabulary: Vocabulary, counts: Sequence[int]) -> None:
    """Writes vocabulary.json beside the model: the words, and how often each came in the training text."""
    run.folder.write_json(VOCABULARY, {**vocabulary.state(), "counts": list(counts)})


@dataclass(frozen=True)
class Word2Vec:
    """The task (`runs.task.RunTask`) of a run that learned word vectors."""

    measures: ClassVar[Mapping[str, str]] = {"test_loss": "min", "share_in_group": "max"}
    options: ClassVar[type[Any]] = Options

    def may_change(self, settings: Any) -> tuple[str, ...]:  # noqa: ARG002 (the same for all settings)
        """The passes."""
        return ("epochs",)

    def evaluate(self, saved: SavedRun, data_name: str | None, data_dir: Path | None) -> dict[str, Any]:
        """The loss on held-out sentences and, where the groups are planted, the share of nearest words of the own one.

        Raises DataError for data that are missing, or that share no word with the run's.
        """
        settings, name = saved.settings, data_name or saved.about["data"]
        corpus = load_corpus(name, settings.sentences, data_dir)
        vocabulary, counts, model = _read(saved)
        how: dict[str, Any] = {
            "window": settings.window,
            "threshold": settings.threshold,
            "cbow": settings.method == "cbow",
        }
        held_out = of_others(vocabulary, counts, corpus.held_out, **how)
        loop = Loop(held_out.task(model, settings.lr, settings.negatives))
        results = {
            "run": str(saved.path),
            "data": corpus.title,
            "examples": len(held_out.pairs),
            "test_loss": loop.evaluate(held_out.loader(4096, shuffle=False))["loss"],
        }
        if corpus.groups:
            weight = model.inputs.weight
            results["share_in_group"] = share_in_group(weight, vocabulary, corpus.groups, settings.nearest)
        return results

    def predict(self, saved: SavedRun, inputs: Sequence[str], options: Any) -> dict[str, Any]:
        """The nearest words of each input: {"run", "words": [{"word", "times", "nearest": [{"word", "cosine"}]}]}.

        Raises DataError for a word without a vector.
        """
        vocabulary, counts, model = _read(saved)
        words = []
        for given in inputs:
            word = given.strip() if given.strip() in vocabulary else given.strip().lower()
            if word not in vocabulary or word == PADDING:
                hint = "Ask for a single word; only words that came often enough have a vector"
                raise DataError("xdl predict", f"one of the {len(vocabulary) - 1} words of the run", repr(given), hint)
            row = vocabulary.number(word)
            ((*found,),) = nearest(model.inputs.weight, [row], options.nearest, range(1, len(vocabulary)))
            near = [{"word": vocabulary.tokens[other], "cosine": cosine} for other, cosine in found]
            words.append({"word": word, "times": counts[row], "nearest": near})
        return {"run": str(saved.path), "words": words}

    def as_text(self, predictions: Mapping[str, Any]) -> str:
        """A row for each word."""
        rows = [
            [one["word"], one["times"], ", ".join(f"{near['word']} {near['cosine']:.2f}" for near in one["nearest"])]
            for one in predictions["words"]
        ]
        return aligned(["word", "times", "nearest, with the cosine"], rows)


def _read(saved: SavedRun) -> tuple[Vocabulary, list[int], WordVectorModel]:
    """The words, how often each came, and the model. Raises SettingError, DataError, CheckpointError for damage."""
    content = saved.content(VOCABULARY)
    vocabulary = Vocabulary.from_state(content, str(saved.path / VOCABULARY))
    counts = content.get("counts")
    right = isinstance(counts, list) and len(counts) == len(vocabulary) and vocabulary.tokens[0] == PADDING
    right = right and all(type(count) is int and count >= 0 for count in counts or [])
    expect(right, SettingError, str(saved.path / VOCABULARY), "counts, one for each of the tokens", "others")
    return vocabulary, list(counts or []), saved.trained(WordVectorModel(len(vocabulary), saved.settings.size))
