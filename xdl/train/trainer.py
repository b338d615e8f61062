"""Trainer: the training loop, as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from time import perf_counter
from typing import Protocol

from xdl.errors import SettingError
from xdl.functional import cat
from xdl.nn import Module
from xdl.optim import Optimizer
from xdl.tensor import Tensor, no_grad
from xdl.train.callback import Callback, Callbacks, Record
from xdl.train.metrics import Metric, RunningMeans


class Loader(Protocol):
    """Batches: tuples of Tensors, the target last, each with the samples along the first dimension."""

    def __len__(self) -> int:
        """The number of batches."""

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        """The batches of one pass over the data."""


class Trainer:
    """Trains a model, and measures it.

    model:     called with all parts of a batch but the last
    loss:      loss(output, target), the mean over the batch: nn.CrossEntropyLoss()
    optimizer: over the model's parameters
    metrics:   more measures by name, each metric(output, target), a mean over the batch: {"accuracy": accuracy}
    callbacks: told of every log, epoch and end; see `Callback`
    log_every: steps between logs. Losses are read from the device, and checked, only then and at an epoch's end

    Where it stands: `epoch` of `epochs`, `batch` of `batches` in it, `step` over all epochs, `history` (one record
    an epoch).
    """

    def __init__(
        self,
        model: Module,
        loss: Callable[[Tensor, Tensor], Tensor],
        optimizer: Optimizer,
        metrics: Mapping[str, Metric] | None = None,
        callbacks: Sequence[Callback] = (),
        log_every: int = 10,
    ) -> None:
        if log_every < 1:
            raise SettingError("Trainer", "log_every >= 1", log_every)
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self.metrics = dict(metrics or {})
        self.callbacks = Callbacks(callbacks)
        self.log_every = log_every
        self.epoch = self.epochs = self.batch = self.batches = self.step = 0
        self.history: list[Record] = []

    def fit(self, train: Loader, validation: Loader | None = None, epochs: int = 1) -> list[Record]:
        """Trains for that many epochs more; returns the history, one record an epoch:

        epoch, train_loss, train_<metric>, train_samples_per_second, validation_loss, validation_<metric>, step,
        seconds.
        The training measures are means over the epoch, while the model changes and in training mode. Raises
        NonFiniteError, naming the step, where a loss is nan or infinite; DataError for a loader without batches.
        """
        self.epochs, self.batches = self.epoch + epochs, len(train)
        self.callbacks.on_fit_start(self)
        try:
            while self.epoch < self.epochs:
                self.epoch += 1
                started = perf_counter()
                record: Record = {"epoch": self.epoch}
                record |= {f"train_{name}": value for name, value in self._train_epoch(train).items()}
                if validation is not None:
                    record |= {f"validation_{name}": value for name, value in self.evaluate(validation).items()}
                record |= {"step": self.step, "seconds": perf_counter() - started}
                self.history.append(record)
                self.callbacks.on_epoch_end(self, record)
        finally:
            self.callbacks.on_fit_end(self)
        return self.history

    def _train_epoch(self, train: Loader) -> dict[str, float]:
        """One pass over the data: its mean measures, and the speed."""
        started = perf_counter()
        self.model.train()
        means = RunningMeans("Trainer.fit", self.step)
        for batch, (*inputs, target) in enumerate(train, 1):
            output = self.model(*inputs)
            loss = self.loss(output, target)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            self.batch, self.step = batch, self.step + 1
            means.add(len(target), self._measures(loss, output, target))
            if self.step % self.log_every == 0:
                self.callbacks.on_log(self, {**means.read(), **_speed(means, started)})
        return {**means.read(), **_speed(means, started)}

    def evaluate(self, loader: Loader) -> dict[str, float]:
        """The means of the loss and of each metric over all samples; the model is left in evaluation mode."""
        self.model.eval()
        means = RunningMeans("Trainer.evaluate")
        with no_grad():
            for *inputs, target in loader:
                output = self.model(*inputs)
                means.add(len(target), self._measures(self.loss(output, target), output, target))
        return means.read()

    def predict(self, loader: Loader) -> Tensor:
        """The outputs for all samples, in the loader's order; targets are not looked at and may be missing.

        The model is left in evaluation mode.
        """
        self.model.eval()
        with no_grad():
            return cat([self.model(*(batch[:-1] or batch)) for batch in loader])

    def _measures(self, loss: Tensor, output: Tensor, target: Tensor) -> dict[str, Tensor]:
        with no_grad():
            return {"loss": loss, **{name: metric(output, target) for name, metric in self.metrics.items()}}


def _speed(means: RunningMeans, started: float) -> dict[str, float]:
    return {"samples_per_second": means.samples / (perf_counter() - started)}
