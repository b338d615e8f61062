"""What a run that trained a language model can be asked: a text that goes on from a prefix, and its nats again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from xdl import nn
from xdl.data import Vocabulary, load_shakespeare
from xdl.errors import SettingError
from xdl.experiments.language.generation import generate, surprise
from xdl.experiments.language.letters import encoded, kept_vocabulary, strands
from xdl.experiments.language.reports import perplexity
from xdl.experiments.language.training import NextCharacter
from xdl.random import Stream
from xdl.runs.saved_run import SavedRun
from xdl.runs.settings import setting
from xdl.train import Loop

Build = Callable[[Any, int], nn.Module]  # (settings, number of characters) -> the untrained model


@dataclass(frozen=True)
class Options:
    """Of a prediction."""

    length: int = setting(200, "characters to write", low=0, high=100_000)
    temperature: float = setting(0.8, "below 1 likely characters become likelier; 0: always the likeliest", low=0)
    top_k: int = setting(0, "draw among so many of the likeliest characters; 0: among all", low=0)
    seed: int = setting(0, "equal seeds write equal texts", low=0)


@dataclass(frozen=True)
class Generator:
    """The task (`runs.task.RunTask`) of a run that trained a language model of characters.

    build: makes the untrained model from the run's settings and the number of characters

    The run's folder holds vocabulary.json, see `Vocabulary.state`, and model.safetensors.
    """

    build: Build
    measures: ClassVar[Mapping[str, str]] = {"test_nats": "min"}
    options: ClassVar[type[Any]] = Options

    def may_change(self, settings: Any) -> tuple[str, ...]:
        """The epochs, unless the schedule was laid out over all of them."""
        return ("epochs",) if settings.schedule == "constant" else ()

    def evaluate(self, saved: SavedRun, data_name: str | None, data_dir: Path | None) -> dict[str, Any]:
        """Nats per character and perplexity on the held-out part of the run's text or of another one.

        Raises SettingError for a text with characters that the model does not know.
        """
        name = data_name or saved.about["data"]
        text, vocabulary = load_shakespeare(name, data_dir), kept_vocabulary(saved)
        unknown = sorted(set(text.test) - set(vocabulary.tokens))
        if unknown:
            expected = f"a text of the {len(vocabulary)} characters of the training"
            raise SettingError(f"xdl eval --data {name}", expected, f"{''.join(unknown)!r} in it", "Leave --data out")
        model = self._model(saved, vocabulary)
        nats = held_out_nats(model, vocabulary.encode(text.test))
        about = {"run": str(saved.path), "model": type(model).__name__, "data": text.description}
        return {**about, "characters": len(text.test), "test_nats": nats, "perplexity": perplexity(nats)}

    def predict(self, saved: SavedRun, inputs: Sequence[str], options: Any) -> dict[str, Any]:
        """Each prefix, what the model writes after it, and how much the prefix surprised it.

        Returns {"run", "model", "texts": [{"prefix", "text", "nats"}]}; "nats": of the prefix, per character after the
        first; None where there is only one. Raises DataError for an empty prefix, and for one with characters that
        the training text did not have.
        """
        vocabulary = kept_vocabulary(saved)
        prefixes = [encoded(f"xdl predict {prefix[:40]!r}", prefix, vocabulary) for prefix in inputs]
        model = self._model(saved, vocabulary)
        texts = []
        for prefix, tokens in zip(inputs, prefixes, strict=True):
            stream = Stream(options.seed, "generate")
            written = generate(model, tokens, options.length, stream, options.temperature, options.top_k)
            after_first = surprise(model, tokens)[1:]
            nats = sum(after_first) / len(after_first) if after_first else None
            texts.append({"prefix": prefix, "text": "".join(vocabulary.decode(written)), "nats": nats})
        return {"run": str(saved.path), "model": type(model).__name__, "texts": texts}

    def as_text(self, predictions: Mapping[str, Any]) -> str:
        """Each prefix with the text after it."""
        parts = []
        for text in predictions["texts"]:
            nats = "" if text["nats"] is None else f"; the prefix: {text['nats']:.3f} nats per character"
            parts.append(f"{predictions['model']}{nats}\n\n{text['prefix']}{text['text']}\n")
        return "\n".join(parts)

    def _model(self, saved: SavedRun, vocabulary: Vocabulary) -> nn.Module:
        return saved.trained(self.build(saved.settings, len(vocabulary)))


def held_out_nats(model: nn.Module, tokens: Any) -> float:
    """Nats per character of a text, read as `letters.strands` says, the state carried from end to end."""
    task = NextCharacter(model, {}, clip=1.0)
    return Loop(task).evaluate(strands(tokens))["loss"]
