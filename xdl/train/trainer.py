"""Trainer: the training loop, as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import islice
from time import perf_counter
from types import NoneType
from typing import Any

from xdl import random
from xdl.errors import CheckpointError, Interrupted, SettingError, expect
from xdl.functional import cat
from xdl.nn import Module
from xdl.nn.utils import clip_grad_norm_, clip_grad_value_
from xdl.optim import Optimizer
from xdl.tensor import Tensor, no_grad
from xdl.train.callbacks.callback import Callback, Callbacks, Record
from xdl.train.loader import Batch, Loader, go_to, position, rest
from xdl.train.metrics import Metric, RunningMeans
from xdl.train.state import Part, Stateful, load_all, load_exactly, misfits
from xdl.train.stop import Stop

COUNTS = {"epoch": int, "epochs": int, "batch": int, "batches": int, "step": int, "lr": float, "stopped": bool}
PROGRESS = {**COUNTS, "before": int, "seconds": float, "means": dict, "history": list, "loader": dict | NoneType}


class Trainer:
    """Trains a model, and measures it.

    model:      called with all parts of a batch but the last
    loss:       loss(output, target), the mean over the batch: nn.CrossEntropyLoss()
    optimizer:  over the model's parameters
    metrics:    more measures by name, each metric(output, target), a mean over the batch: {"accuracy": accuracy}
    callbacks:  told of every step, log, epoch and end; see `Callback`
    log_every:  steps between logs. Losses are read from the device, and checked, only then and where a state is saved
    accumulate: batches of the loader that make one step of the optimizer: their losses are weighted by their samples,
                so that the step is that of one batch with all of them. An epoch's last step takes what is left
    clip_norm:  the largest norm of the gradient, of all parameters together; the norm before is measured as
                "gradient_norm" (infinity measures and does not clip)
    clip_value: the largest element of the gradient, clipped after the norm
    penalty:    penalty() is added to the loss of each step, and is not part of the measured loss:
                lambda: 1e-4 * nn.utils.l2_penalty(model.parameters())

    Where it stands: `epoch` of `epochs`, `batch` of `batches` in it, `step` over all epochs, `history` (one record
    for each finished epoch), `lr` (the first group's rate in the last step). Raises SettingError for a setting that is
    out of range.
    """

    def __init__(
        self,
        model: Module,
        loss: Callable[[Tensor, Tensor], Tensor],
        optimizer: Optimizer,
        metrics: Mapping[str, Metric] | None = None,
        callbacks: Sequence[Callback] = (),
        log_every: int = 10,
        *,
        accumulate: int = 1,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        penalty: Callable[[], Tensor] | None = None,
    ) -> None:
        expect(log_every >= 1, SettingError, "Trainer", "log_every >= 1", log_every)
        expect(accumulate >= 1, SettingError, "Trainer", "accumulate >= 1", accumulate)
        for name, limit in (("clip_norm", clip_norm), ("clip_value", clip_value)):
            expect(limit is None or limit > 0, SettingError, "Trainer", f"{name} > 0", limit)
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self.metrics = dict(metrics or {})
        self.callbacks = Callbacks(callbacks)
        self.log_every, self.accumulate = log_every, accumulate
        self.clip_norm, self.clip_value, self.penalty = clip_norm, clip_value, penalty
        self.evaluated = model  # what evaluate and predict call: a callback may put averaged weights here
        self.epoch = self.epochs = self.batch = self.batches = self.step = 0
        self.history: list[Record] = []
        self.stopped, self.lr = False, 0.0
        self._loader: Loader | None = None
        self._before = 0  # the epochs before this fit
        self._means = RunningMeans("Trainer.fit")
        self._started, self._seconds = 0.0, 0.0  # of this epoch: when this process began it, the time spent before
        self._resumed: dict[str, Any] | None = None  # the progress that load_state_dict left for fit to take up

    def fit(self, train: Loader, validation: Loader | None = None, epochs: int = 1) -> list[Record]:
        """Trains for that many epochs more; returns the history, one record an epoch: epoch, train_loss,
        train_<metric>, train_samples_per_second, validation_loss, validation_<metric>, lr (of the last step), step,
        seconds.

        The training measures are means over the epoch, while the model changes and in training mode. After
        `load_state_dict`, the call that was interrupted does the rest of its epochs.

        Raises SettingError for epochs below 0; NonFiniteError, naming the step, where a loss is nan or infinite;
        DataError for a loader without batches; Interrupted after a whole step or validation on SIGINT or SIGTERM.
        """
        self._begin(train, epochs)
        with Stop() as stop, self.callbacks.watching(self):
            while not self.done:
                record = self._train_epoch(train, stop)
                if validation is not None:
                    record |= {f"validation_{name}": value for name, value in self.evaluate(validation).items()}
                record |= {"lr": self.lr, "step": self.step, "seconds": self._elapsed()}
                self.history.append(record)
                self.callbacks.tell("on_epoch_end", self, record)
                self._obey(stop)
        return self.history

    def _train_epoch(self, train: Loader, stop: Stop) -> Record:
        """One pass over the data, or the rest of it: its mean measures, and the speed."""
        self._open_epoch()
        self.model.train()
        batches = rest(train, self.batch)
        while group := list(islice(batches, self.accumulate)):
            self.lr = float(self.optimizer.param_groups[0]["lr"])
            self._train_step(group)
            if self.step % self.log_every == 0:
                step_time = {"seconds_per_step": self._elapsed() / -(-self.batch // self.accumulate)}
                self.callbacks.tell("on_log", self, {**self._measured(), **step_time, "lr": self.lr})
            self.callbacks.tell("on_step_end", self)
            self._obey(stop)
        return {"epoch": self.epoch, **{f"train_{name}": value for name, value in self._measured().items()}}

    def _train_step(self, group: list[Batch]) -> None:
        """One step of the optimizer, by the batches of the group."""
        samples = sum(len(target) for *_, target in group)
        self.optimizer.zero_grad()
        for *inputs, target in group:
            output = self.model(*inputs)
            loss = self.loss(output, target)
            total = loss if self.penalty is None else loss + self.penalty()
            (total if len(group) == 1 else total * (len(target) / samples)).backward()
            self._means.add(self.step + 1, len(target), self._measures(loss, output, target))
        self._clip(samples)
        self.optimizer.step()
        self.batch, self.step = self.batch + len(group), self.step + 1

    def evaluate(self, loader: Loader) -> dict[str, float]:
        """The means of the loss and of each metric over all samples; the model is left in evaluation mode."""
        self.evaluated.eval()
        means = RunningMeans("Trainer.evaluate")
        with no_grad():
            for batch, (*inputs, target) in enumerate(loader, 1):
                output = self.evaluated(*inputs)
                means.add(batch, len(target), self._measures(self.loss(output, target), output, target))
        return means.read()

    def predict(self, loader: Loader) -> Tensor:
        """The outputs for all samples, in order, in evaluation mode; targets are not looked at and may be missing."""
        self.evaluated.eval()
        with no_grad():
            return cat([self.evaluated(*(batch[:-1] or batch)) for batch in loader])

    @property
    def done(self) -> bool:
        """Whether the training has come to its end by itself: all epochs are finished, or a callback stopped it."""
        return len(self.history) >= self.epochs or self.stopped

    def stop(self) -> None:
        """Ends `fit` after the epoch in progress."""
        self.stopped = True

    def state_dict(self) -> dict[str, Any]:
        """All that the training needs to go on as if it had never stopped, from any step on:

        model, optimizer, callbacks (by class name), random (the seed and streams), progress (epoch, step, history,
        the means of this epoch so far, the loader's position).

        Its Tensors share memory with the model and the optimizer. Raises NonFiniteError if a loss since the last
        log was not finite: a state that is returned comes from finite losses.
        """
        return {**{name: part.state_dict() for name, part in self._parts().items()}, "progress": self._progress()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes back to a `state_dict`; the next `fit` goes on from there, with the same loaders and settings.

        Raises CheckpointError, with all problems listed and nothing changed, where a name, a shape or a dtype
        differs; what the state says about the loader is checked by `fit`, before its first step.
        """
        progress: Any = state.get("progress") if isinstance(state, Mapping) else None
        load_all("Trainer.load_state_dict", self._parts(), state, misfits("progress", PROGRESS, progress))
        for name in COUNTS:
            setattr(self, name, progress[name])
        self.history, self._before, self._seconds = list(progress["history"]), progress["before"], progress["seconds"]
        self._means.load_state_dict(progress["means"])
        self._started, self._resumed = perf_counter(), progress

    def _parts(self) -> dict[str, Stateful]:
        return {
            "model": Part(self.model.state_dict, partial(load_exactly, self.model)),
            "optimizer": self.optimizer,
            "callbacks": self.callbacks,
            "random": Part(random.get_state, random.set_state),
        }

    def _progress(self) -> dict[str, Any]:
        return {
            **{name: getattr(self, name) for name in COUNTS},
            "before": self._before,
            "seconds": self._elapsed(),
            "means": self._means.state_dict(),
            "history": list(self.history),
            "loader": position(self._loader) if self._resumed is None else self._resumed["loader"],
        }

    def _begin(self, train: Loader, epochs: int) -> None:
        expect(isinstance(epochs, int) and epochs >= 0, SettingError, "Trainer.fit", "epochs: 0, 1, 2, ...", epochs)
        if self._resumed is None:
            self.epoch = self._before = len(self.history)
            self.stopped = False
        else:
            same = self.epoch == len(self.history) or len(train) == self.batches
            expect(same, CheckpointError, "Trainer.fit", f"a loader of {self.batches} batches, as before", len(train))
            go_to(train, self._resumed["loader"])
            self._resumed = None
        self._loader, self.batches, self.epochs = train, len(train), self._before + epochs
        self._started = perf_counter()

    def _open_epoch(self) -> None:
        """Starts a new epoch, unless a state from the middle of one was loaded."""
        if self.epoch == len(self.history):
            self.epoch, self.batch, self._means = self.epoch + 1, 0, RunningMeans("Trainer.fit")
            self._started, self._seconds = perf_counter(), 0.0

    def _clip(self, samples: int) -> None:
        parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        if self.clip_norm is not None:
            norm = clip_grad_norm_(parameters, self.clip_norm)
            self._means.add(self.step + 1, samples, {"gradient_norm": norm})
        if self.clip_value is not None:
            clip_grad_value_(parameters, self.clip_value)

    def _measures(self, loss: Tensor, output: Tensor, target: Tensor) -> dict[str, Tensor]:
        if not self.metrics:
            return {"loss": loss}
        with no_grad():
            return {"loss": loss, **{name: metric(output, target) for name, metric in self.metrics.items()}}

    def _measured(self) -> dict[str, float]:
        """The means over this epoch so far, and the speed."""
        means = self._means.read()
        return {**means, "samples_per_second": self._means.samples / self._elapsed()}

    def _elapsed(self) -> float:
        """The seconds that this epoch has taken."""
        return self._seconds + perf_counter() - self._started

    def _obey(self, stop: Stop) -> None:
        """Leaves the training if a signal asks for it."""
        if stop.signal is not None:
            self.callbacks.tell("on_interrupt", self)
            raise Interrupted(stop.signal, f"after step {self.step}")
