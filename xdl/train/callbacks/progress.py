"""Progress for people: a live bar on a terminal, a plain line an epoch elsewhere."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, TextIO

from xdl.train.callbacks.callback import Callback, Record

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from xdl.train.loop import Loop

FORMS = {"seconds_per_step": "{:.2g} s/step", "lr": "lr {:.3g}"}
SPEED = "_per_second"
SMALL = 1e-3  # below it four places hide how far a loss has fallen


class Progress(Callback):
    """Writes to `stream`: on a terminal a bar with the measures and the time left, everywhere a line an epoch."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._bar: Bar | None = None
        self._started = 0.0
        self._first = 0

    def on_fit_start(self, trainer: Loop) -> None:
        """Opens the bar on a terminal."""
        self._started, self._first = perf_counter(), batches_done(trainer)
        if self._stream.isatty():
            self._bar = _open_bar(self._stream, trainer.epochs * trainer.batches)
            self._bar.update(self._bar.task_ids[0], completed=self._first)

    def on_log(self, trainer: Loop, measures: dict[str, float]) -> None:
        """Moves the bar."""
        if self._bar is not None:
            done = batches_done(trainer)
            text = f"epoch {trainer.epoch}/{trainer.epochs}"
            self._bar.update(self._bar.task_ids[0], completed=done, description=text, measures=listed(measures))

    def on_epoch_end(self, trainer: Loop, record: Record) -> None:
        """Writes the epoch's line."""
        elapsed = perf_counter() - self._started
        done = batches_done(trainer)
        left = elapsed / max(1, done - self._first) * (trainer.epochs * trainer.batches - done)
        line = f"{epoch_line(record, trainer.epochs)}  {record['seconds']:.1f} s, {left:.0f} s left"
        if self._bar is not None:
            self._bar.console.print(line, highlight=False, soft_wrap=True)
        else:
            print(line, file=self._stream, flush=True)

    def on_fit_end(self, trainer: Loop) -> None:  # noqa: ARG002
        """Closes the bar."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def batches_done(trainer: Loop) -> int:
    """The training batches of all epochs so far."""
    finished = len(trainer.history)
    return finished * trainer.batches + (trainer.batch if trainer.epoch > finished else 0)


def epoch_line(record: Record, epochs: int) -> str:
    """One epoch in words: "epoch  3/10  train loss 0.2190 accuracy 0.9336 6120 samples/s  validation loss ..."."""
    parts = [f"epoch {int(record['epoch']):{len(str(epochs))}}/{epochs}"]
    for group in ("train", "validation"):
        measures = {k.removeprefix(f"{group}_"): v for k, v in record.items() if k.startswith(f"{group}_")}
        if measures:
            parts.append(f"{group} {listed(measures)}")
    if "lr" in record:
        parts.append(listed({"lr": record["lr"]}))
    return "  ".join(parts)


def listed(measures: dict[str, float]) -> str:
    """Measures in a row: "loss 0.2190 accuracy 0.9336 6120 samples/s 0.0052 s/step"."""
    return " ".join(_form(name, value).format(value) for name, value in measures.items())


def _form(name: str, value: float) -> str:
    if name.endswith(SPEED):
        return f"{{:.0f}} {name.removesuffix(SPEED)}/s"
    return FORMS.get(name, f"{name} {{:.2e}}" if 0 < abs(value) < SMALL else f"{name} {{:.4f}}")


def _open_bar(stream: TextIO, steps: int) -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[measures]}"))
    left = (TimeRemainingColumn(), TextColumn("left"))
    bar = Progress(*columns, *left, console=Console(file=stream), transient=True)
    bar.add_task("starting", total=steps, measures="")
    bar.start()
    return bar
