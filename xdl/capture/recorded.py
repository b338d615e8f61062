"""Arrays, a namespace and a backend that stand for the host's own while a step is recorded.

xdl computes with the operators of arrays and the functions of their namespace; so where these record, everything is
recorded. A `Recorded` is no array of NumPy: what would compute past the recorder raises, and never computes unseen.
"""

from __future__ import annotations

import operator
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

from xdl.capture.program import ANEW, Key, Named, listed
from xdl.errors import BackendError

if TYPE_CHECKING:
    from xdl.capture.recorder import Recorder

STATIC = ("dtype", "shape", "ndim", "size", "device", "strides", "flags", "itemsize", "nbytes")  # same in every run
ASKED = ("result_type", "can_cast", "isdtype", "finfo", "iinfo")  # functions that compute nothing
BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor", "lshift", "rshift")
COMPARED = ("lt", "le", "eq", "ne", "gt", "ge")
UNARY = ("neg", "pos", "abs", "invert")
READS = ("bool", "float", "int", "index", "complex", "array", "buffer")


class Recorded(Named):
    """An array of the run that is recorded. `value` is the host's array."""

    __slots__ = ("recorder",)
    __array_ufunc__ = None  # array + recorded goes to Recorded.__radd__
    __hash__ = object.__hash__

    def __init__(self, value: Any, name: str, recorder: Recorder) -> None:
        super().__init__(value, name)
        self.recorder = recorder

    def __getattr__(self, name: str) -> Any:
        if name in STATIC:
            return getattr(self.value, name)
        if name == "T":
            return self.recorder.run(self.recorder.xp.transpose, self)
        raise AttributeError(f"{name} of an array", name=name, obj=self)

    def __getitem__(self, key: Any) -> Any:
        return self.recorder.run(operator.getitem, self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self.recorder.run(operator.setitem, self, key, value)

    def __deepcopy__(self, memo: Any) -> Recorded:
        return self.recorder.run(self.recorder.xp.copy, self)  # type: ignore[no-any-return]

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))


def _operators(name: str) -> dict[str, Any]:
    def forward(self: Recorded, other: Any) -> Any:
        return self.recorder.run(function, self, other)

    def reflected(self: Recorded, other: Any) -> Any:
        return self.recorder.run(function, other, self)

    def in_place(self: Recorded, other: Any) -> Recorded:
        return self.recorder.write(written, self, other)

    function, written = getattr(operator, f"__{name}__"), getattr(operator, f"__i{name}__")
    return {f"__{name}__": forward, f"__r{name}__": reflected, f"__i{name}__": in_place}


def _plain(name: str) -> Any:
    function = getattr(operator, f"__{name}__")

    def run(self: Recorded, *others: Any) -> Any:
        return self.recorder.run(function, self, *others)

    return run


def _read(name: str) -> Any:
    def refuse(self: Recorded, *_: Any, **__: Any) -> Any:
        self.recorder.reads(name, self)

    return refuse


for _name in BINARY:
    for _method, _function in _operators(_name).items():
        setattr(Recorded, _method, _function)
for _name in (*COMPARED, *UNARY):
    setattr(Recorded, f"__{_name}__", _plain(_name))
for _name in READS:
    setattr(Recorded, f"__{_name}__", _read(_name))


class Saved(Named):
    """What a forward saved, whatever it is: the backward gets it as it is, and who looks in sees recorded arrays."""

    __slots__ = ("recorder",)

    def __init__(self, value: Any, name: str, recorder: Recorder) -> None:
        super().__init__(value, name)
        self.recorder = recorder

    def __getitem__(self, i: int) -> Any:
        return self.recorder.run(operator.getitem, self, i)

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self.value)))


class RecordedNamespace:
    """The functions of a namespace, recorded where the recorder listens, else as they are."""

    def __init__(self, xp: Any, recorder: Recorder) -> None:
        self._xp, self._recorder = xp, recorder

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._xp, name)
        if not self._recorder.listens() or isinstance(found, type) or not callable(found):
            return RecordedNamespace(found, self._recorder) if isinstance(found, ModuleType) else found
        return partial(self._recorder.asked if name in ASKED else self._recorder.run, found)


class RecordedBackend:
    """A backend whose arrays are recorded. What is not here is the owner's."""

    def __init__(self, owner: Any, recorder: Recorder) -> None:
        self.owner, self.recorder = owner, recorder
        self.xp = RecordedNamespace(owner.xp, recorder)
        self.array_types = (*owner.array_types, Recorded)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.owner, name)

    @property
    def host_values(self) -> bool:
        """Whether values may be looked at: not while they are recorded."""
        return bool(self.owner.host_values) and not self.recorder.listens()

    def asarray(self, host: Any, dtype: str | None = None, index: int | None = None) -> Any:
        """An array that every call of the captured step makes anew, from values that stay as they are."""
        if isinstance(host, Named):
            host = host.value
        made = self.owner.asarray(host, dtype, index)
        return self.recorder.entered("asarray", made) if self.recorder.listens() else made

    def to_numpy(self, x: Any) -> Any:
        """The door out is closed to recorded arrays."""
        return self.recorder.reads("numpy", x) if isinstance(x, Recorded) else self.owner.to_numpy(x)

    def index(self, x: Any) -> Any:
        """As the owner."""
        return self.owner.index(plain(x))

    def writable(self, x: Any) -> bool:
        """As the owner."""
        return bool(self.owner.writable(plain(x)))

    def shares_memory(self, a: Any, b: Any) -> bool:
        """As the owner."""
        return bool(self.owner.shares_memory(plain(a), plain(b)))

    def check_values(self, *args: Any) -> None:
        """Checked at every call."""
        self._at_every_call(self.owner.check_values, *args)

    def check_range(self, *args: Any, **named: Any) -> None:
        """Checked at every call."""
        self._at_every_call(self.owner.check_range, *args, **named)

    def _at_every_call(self, check: Any, *args: Any, **named: Any) -> None:
        if self.recorder.listens():
            self.recorder.run(check, *args, **named)
        else:
            check(*args, **named)


def refuse_beside(error: AttributeError | TypeError) -> None:
    """Raises BackendError where NumPy's array met a recorded one without a function of the namespace, and for methods
    of arrays: neither is heard.
    """
    if isinstance(error, AttributeError) and isinstance(error.obj, Recorded):
        expected = "functions of the array namespace in a captured step, as xp.sum(x)"
        raise BackendError("capture", expected, f"the method {error.name} of an array") from error
    if isinstance(error, TypeError) and "Recorded" in str(error):
        beside = "one that is not recorded, beside an array of the step"
        found = beside if "__array_ufunc__" in str(error) else str(error)
        raise BackendError("capture", "arrays that live on from run to run", found, ANEW) from error


def taken_apart(recorder: Recorder, y: Any, made: list[Named], whole: bool = False) -> tuple[Any, str]:
    """What a call gave, recorded, and the target that takes it apart, or with whole has it under one name; made: what
    is new in it."""
    if isinstance(y, tuple) and not whole:
        pairs = [taken_apart(recorder, part, made) for part in y]
        parts, target = [part for part, _ in pairs], listed([t for _, t in pairs])
        return (tuple(parts) if type(y) is tuple else type(y)(*parts)), f"({target})" if y else "_"
    if y is None:
        return None, "_"
    kind, letter = (Recorded, "v") if isinstance(y, recorder.owner.array_types) else (Saved, "s")
    made.append(named := kind(y, recorder.program.new(letter), recorder))
    return named, named.name


def plain(thing: Any) -> Any:
    """An argument with the host's own arrays in it."""
    if isinstance(thing, Named):
        return thing.value
    if type(thing) in (list, tuple):
        return type(thing)([plain(part) for part in thing])
    if isinstance(thing, Key):
        return tuple(thing)
    if isinstance(thing, tuple):
        return type(thing)(*[plain(part) for part in thing])
    if type(thing) is dict:
        return {key: plain(part) for key, part in thing.items()}
    if type(thing) is slice:
        return slice(plain(thing.start), plain(thing.stop), plain(thing.step))
    if type(thing) is partial:
        return partial(plain(thing.func), *plain(thing.args), **plain(thing.keywords))
    return thing
