"""A transformer in the place of encoder and decoder, which decodes from cached keys and values (after hwdong 7.11.5;
Vaswani et al., "Attention is all you need", NeurIPS 2017).
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Any

from xdl import nn
from xdl.creation import tensor
from xdl.data.text.padding import padded
from xdl.errors import SettingError, expect
from xdl.experiments.translation import teaching
from xdl.experiments.translation.prepared import Languages
from xdl.experiments.translation.transformer import TransformerTranslator
from xdl.experiments.translation.translating import Kind, Translated, train_translator
from xdl.experiments.translation.translator import Translator
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor, no_grad

ROOM = 200  # tokens that a sentence to translate may have, where those of the training are shorter


@dataclass(frozen=True)
class Settings(teaching.Settings):
    """Of the training, and the transformer's sizes. Every step is taught: free ones would take T passes each."""

    epochs: int = setting(14, "passes over the training pairs", low=1)
    lr: float = setting(0.002, "learning rate of the first epoch", above=0)
    teacher_forcing: float = setting(
        1.0, "share of the steps in which the decoder reads the right tokens", low=0, high=1
    )
    size: int = setting(64, "numbers of a token's vector", low=2)
    heads: int = setting(4, "of each attention; a divisor of the size", low=1)
    layers: int = setting(2, "of the encoder, and of the decoder", low=1, high=12)


def build(settings: Settings, languages: Languages) -> nn.Module:
    """The untrained model. Raises SettingError for heads that do not divide the size."""
    fits = settings.size % settings.heads == 0
    expect(fits, SettingError, "heads", f"a divisor of size = {settings.size}", settings.heads)
    sizes = len(languages.source), len(languages.target), settings.size, settings.heads, settings.layers
    return TransformerTranslator(*sizes, settings.dropout, max(ROOM, *languages.longest, languages.limit))


KIND = Kind(build)
TASK = Translator(KIND)
QUICK = {"samples": 500, "epochs": 1, "size": 16, "layers": 1}
PRESETS = teaching.presets(size=128, dropout=0.2, epochs=16, lr=0.001)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains it, translates held-out sentences, and compares; then decodes with the cache and without."""
    trained = train_translator(run, settings, KIND)
    return {**trained.results, **_cached(run, trained)}


@no_grad()
def _cached(run: Run, trained: Translated) -> dict[str, Any]:
    """The same tokens decoded from cached keys and values, and by a full pass for every token: results and seconds."""
    model, languages = trained.model, trained.languages
    texts = trained.held.sentences[:32]
    read = padded([languages.source.encode(languages.tokens(text)) for text in texts])
    source, lengths = (tensor(part, dtype="int64") for part in read)
    tokens: Tensor = tensor([[languages.marks.start]] * len(texts), dtype="int64")
    at, step, found, difference, seconds = model.start(source, lengths), tokens, tokens, 0.0, [0.0, 0.0]
    for _ in range(languages.longest[1]):
        started = perf_counter()
        logits, at, _ = model.step(step, at)
        middle = perf_counter()
        full = model(source, lengths, found)[:, -1:]
        seconds = [seconds[0] + middle - started, seconds[1] + perf_counter() - middle]
        difference = max(difference, (logits - full).abs().amax().item())
        step = logits.argmax(2)
        found = tensor([[*a, *b] for a, b in zip(found.tolist(), step.tolist(), strict=True)], dtype="int64")
    run.see(
        f"decoding {len(texts)} sentences of {languages.longest[1]} tokens takes {seconds[0]:.3f} s from cached keys "
        f"and values, {seconds[1]:.3f} s by a full pass for each token; the logits differ by at most {difference:.1e}"
    )
    return {"cached_seconds": seconds[0], "full_seconds": seconds[1], "cached_difference": difference}
