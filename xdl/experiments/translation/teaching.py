"""Training a translator: teacher forcing, clipping, and a rate that decays (hwdong 7.11.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl import functional, nn, optim, random
from xdl.creation import tensor
from xdl.data import DataLoader
from xdl.data.order import host_array
from xdl.data.text.bucketing import LengthBuckets
from xdl.data.text.pairs import EncodedPairs
from xdl.errors import SettingError, expect
from xdl.optim import lr_scheduler
from xdl.runs.settings import setting
from xdl.tensor import Tensor
from xdl.train import Callback, Schedule
from xdl.train.callbacks.callback import Record
from xdl.train.loop import Loop
from xdl.train.supervised import Supervised
from xdl.train.task import Weight

HELD_OUT_BATCH = 128
TATOEBA = {"samples": 6000, "min_count": 2, "dropout": 0.3, "lr": 0.004, "lr_decay": 0.93}


@dataclass(frozen=True)
class Settings:
    """What the training of every translator needs; experiments change defaults and add fields."""

    samples: int = setting(0, "dates, or the shortest pairs of Tatoeba; 0: 3,000 dates, or all pairs", low=0)
    min_count: int = setting(1, "tokens that are rarer in the training part are unknown", low=1)
    epochs: int = setting(8, "passes over the training pairs", low=1)
    batch_size: int = setting(32, "pairs in a step", low=1)
    lr: float = setting(0.01, "learning rate of the first epoch", above=0)
    lr_decay: float = setting(0.9, "factor of the rate after each epoch", above=0, high=1)
    clip_norm: float = setting(1.0, "the longest that a gradient may be", above=0)
    teacher_forcing: float = setting(
        0.9, "share of the steps in which the decoder reads the right tokens, not its own", low=0, high=1
    )
    dropout: float = setting(0.0, "share that is dropped in training", low=0, high=0.9)
    beam: int = setting(5, "beginnings that the beam search keeps", low=1, high=1000)


@dataclass(frozen=True)
class RecurrentSettings(Settings):
    """Those, and the size of a recurrent translator."""

    hidden: int = setting(64, "units of the decoder, and of the encoder in each direction", low=1)


def presets(**more: float) -> dict[str, dict[str, float]]:
    """The defaults of an experiment for Tatoeba's pairs: the 6,000 shortest, or all of those that ship."""
    whole = TATOEBA | {"teacher_forcing": 1.0} | more
    return {"tatoeba": whole, "tatoeba-2000": whole | {"samples": 0}}


class TeacherForcing(Supervised):
    """Learns the next token of the target: of batches as `EncodedPairs` gives them, mean nats a token.

    ratio: in this share of the training steps, drawn by chance, the decoder reads the right tokens of before; in the
           others it reads those that it has just written itself, as when it translates. Measuring always takes the
           right ones

    Raises SettingError for a ratio outside of [0, 1].
    """

    unit = "tokens"

    def __init__(self, model: Any, optimizer: optim.Optimizer, ratio: float, clip_norm: float | None) -> None:
        expect(0 <= ratio <= 1, SettingError, "TeacherForcing", "0 <= ratio <= 1", ratio)
        super().__init__(model, nn.CrossEntropyLoss(ignore_index=0), optimizer, clip_norm=clip_norm)
        self.ratio = ratio

    def weight(self, batch: Any) -> Weight:
        """The target's tokens, END among them."""
        tokens: Tensor = (batch[3] - 1).sum()
        return tokens

    def measure(self, batch: Any) -> dict[str, Any]:
        """The loss: nats a token."""
        source, lengths, target, _ = batch
        before, after = target[:, :-1], target[:, 1:]
        if self.model.training and not self._forced():
            logits = self._free(source, lengths, before)
        else:
            logits = self.model(source, lengths, before)
        return {"loss": self.loss(logits.reshape(-1, logits.shape[2]), after.reshape(-1))}

    def _forced(self) -> bool:
        """Whether this step reads the right tokens."""
        drawn = random.stream("teacher forcing").uniform((1,), like=host_array())
        return float(drawn[0]) < self.ratio

    def _free(self, source: Tensor, lengths: Tensor, before: Tensor) -> Tensor:
        """Logits (B, T, V) where every token but START is the model's own."""
        model: Any = self.model
        at, last, logits = model.start(source, lengths), before[:, :1], []
        for _ in range(before.shape[1]):
            step, at, _ = model.step(last, at)
            logits.append(step)
            last = step.detach().argmax(2)
        return functional.cat(logits, 1)


class StopAfter(Callback):
    """Ends the training after the epoch in which it has taken so many seconds: for comparisons at equal time."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def on_epoch_end(self, trainer: Loop, record: Record) -> None:  # noqa: ARG002
        """Adds up the epochs."""
        if sum(done["seconds"] for done in trainer.history) >= self.seconds:
            trainer.stop()


def loop_of(model: Any, settings: Settings, callbacks: list[Callback]) -> Loop:
    """The training of a model by Adam, as the settings say."""
    weights = [p for p in model.parameters() if p.requires_grad]
    optimizer = optim.Adam(weights, lr=settings.lr)
    task = TeacherForcing(model, optimizer, settings.teacher_forcing, settings.clip_norm)
    schedule = Schedule(lr_scheduler.ExponentialLR(optimizer, settings.lr_decay))
    return Loop(task, [schedule, *callbacks])


def batches(pairs: EncodedPairs, settings: Settings) -> DataLoader:
    """Batches of similar lengths, to train on."""
    return DataLoader(pairs, batch_sampler=LengthBuckets(pairs.lengths, settings.batch_size))


def held_out(pairs: EncodedPairs) -> DataLoader:
    """Batches to measure."""
    return DataLoader(pairs, HELD_OUT_BATCH)


def table_of(vectors: list[list[float]]) -> nn.Embedding:
    """A fixed embedding of these vectors, one a token."""
    return nn.Embedding.from_pretrained(tensor(vectors, dtype="float32"))
