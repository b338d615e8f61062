"""Passes over the data: which batches each consists of, and where the consumer stands, so that it can be resumed.

A pass draws everything at its start: the order of its batches, and the step of the stream "augment" that all its
augmentation follows. So its batches can be made in any order and on any thread, and the whole pass is told by where
the streams stood before it. The indices themselves are made when they are asked for (`xdl/data/order.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np

from xdl.data.batch_sampler import draw_batches
from xdl.data.sampler import Stateful, set_stream, stream_state
from xdl.errors import CheckpointError, XdlError
from xdl.random import Stream

State = dict[str, Any]
SHORT = 1 << 16  # batches of a short pass
COVERED = {True: 1 << 22, False: 1 << 14}  # indices that the digest covers, of a short pass and of a longer one
HINT = "Use the dataset, sampler, batch size and shuffle of the loader that was saved"


@dataclass
class Pass:
    """One pass. before: where the streams stood; seed, step: of its augmentation; delivered: batches so far.

    number: how many this loader has begun, with it
    """

    indices: Sequence[np.ndarray]
    before: State
    seed: int
    step: int
    delivered: int = 0
    number: int = 0

    def numbers(self, batch: int) -> Stream:
        """The random numbers of a batch: a stream of its own, of 4096 draws."""
        stream = Stream(self.seed, "augment batch")
        stream.step = self.step << 40 | batch << 12
        return stream

    @cached_property
    def digest(self) -> str:
        """Tells this order from others of as many batches."""
        batches, left = [], COVERED[len(self.indices) <= SHORT]
        for batch in self.indices:
            batches.append(batch)
            left -= len(batch)
            if left <= 0:
                break
        whole = sha256(np.array([len(batch) for batch in batches], np.int64).tobytes())
        for batch in batches:
            whole.update(batch.tobytes())
        return whole.hexdigest()[:32]


class Passes:
    """The passes of one loader. augment: the stream of its augmentation, None without any."""

    def __init__(self, batch_sampler: Iterable[Sequence[int] | np.ndarray], augment: Stream | None) -> None:
        self.batch_sampler, self.augment = batch_sampler, augment
        self.begun = 0
        self.newest: Pass | None = None  # until its iterator has said that it is over
        self._resumed = False  # whether the next iterator goes on with it

    def begin(self) -> Pass:
        """A new pass, or the one that `load_state_dict` found unfinished."""
        if self.newest is None or not self._resumed:
            self.newest = self._draw()
            self.begun += 1
        self._resumed = False
        self.newest.number = self.begun
        return self.newest

    def end(self, finished: Pass) -> None:
        """The consumer knows that there are no more batches in this pass."""
        if self.newest is finished:
            self.newest = None

    def state_dict(self) -> State:
        """The streams, and of an unfinished pass where they stood before it and what was delivered of it."""
        unfinished = self.newest and {
            "before": self.newest.before,
            "delivered": self.newest.delivered,
            "batches": len(self.newest.indices),
            "order": self.newest.digest,
        }
        return {"passes": self.begun, "now": self._streams(), "unfinished": unfinished}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes back to where `state_dict` was called; on an error everything stays as it is."""
        _check(state)
        before = self._streams()
        try:
            unfinished = self._draw_again(state["unfinished"]) if state["unfinished"] is not None else None
            self._set_streams(state["now"])
        except BaseException as error:
            self._set_streams(before)
            if isinstance(error, XdlError) or not isinstance(error, Exception):
                raise
            found = f"{type(error).__name__}: {error}"  # of a sampler of one's own
            raise CheckpointError("DataLoader", "a state that its sampler takes", found, HINT) from error
        self.begun, self.newest, self._resumed = state["passes"], unfinished, unfinished is not None

    def _draw(self) -> Pass:
        before = self._streams()
        indices = draw_batches(self.batch_sampler)
        if self.augment is None:
            return Pass(indices, before, seed=0, step=0)
        return Pass(indices, before, self.augment.key[0], self.augment.advance())

    def _draw_again(self, saved: Mapping[str, Any]) -> Pass:
        self._set_streams(saved["before"])
        found = self._draw()
        if (len(found.indices), found.digest) != (saved["batches"], saved["order"]):
            expected = f"the order of the {saved['batches']} batches that was saved"
            raise CheckpointError("DataLoader", expected, f"another of {len(found.indices)}", HINT)
        found.delivered = saved["delivered"]
        return found

    def _streams(self) -> State:
        sampler = self.batch_sampler.state_dict() if isinstance(self.batch_sampler, Stateful) else {}
        return {"sampler": sampler, "augment": {} if self.augment is None else stream_state(self.augment)}

    def _set_streams(self, saved: Mapping[str, Any]) -> None:
        for name, present in self._streams().items():
            if bool(present) != bool(saved[name]):
                drawn = {True: "draws by chance", False: "draws nothing"}
                expected = f"a loader whose {name} {drawn[bool(saved[name])]}"
                raise CheckpointError("DataLoader", expected, f"one that {drawn[bool(present)]}", HINT)
        if isinstance(self.batch_sampler, Stateful):
            self.batch_sampler.load_state_dict(saved["sampler"])
        if self.augment is not None:
            set_stream(self.augment, saved["augment"])


def _check(state: Any) -> None:
    """Raises CheckpointError unless this has the form of a loader's state."""
    unfinished = state.get("unfinished") if isinstance(state, Mapping) else None
    fits = isinstance(state, Mapping) and state.keys() == {"passes", "now", "unfinished"}
    fits = fits and _is_count(state["passes"]) and _is_streams(state["now"])
    if fits and unfinished is not None:
        fits = isinstance(unfinished, Mapping) and unfinished.keys() == {"before", "delivered", "batches", "order"}
        fits = fits and _is_streams(unfinished["before"]) and isinstance(unfinished["order"], str)
        counts = [unfinished.get("delivered"), unfinished.get("batches")] if fits else []
        fits = fits and all(map(_is_count, counts)) and counts[0] <= counts[1]
    if not fits:
        raise CheckpointError("DataLoader", "the state_dict of a DataLoader", repr(state)[:200])


def _is_streams(value: Any) -> bool:
    named = isinstance(value, Mapping) and value.keys() == {"sampler", "augment"}
    return named and all(isinstance(stream, Mapping) for stream in value.values())


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
