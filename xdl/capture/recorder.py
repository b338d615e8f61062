"""The recorder: runs a step on the host once, and writes down what it calls.

    recorder = Recorder(backend.load("numpy"), inputs)
    with recorder.recording():
        outputs = recorder.ends(step(*inputs))
    replay = recorder.program.function(...)

It hears calls of slots and their backward passes, and operators and functions of recorded arrays between them; each is
one line of the program. Inside a slot kernels compute as always, unheard. Steps of optimizers and draws from streams
are lines that do anew what they do, with the numbers that hold then: a learning rate, a step number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from inspect import signature
from itertools import zip_longest
from threading import get_ident
from typing import Any

from xdl import backend
from xdl.capture.captured import mapped
from xdl.capture.launches import READ, Launch, recorded
from xdl.capture.leaving import leave, update
from xdl.capture.program import Drawn, Key, Named, Program, listed
from xdl.capture.recorded import Recorded, RecordedBackend, Saved, plain, refuse_beside, taken_apart
from xdl.capture.standing import Living, Standing
from xdl.capture.staying import Staying
from xdl.errors import BackendError
from xdl.kernel import Version
from xdl.random import streams
from xdl.tensor import Tensor
from xdl.unwritten import here

HELD = "Keep what a captured step computes only as its output"
NUMBERS = (bool, int, float, str)


class Recorder:
    """Hears what this thread computes (it is an `observe.Launches`) while `recording`.

    owner:  the backend
    inputs: the step's
    known:  the optimizers that an earlier run has heard of
    stays:  whether memory of this run stays, see `Staying`
    """

    def __init__(self, owner: Any, inputs: tuple[Tensor, ...], known: Iterable[Any] = (), stays: bool = False) -> None:
        self.owner, self.xp, self.program = owner, owner.xp, Program(owner.array_types)
        self.launches: list[Launch] = []
        self.slots: list[Launch] = []
        self.inputs = [f"x{i}" for i in range(len(inputs))]
        self.tensors: dict[int, tuple[Tensor, Any]] = {}  # those that are read, with the arrays that they began with
        self.standing, self.living = Standing(inputs, known), list[Living]()  # living: the tensors that live on
        self._given = {id(x.array): (x.array, name) for x, name in zip(inputs, self.inputs, strict=True)}
        self._thread, self._open, self._computing = get_ident(), False, False
        self.staying = Staying(owner, self.program, stays)

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Inside, this thread's operations are heard. Afterwards its tensors have arrays of the host again."""
        array = Tensor.array  # type: ignore[misc]
        stand_in: Any = RecordedBackend(self.owner, self)
        with recorded(self), backend.replaced(self.owner.name, stand_in):
            self._open = True
            type.__setattr__(Tensor, "array", property(partial(self._read, array), array.__set__))
            try:
                yield
            except (AttributeError, TypeError) as error:
                refuse_beside(error)
                raise
            finally:
                self._open = False
                type.__setattr__(Tensor, "array", array)
                for t, _ in self.tensors.values():
                    g = t._grad.array if isinstance(t._grad, Tensor) else t._grad
                    t.array, t._grad = plain(t.array), plain(g)

    def listens(self) -> bool:
        """Whether what runs now is to be recorded: in this thread, and not within a kernel."""
        return self._open and not self._computing and self._thread == get_ident()

    def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """function(*args, **kwargs) on the host's arrays, as a line of the program; the result, recorded."""
        self._hear(function.__name__, enumerate(args), kwargs.items())
        y = self._compute(function, *args, **kwargs)
        first = args[0] if args else None
        if isinstance(first, Saved) and (y is None or type(y) in NUMBERS):
            self.launched("saved", (), (("value", y),))
            return y
        if isinstance(y, Version):
            return self._heard(y, y.name)
        if type(y) in NUMBERS:
            self.reads(function.__name__, first)
        call, used = self.program.call(self.program.bound(function, function.__name__), *args, **kwargs)
        return self._line(y, call, used)

    def write(self, function: Callable[..., Any], x: Recorded, other: Any) -> Recorded:
        """function(x, other), written into x where x is no number."""
        self._hear(function.__name__, enumerate([other]), ())
        y = self._compute(function, x, other)
        call, used = self.program.call(self.program.bound(function, function.__name__), x, other)
        if y is not x.value:
            return self._line(y, call, used)  # type: ignore[no-any-return]
        self.program.add(call, used)
        return x

    def asked(self, function: Callable[..., Any], *args: Any) -> Any:
        """What a function says of dtypes, which is the same in every run."""
        return function(*plain(args))

    def called(self, slot: Any, x: Any, args: tuple[Any, ...]) -> tuple[Any, Any, Any] | None:
        """A slot runs: (version, y, saved), recorded."""
        if not self.listens():
            return None
        names = list(signature(slot.reference.forward).parameters)
        padded = zip_longest(names[: len(args) + 1], (x, *args), fillvalue=names[-1] if names else "")
        self._hear(slot.name, padded, ())
        version = self._compute(slot.chosen, x, *args)
        (y, saved), played = self._again(version, version.forward, x, *args)
        call, used = self.program.call(self.program.bound(version.forward, slot.name), x, *args)
        made: list[Named] = []
        y, of_y = taken_apart(self, y, made)
        same = isinstance(y, Recorded) and saved is y.value  # an in-place operation on the tape asks whether it is
        saved, of_saved = (y, "_") if same else taken_apart(self, saved, made, whole=True)
        self.program.add(call, used, f"{of_y}, {of_saved}" if made else "", made, self.staying.keep(played, made))
        return self._heard(version, slot.name), y, saved

    def _heard(self, version: Version, name: str) -> Version:
        """The version with a backward that is recorded."""
        return replace(version, backward=version.backward and partial(self._backward, name, version))

    def _backward(self, name: str, version: Version, g: Any, saved: Any, needs: Any) -> tuple[Any, ...]:
        depth, here.depth = here.depth, 0  # no gradient is handed out before it is written
        try:
            gradients, played = self._again(version, version.backward, g, saved, needs)
        finally:
            here.depth = depth
        bound = self.program.bound(version.backward, f"{name}_backward")
        return self._line(tuple(gradients), *self.program.call(bound, g, saved, list(needs)), played)  # type: ignore[no-any-return]

    def ends(self, outputs: Any) -> list[Named]:
        """The step is over: its outputs, in order. Each call leaves tensors and gradients as the step."""
        ended: list[Named] = []
        mapped(outputs, lambda y: ended.append(y.array))
        self.standing.refuse_changed_settings()
        of_step = [(t, x) for t, x in self.tensors.values() if id(x) not in self._given]
        held = [(t, t._grad) for t, _ in of_step if t.requires_grad or t._grad is not None]
        moved = [t for t, x in self.tensors.values() if plain(t.array) is not x]
        gradients = [g.array if isinstance(g, Tensor) else g for _, g in held]
        living = [(t, x) for t, x in of_step if plain(t.array) is x and self.program.reads(x)]
        self.living = [Living(t, x, t.requires_grad) for t, x in living]
        leaving = partial(leave, [t for t, _ in held], moved, self.standing.written(t for t, _ in of_step))
        bound, arrays = self.program.bound(leaving, "leave"), [t.array for t in moved]
        self.program.add(*self.program.call(bound, gradients, arrays))
        return ended

    def updates(self, optimizer: Any) -> bool:
        """An optimizer makes a step: each call makes one, by the gradients of that call. True: it is done."""
        if not self.listens():
            return False
        having = [p for group in optimizer.param_groups for p in group["params"] if p._grad is not None]
        gradients = [p._grad.array if isinstance(p._grad, Tensor) else p._grad for p in having]
        step = partial(update, optimizer, having)
        self.standing.updates(optimizer, having)
        for p in having:
            p.array = plain(p.array)
        self._compute(step, *gradients)
        for p, g in zip(having, gradients, strict=True):
            p._grad = g
        self.staying.gather(optimizer, zip(having, gradients, strict=True))
        call, used = self.program.call(self.program.bound(step, f"{type(optimizer).__name__}_step"), *gradients)
        self.program.add(call, used)
        return True

    def drawn(self, stream: Any) -> tuple[Key, Drawn] | None:
        """A stream is asked for a step: each call asks the one of this name, or this one if the seed is its own."""
        if not self.listens():
            return None
        bound, named = self.program.bound, streams.stream(stream.name) is stream
        found = f"{bound(streams.stream, 'stream')}({stream.name!r})" if named else bound(stream, stream.name)
        numbers, step = self._compute(stream.draw)
        key, number = Key(numbers), Drawn(step)
        key.name, number.name = made = [self.program.new("d"), self.program.new("d")]
        self.program.add(f"{found}.draw()", (), listed(made), [key, number])
        return key, number

    def entered(self, operation: str, values: Any) -> Recorded:
        """Values of the host become an array: a copy of them at each call."""
        self.launched(operation, (), (("shape", values.shape), ("values", (values.tolist(), values.dtype.str))))
        source = Recorded(values, self.program.bound(values, "values"), self)
        return self.run(self.xp.copy, source)  # type: ignore[no-any-return]

    def launched(self, name: str, sizes: tuple[Any, ...], numbers: tuple[tuple[str, Any], ...]) -> None:
        """Numbers that must be the same in every run."""
        if self.listens():
            self.launches.append(Launch(name, sizes, numbers))

    def reads(self, operation: str, x: Any) -> None:
        """The host is about to read values of the array."""
        if self.listens() and type(x) in (Recorded, *self.owner.array_types):
            expected = "no values read by the host inside a captured step"
            raise BackendError(operation, expected, f"an array of shape {tuple(x.shape)}", READ)

    def refused(self, error: BackendError) -> None:
        """Something that cannot be captured is about to happen."""
        if self.listens():
            raise error

    def _hear(self, name: str, args: Any, kwargs: Any) -> None:
        """Notes the numbers among arguments. Raises BackendError where the step is over, or within a kernel."""
        if not self.listens():
            raise BackendError(name, "arrays of a captured step only in that step", "one that was kept", HELD)
        numbers = ((str(key), a) for key, a in (*args, *kwargs) if type(a) in NUMBERS)
        self.launches.append(Launch(name, (), tuple(numbers)))

    def _compute(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self._computing = True
        try:
            return function(*plain(args), **plain(kwargs))
        finally:
            self._computing = False

    def _again(self, version: Version, function: Any, *args: Any) -> tuple[Any, Any]:
        """function(*args), and what plays it, of which there may be none."""
        self._computing = True
        try:
            return self.staying.run(version.again, function, args)
        finally:
            self._computing = False

    def _line(self, y: Any, call: str, used: set[str], played: Any = None) -> Any:
        made: list[Named] = []
        found, target = taken_apart(self, y, made)
        self.program.add(call, used, target if made else "", made, self.staying.keep(played, made))
        return found

    def _read(self, array: Any, t: Tensor) -> Any:
        """A tensor's array while this thread records: one of the step, an input, or one that lives on."""
        x = array.__get__(t)
        if not self.listens() or isinstance(x, Recorded):
            return x
        self.tensors.setdefault(id(t), (t, x))
        name = self._given[id(x)][1] if id(x) in self._given else self.program.constant(x)
        return Recorded(x, name, self)
