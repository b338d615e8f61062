"""What a module holds: parameters, buffers and other modules, each an attribute under its name.

    a Parameter or a Module   may stand under any name, and moves to the end of its kind where another kind stood;
                              a Module not where a Parameter is
    a Tensor                  under a buffer's name becomes the buffer, as persistent as the one before
                              one that register_buffer made a buffer is a Tensor like others under another name
    None                      may stand under any name, which is still that of a parameter, a buffer or a module
    anything else             not where one of the three is: that would take it out of the state without a word

The rules are PyTorch's. A module that would hold itself, however far below, is refused: whoever walks it would not end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from xdl.errors import KindError, SettingError
from xdl.nn.parameter import Buffer, Parameter, Registered, as_buffer
from xdl.tensor import Tensor


class Absent(NamedTuple):
    """What stood, or will stand, under a name that is None."""

    kind: type
    persistent: bool = True


class Holder:
    """What sets, finds and deletes what a module holds. Other attributes cost one look more."""

    _absent: Mapping[str, Absent] = {}

    def __setattr__(self, name: str, value: Any) -> None:
        held = vars(self).get(name)
        if isinstance(value, _KINDS) or isinstance(held, _KINDS) or name in self._absent:
            value = self._held_value(name, held, value)
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        object.__delattr__(self, name)
        if name in self._absent:
            self._note_absent(name, None)

    def _held_value(self, name: str, held: Any, value: Any) -> Any:
        """What to keep for a value that is assigned to a name; makes room for it. Raises KindError, SettingError."""
        before = self._absent.get(name) or _absent(held)
        kind = before.kind if before else None
        if value is None:
            self._note_absent(name, before)
            return None
        if isinstance(value, Parameter) or kind is Parameter:
            new: type = Parameter
        elif isinstance(value, Holder) or kind is Holder:
            new = Holder
        elif kind is Buffer or (isinstance(value, Buffer) and not isinstance(value, Registered)):
            new = Buffer
        else:
            return value[...] if isinstance(value, Registered) else value
        if not isinstance(value, Tensor if new is Buffer else new):
            hint = ""
            if isinstance(value, Tensor):
                hint = f"Write into it under no_grad(): module.{name}.copy_(value); or assign nn.Parameter(value)"
            raise KindError(f"{type(self).__name__}.{name}", _WANTED[new], type(value).__name__, hint)
        if isinstance(value, Holder):
            self._check_holding(name, value)
        if new is not kind:
            vars(self).pop(name, None)
        if name in self._absent:
            self._note_absent(name, None)
        if isinstance(value, Tensor) and not isinstance(value, Buffer | Parameter):
            return as_buffer(value, before.persistent if before else True)
        return value

    def _note_absent(self, name: str, absent: Absent | None) -> None:
        """Remembers what stands under a name that is None, or forgets it."""
        others = {other: kind for other, kind in self._absent.items() if other != name}
        vars(self)["_absent"] = {**others, name: absent} if absent else others

    def _check_holding(self, name: str, module: Holder) -> None:
        """Raises SettingError if this module is the other, or somewhere below it."""
        left, seen = [(name, module)], set[int]()
        while left:
            path, part = left.pop()
            if part is self:
                hint = "Keep a module above in a list, [parent], or as weakref.ref(parent)"
                place = f"{type(self).__name__}.{name}"
                raise SettingError(place, "a module that does not hold this one", f"this one as {path}", hint)
            if id(part) not in seen:
                seen.add(id(part))
                left += [(f"{path}.{inner}", m) for inner, m in vars(part).items() if isinstance(m, Holder)]

    def _named(self, kind: type, prefix: str = "") -> Iterator[tuple[str, Any]]:
        for name, value in vars(self).items():
            if isinstance(value, kind):
                yield prefix + name, value

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Sets an attribute to a Parameter or to None: `self.name = param`. Raises SettingError for others."""
        self._register_held("register_parameter", name, param, Absent(Parameter))

    def register_module(self, name: str, module: Any) -> None:
        """Sets an attribute to a Module or to None: `self.name = module`. Raises SettingError for others."""
        self._register_held("register_module", name, module, Absent(Holder))

    def add_module(self, name: str, module: Any) -> None:
        """`register_module`, by its older name."""
        self._register_held("add_module", name, module, Absent(Holder))

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Sets an attribute to a Buffer with the tensor's array; one that is not persistent stays out of the state."""
        self._register_held("register_buffer", name, tensor, Absent(Buffer, persistent))

    def _register_held(self, operation: str, name: str, value: Any, absent: Absent) -> None:
        """Sets an attribute to a value or to None, after a look at its name and its kind."""
        if not isinstance(name, str) or not name or "." in name or hasattr(type(self), name):
            raise SettingError(operation, "a name without dots that the class does not use", repr(name))
        taken, wanted = _TAKEN[absent.kind]
        if value is not None and not isinstance(value, taken):
            raise KindError(operation, f"a {wanted} or None as {name}", type(value).__name__)
        if absent.kind is Buffer and isinstance(value, Tensor):
            value = (Buffer if type(value) is Buffer else Registered)(value, absent.persistent)
            if name not in self._absent and _absent(vars(self).get(name)) is None:
                self._note_absent(name, absent)  # by which the name is a buffer's
        setattr(self, name, value)
        if value is None:
            self._note_absent(name, absent)


_KINDS = (Tensor, Holder)
_TAKEN: dict[type, tuple[type, str]] = {  # when a name is registered
    Parameter: (Parameter, "Parameter"),
    Buffer: (Tensor, "Tensor"),
    Holder: (Holder, "Module"),
}
_WANTED: dict[type, str] = {
    Parameter: "an nn.Parameter or None, since a parameter has this name",
    Buffer: "a Tensor or None, since a buffer has this name",
    Holder: "a Module or None, since a module has this name",
}


def _absent(held: Any) -> Absent | None:
    """What is absent when a value is no longer held; None for other values."""
    if isinstance(held, Buffer):
        return Absent(Buffer, held.persistent)
    return next((Absent(kind) for kind in (Parameter, Holder) if isinstance(held, kind)), None)
