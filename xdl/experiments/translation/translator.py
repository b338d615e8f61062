"""What a run that trained a translator can be asked: its scores on held-out pairs, and translations of sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from xdl.data.text.pairs import checked_tokens
from xdl.errors import SettingError
from xdl.experiments.translation.prepared import FILE, Languages, pairs_named
from xdl.experiments.translation.scores import HeldOut, measured, translate
from xdl.experiments.translation.teaching import held_out, loop_of
from xdl.experiments.translation.translating import TESTED, Kind, translations_of
from xdl.runs.saved_run import SavedRun
from xdl.runs.settings import setting


@dataclass(frozen=True)
class Options:
    """Of a prediction."""

    decoding: str = setting("beam", "how the words are chosen", choices=("beam", "greedy"))
    beam: int = setting(5, "beginnings that the beam search keeps", low=1, high=1000)


@dataclass(frozen=True)
class Translator:
    """The task (`runs.task.RunTask`) of a run that trained a translator; its folder holds vocabulary.json too."""

    kind: Kind
    measures: ClassVar[Mapping[str, str]] = {
        "validation_loss": "min",
        "test_loss": "min",
        "test_chrf": "max",
        "test_exact": "max",
    }
    options: ClassVar[type[Any]] = Options

    def may_change(self, settings: Any) -> tuple[str, ...]:  # noqa: ARG002
        """The epochs: the rate of each is the same however many follow."""
        return ("epochs",)

    def evaluate(self, saved: SavedRun, data_name: str | None, data_dir: Path | None) -> dict[str, Any]:
        """Nats a token, chrF and exact matches on the held-out pairs of the run's data set, beside the baseline.

        Raises SettingError for pairs of other languages.
        """
        name = data_name or saved.about["data"]
        if (name == "dates") != (saved.about["data"] == "dates"):
            raise SettingError(f"xdl eval --data {name}", f"pairs as in {saved.about['data']}", name, "Leave it out")
        languages, settings = self._languages(saved), saved.settings
        pairs = pairs_named(name, settings.samples, data_dir)
        model = self._model(saved, languages)
        held = HeldOut.of(pairs.test, languages, TESTED)
        ways = translations_of(model, pairs, languages, held, settings.beam)
        loss = loop_of(model, settings, []).evaluate(held_out(languages.encoded(pairs.test)))["loss"]
        greedy, beam, nearest = (measured(held, texts) for texts in ways.values())
        return {
            "run": str(saved.path),
            "model": type(model).__name__,
            "data": pairs.description,
            "sentences": len(held.sentences),
            "test_loss": loss,
            "test_chrf": beam["chrf"],
            "test_exact": beam["exact"],
            "greedy_chrf": greedy["chrf"],
            "nearest_chrf": nearest["chrf"],
        }

    def predict(self, saved: SavedRun, inputs: Sequence[str], options: Any) -> dict[str, Any]:
        """The translation of each text.

        Returns {"run", "model", "translations": [{"text", "translation", "log_probability", "ended", "tokens",
        "written", "unknown", "attention"}]}: the mean log-probability of a token; whether the end was written within
        the longest length; the tokens read and written; those of the text that the training did not have, in whose
        place an unknown one is read; and a row of weights for each token written, or None of a model without attention.

        Raises DataError naming the first text without tokens.
        """
        languages = self._languages(saved)
        model = self._model(saved, languages)
        for text in inputs:
            checked_tokens(text, languages.tokens, "xdl predict")
        width = 1 if options.decoding == "greedy" else options.beam
        found = []
        for text, (translation, written) in zip(inputs, translate(model, languages, inputs, width), strict=True):
            tokens = languages.tokens(text)
            found.append(
                {
                    "text": text,
                    "translation": translation,
                    "log_probability": written.value(1.0),
                    "ended": written.ended,
                    "tokens": tokens,
                    "written": languages.target.decode(written.tokens),
                    "unknown": sorted({token for token in tokens if token not in languages.source}),
                    "attention": [row[: len(tokens)] for row in written.weights] or None,
                }
            )
        return {"run": str(saved.path), "model": type(model).__name__, "translations": found}

    def as_text(self, predictions: Mapping[str, Any]) -> str:
        """Each text with its translation, and what in it is unknown."""
        lines = []
        for one in predictions["translations"]:
            lines.append(f"{one['text']} -> {one['translation']}")
            if one["unknown"]:
                lines.append(f"    unknown to the training: {', '.join(map(repr, one['unknown']))}")
            if not one["ended"]:
                lines.append("    it found no end")
        return "\n".join(lines)

    def _languages(self, saved: SavedRun) -> Languages:
        return Languages.from_state(saved.content(FILE), str(saved.path / FILE))

    def _model(self, saved: SavedRun, languages: Languages) -> Any:
        return saved.trained(self.kind.build(saved.settings, languages))
