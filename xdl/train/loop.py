"""Loop: how the steps of a task are run, logged, stopped and resumed. What a step is stands in `task.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from math import inf
from time import perf_counter
from typing import Any

from xdl import random
from xdl.errors import CheckpointError, Interrupted, SettingError, expect
from xdl.optim import Optimizer
from xdl.tensor import no_grad
from xdl.train.callbacks.callback import Callback, Callbacks, Record
from xdl.train.captured_steps import CapturedSteps
from xdl.train.listening import Listening
from xdl.train.loader import Batch, Loader, go_to, position, rest
from xdl.train.means import RunningMeans
from xdl.train.net_orders import NetOrders
from xdl.train.standing import COUNTS, as_trained, standing_problems
from xdl.train.state import Part, Stateful, copied, exact, load_all
from xdl.train.stop import Stop
from xdl.train.task import Task, check_task


class Loop:
    """Trains by a task's steps, and measures. It knows no loss, no target and no model.

    task:       what a step is
    callbacks:  told of every step, log, epoch and end; see `Callback`
    log_every:  steps between logs. Measures are read from the device, and checked, only then and where a state is saved
    accumulate: batches of the loader that make one step: task.train_step(*batches). An epoch's last step takes what is
                left. The loop only groups them; how they add up is the task's matter
    capture:    whether steps are captured, see `captured_steps.py`: as fast as their kernels, with the same results

    Where it stands: `epoch` of `epochs`, `batch` of `batches` in it, `step` over all epochs, `history` (one record
    for each finished epoch), `lr` (of the task's first optimizer in the last step, 0 without one). `evaluation` is the
    task that `evaluate` measures: `task` itself, unless a callback put one with averaged weights there.

    Raises SettingError for a setting that is out of range, and for a task whose parts have names that are taken;
    KindError for another capture than True or False.
    """

    task: Task
    evaluation: Task

    def __init__(
        self,
        task: Task,
        callbacks: Sequence[Callback] = (),
        log_every: int = 10,
        *,
        accumulate: int = 1,
        capture: bool = False,
    ) -> None:
        self._name = type(self).__name__
        check_task(self._name, task, log_every, accumulate, capture)
        self.task = self.evaluation = task
        self._captured = CapturedSteps(task) if capture else None
        self.callbacks, self.log_every, self.accumulate = Callbacks(callbacks), log_every, accumulate
        self.epoch = self.epochs = self.batch = self.batches = self.step = 0
        self.history: list[Record] = []
        self.stopped, self.passed, self.lr = False, False, 0.0  # passed: all of the epoch is done but its validation
        self._optimizer: Optimizer | None = None
        self._loader: Loader | None = None
        self._before = 0  # the epochs before this fit
        self._first: int | None = None  # the step before this fit, where it does a number of steps
        self._last: float = inf  # the step at which it ends then
        self._means = RunningMeans(f"{self._name}.fit")
        self._started, self._seconds = 0.0, 0.0  # of this epoch: when this process began it, the time spent before
        self._resumed: dict[str, Any] | None = None  # the progress that load_state_dict left for fit to take up

    def fit(
        self, train: Loader, validation: Loader | None = None, epochs: int = 1, *, steps: int | None = None
    ) -> list[Record]:
        """Trains for that many epochs more, or steps where they are given; returns the history, one record an epoch:
        epoch, train_<measure>, train_samples_per_second, validation_<measure>, lr (of the last step), step, seconds.

        An epoch is a pass over the loader; a number of steps may cut the last one short. The training measures are
        means over the epoch, while the model changes and in training mode. After `load_state_dict`, the call that
        was interrupted does the rest of its epochs or steps.

        Raises SettingError for epochs or steps below 0; NonFiniteError, naming the step, where a measure is nan or
        infinite; DataError for a loader without batches; Interrupted after a step or a batch of validation, by signal.
        """
        self._begin(train, epochs, steps)
        with Stop() as stop, self.callbacks.watching(self):
            while not self.done:
                record = self._train_epoch(train, stop)
                if validation is not None:
                    heard = Listening(validation, stop, self.task.parts(), self._obey)
                    record |= {f"validation_{name}": value for name, value in self.evaluate(heard).items()}
                record |= {**self._rate(), "step": self.step, "seconds": self._elapsed()}
                self.history.append(record)
                self.callbacks.tell("on_epoch_end", self, record)
                self._obey(stop)
        return self.history

    def _train_epoch(self, train: Loader, stop: Stop) -> Record:
        """One pass over the data, or what is left of it: its mean measures, and the speed."""
        self._open_epoch()
        self.task.train()
        batches = iter(()) if self.passed else rest(train, self.batch)
        while group := self._group(batches):
            self._train_step(group)
            if self.step % self.log_every == 0:
                step_time = {"seconds_per_step": self._elapsed() / -(-self.batch // self.accumulate)}
                self.callbacks.tell("on_log", self, {**self._measured(), **step_time, **self._rate()})
            self.callbacks.tell("on_step_end", self)
            self._obey(stop)
        self.passed = True
        return {"epoch": self.epoch, **{f"train_{name}": value for name, value in self._measured().items()}}

    def _group(self, batches: Iterator[Batch]) -> list[Batch]:
        """The batches of the next step; none at the end of the pass, and where a number of steps cuts it short.

        A step asks for no more than there are, so that the loader's state says until its end that the pass goes on.
        """
        left = self.batches - self.batch
        if self.step >= self._last and left > 0:
            return []
        return list(islice(batches, min(self.accumulate, max(1, left))))

    def _train_step(self, group: list[Batch]) -> None:
        """One step of the task, by the batches of the group."""
        if self._optimizer is not None:
            self.lr = float(self._optimizer.param_groups[0]["lr"])
        measures = (self._captured or self.task.train_step)(*group)
        self.batch, self.step = self.batch + len(group), self.step + 1
        self._means.take(self.step, measures)

    def evaluate(self, loader: Loader) -> dict[str, float]:
        """The means of the task's measures over all that counts for them; its models are left in evaluation mode."""
        self.evaluation.eval()
        means = RunningMeans(f"{self._name}.evaluate")
        with no_grad():
            for number, batch in enumerate(loader, 1):
                means.take(number, self.evaluation.evaluate_step(batch))
        return means.read()

    @property
    def done(self) -> bool:
        """Whether the training has come to its end by itself: all is done, or a callback stopped it."""
        if self._last == inf or self.stopped:
            return len(self.history) >= self.epochs or self.stopped
        return self.step >= self._last and self.epoch == len(self.history)

    def stop(self) -> None:
        """Ends `fit` after the epoch in progress."""
        self.stopped = True

    def state_dict(self) -> dict[str, Any]:
        """All that the training needs to go on as if it had never stopped, from any step on:

        the task's parts by name (of a `Trainer`: model, optimizer), callbacks (by class name), random (the seed and
        streams), orders (of memory, see `net_orders.py`), progress (epoch, step, history, means, the loader's place).

        Its Tensors share memory with the parts. Raises NonFiniteError if a measure since the last log was not finite:
        a state that is returned comes from finite measures.
        """
        return {**{name: part.state_dict() for name, part in self._parts().items()}, "progress": self._progress()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes back to a `state_dict`; the next `fit` goes on from there, with the same loaders and settings.

        Raises CheckpointError, with all problems listed and nothing changed, where a name, a shape or a dtype
        differs, or a number is none that a training can reach; what the state says about the loader is checked by
        `fit`, before its first step. Of a best.safetensors the weights that were trained are taken, see `Checkpoints`.
        """
        state, problems = as_trained(state, self.task.parts())
        progress: Any = copied(state.get("progress"))
        problems += standing_problems(progress)
        load_all(f"{self._name}.load_state_dict", self._parts(), state, problems)
        for name in COUNTS:
            setattr(self, name, progress[name])
        self.history, self._before, self._seconds = progress["history"], progress["before"], progress["seconds"]
        self._first, self._last, self.passed = progress.get("first_step"), inf, progress.get("passed", False)
        self._means.load_state_dict(progress["means"])
        self._started, self._resumed = perf_counter(), progress

    def _parts(self) -> dict[str, Stateful]:
        """All that has a state but the progress. Modules load without conversion of dtypes."""
        watching = Part(self.callbacks.state_dict, partial(self.callbacks.load_state_dict, trainer=self))
        drawn, chosen = Part(random.get_state, random.set_state), NetOrders(self.task.parts())
        return {**exact(self.task.parts()), "callbacks": watching, "random": drawn, "orders": chosen}

    def _progress(self) -> dict[str, Any]:
        return {
            **{name: getattr(self, name) for name in COUNTS},
            "before": self._before,
            **({} if self._first is None else {"first_step": self._first}),
            **({"passed": True} if self.passed and self.epoch > len(self.history) else {}),
            "seconds": self._elapsed(),
            "means": self._means.state_dict(),
            "history": list(self.history),
            "loader": position(self._loader) if self._resumed is None else self._resumed["loader"],
        }

    def _begin(self, train: Loader, epochs: int, steps: int | None) -> None:
        operation = f"{self._name}.fit"
        for name, number in {"epochs": epochs, **({} if steps is None else {"steps": steps})}.items():
            expect(isinstance(number, int) and number >= 0, SettingError, operation, f"{name}: 0, 1, 2, ...", number)
        if self._resumed is None:
            self.epoch = self._before = len(self.history)
            self._first, self.stopped = None, False
        else:
            between = self.epoch == len(self.history)
            expected = f"a loader of {self.batches} batches, as before"
            expect(between or len(train) == self.batches, CheckpointError, operation, expected, len(train))
            go_to(operation, train, self._resumed["loader"])
            if self._first is not None and (between or self.passed) and 0 < self.batch < self.batches:
                next(iter(train), None)  # ends the pass that a number of steps cut short: the next epoch is a new one
            self._resumed = None
        self._loader, self.batches = train, len(train)
        self._optimizer = next((part for part in self.task.parts().values() if isinstance(part, Optimizer)), None)
        if steps is None:
            self._first, self._last = None, inf
        else:
            self._first = self.step if self._first is None else self._first
            self._last, epochs = self._first + steps, -(-steps // max(1, -(-len(train) // self.accumulate)))
        self.epochs, self._started = self._before + epochs, perf_counter()

    def _open_epoch(self) -> None:
        """Starts a new epoch, unless a state from the middle of one was loaded."""
        if self.epoch == len(self.history):
            self.epoch, self.batch, self.passed = self.epoch + 1, 0, False
            self._means, self._started, self._seconds = RunningMeans(f"{self._name}.fit"), perf_counter(), 0.0
            self.task.start_epoch()

    def _rate(self) -> dict[str, float]:
        return {} if self._optimizer is None else {"lr": self.lr}

    def _measured(self) -> dict[str, float]:
        """The means over this epoch so far, and the speed."""
        means = self._means.read()
        return {**means, f"{self.task.unit}_per_second": self._means.samples / self._elapsed()}

    def _elapsed(self) -> float:
        """The seconds that this epoch has taken."""
        return self._seconds + perf_counter() - self._started

    def _obey(self, stop: Stop) -> None:
        """Leaves the training if a signal asks for it."""
        if stop.signal is not None:
            self.callbacks.tell("on_interrupt", self)
            raise Interrupted(stop.signal, f"after step {self.step}")
