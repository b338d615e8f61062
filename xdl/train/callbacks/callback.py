"""Callbacks: what watches a training without being part of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from xdl.errors import CheckpointError, expect
from xdl.train.state import load_all

if TYPE_CHECKING:
    from xdl.train.loop import Loop

Watched: TypeAlias = Any  # a Loop; a callback for one kind of it says which: `trainer: Trainer`
Record = dict[str, float]  # one epoch: epoch, train_loss, train_accuracy, validation_loss, ..., lr, step, seconds


class Callback:
    """Override what you need; a callback may read all of the loop, and end the training by `trainer.stop()`.

    trainer: the `Loop`, of which `Trainer` is one. What it trains are `trainer.task.parts()`, by name, and
             `trainer.task.module()`, all models as one: a callback that asks them works for any task
    order:   callbacks of a higher order are told later; those of the same, in the order in which they were given
    """

    order: ClassVar[int] = 0

    def on_fit_start(self, trainer: Watched) -> None:
        """Before the first step of a fit, also of one that goes on after `load_state_dict`."""

    def on_log(self, trainer: Watched, measures: dict[str, float]) -> None:
        """Every `trainer.log_every` steps, before `on_step_end`: the means over this epoch so far, and the speed."""

    def on_step_end(self, trainer: Watched) -> None:
        """After each step of the optimizer. Reading a Tensor here waits for the device, step by step."""

    def on_epoch_end(self, trainer: Watched, record: Record) -> None:
        """After each epoch and its validation."""

    def on_interrupt(self, trainer: Watched) -> None:
        """After the step in which SIGINT or SIGTERM came, before `on_fit_end`: the time to write down the state."""

    def on_fit_end(self, trainer: Watched) -> None:
        """At the end, however the training ended: `trainer.done` tells whether it reached its end by itself."""

    def state_dict(self) -> dict[str, Any]:
        """What it needs to go on after a restart: a tree of dicts, lists, numbers, words, None and Tensors.

        A callback with a state has one from the start: an empty one says that it never has any.
        """
        return {}

    def on_load(self, trainer: Watched) -> None:
        """After all have their states, on the way to `trainer.load_state_dict`. Raises CheckpointError for a state
        that does not fit the models; then nothing is loaded.
        """

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on from a `state_dict`. Raises CheckpointError, before it changes anything, for one that differs."""
        if state:
            raise CheckpointError(f"{type(self).__name__}.load_state_dict", "no state", ", ".join(state))


class Callbacks:
    """Several callbacks, told in order; their states as one, by class name. A second of a class is "Name-2"."""

    def __init__(self, members: Iterable[Callback]) -> None:
        self.members = sorted(members, key=lambda callback: callback.order)

    def tell(self, event: str, trainer: Loop, *details: Any) -> None:
        """Calls a method of each: tell("on_log", trainer, measures)."""
        for member in self.members:
            getattr(member, event)(trainer, *details)

    @contextmanager
    def watching(self, trainer: Loop) -> Iterator[None]:
        """Tells them of the start of a fit, and every one of its end, however it comes."""
        with ExitStack() as ends:
            for member in reversed(self.members):
                ends.callback(member.on_fit_end, trainer)
            self.tell("on_fit_start", trainer)
            yield

    def state_dict(self) -> dict[str, Any]:
        """The state of each that has one."""
        return {name: state for name, member in self._named().items() if (state := member.state_dict())}

    def load_state_dict(self, state: Mapping[str, Any], trainer: Loop | None = None) -> None:
        """Gives each its state. Raises CheckpointError, with nothing changed, where one has a state on one side only,
        or does not take its own. trainer: is shown to them by `on_load`.
        """
        expect(isinstance(state, Mapping), CheckpointError, "callbacks", "a state of each", type(state).__name__)
        named = self._named()
        problems = [f"{name} has a state and is no callback here" for name in state if name not in named]
        problems += [f"the callback {name} has no state" for name in self.state_dict() if name not in state]
        hint = "Give the trainer the same callbacks as when the state was saved"
        load_all("callbacks", {name: named[name] for name in state if name in named}, state, problems, hint)
        if trainer is not None:
            self.tell("on_load", trainer)

    def _named(self) -> dict[str, Callback]:
        named: dict[str, Callback] = {}
        for member in self.members:
            kind = type(member).__name__
            number = 1 + sum(type(other).__name__ == kind for other in named.values())
            named[kind if number == 1 else f"{kind}-{number}"] = member
        return named
