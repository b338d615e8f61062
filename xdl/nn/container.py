"""Containers that behave as Python's lists: of modules, of parameters, and of modules that run one after the other.

Those that behave as dictionaries are in `dictionary.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Self, SupportsIndex

from xdl.errors import KindError, SettingError
from xdl.nn.base.collections import ordered
from xdl.nn.base.flops import Negligible
from xdl.nn.base.holding import Absent, Holder
from xdl.nn.dictionary import ModuleDict as ModuleDict
from xdl.nn.dictionary import ParameterDict as ParameterDict
from xdl.nn.module import Module
from xdl.nn.parameter import Parameter
from xdl.nn.together import ACTIVATIONS, LAYERS, activated
from xdl.tensor import Tensor


class _List(Module):
    """A list of attributes "0", "1", ... of one kind."""

    _kind: ClassVar[type] = Module

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        self.extend(() if values is None else values)

    def _fit(self, value: Any, name: str) -> Any:
        """The value as an element. Raises KindError, or SettingError for a module that holds this one."""
        if not isinstance(value, self._kind):
            wanted = f"{self._kind.__name__.lower()}s"
            raise KindError(type(self).__name__, wanted, f"{type(value).__name__} as number {name}")
        if isinstance(value, Module):
            self._check_holding(name, value)
        return value

    def _replace(self, values: Iterable[Any]) -> None:
        """Names all anew: "0", "1", ..."""
        fitting = {str(i): self._fit(value, str(i)) for i, value in enumerate(values)}
        for name in self._items():
            delattr(self, name)
        self._take(fitting)

    def _take(self, fitting: dict[str, Any]) -> None:
        vars(self).update(fitting)
        for name in [name for name, value in fitting.items() if value is None]:
            self._note_absent(name, Absent(Holder))

    def _items(self) -> dict[str, Any]:
        absent = self._absent
        return {n: v for n, v in vars(self).items() if isinstance(v, self._kind) or (v is None and n in absent)}

    def _values(self) -> list[Any]:
        return list(self._items().values())

    def __len__(self) -> int:
        return len(self._items())

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values())

    def __getitem__(self, index: SupportsIndex | slice) -> Any:
        found = self._values()[index]
        return type(self)(found) if isinstance(index, slice) else found

    def __setitem__(self, index: SupportsIndex, value: Any) -> None:
        name = list(self._items())[index]
        setattr(self, name, self._fit(value, name))

    def __delitem__(self, index: SupportsIndex | slice) -> None:
        values = self._values()
        del values[index]
        self._replace(values)

    def __add__(self, other: Iterable[Any]) -> Self:
        return type(self)([*self, *ordered(type(self).__name__, other)])

    def __iadd__(self, other: Iterable[Any]) -> Self:
        return self.extend(other)

    def append(self, value: Any) -> Self:
        """Adds one at the end; raises KindError for another kind."""
        return self.extend([value])

    def extend(self, values: Iterable[Any]) -> Self:
        """Adds several at the end; raises KindError for another kind, and for a set, which has no order."""
        n = len(self)
        fitting = {str(i): self._fit(value, str(i)) for i, value in enumerate(ordered(type(self).__name__, values), n)}
        self._take(fitting)
        return self

    def insert(self, index: int, value: Any) -> Self:
        """Adds one before the place `index`."""
        values = self._values()
        values.insert(index, value)
        self._replace(values)
        return self

    def pop(self, index: SupportsIndex | slice) -> Any:
        """Takes one out, or those of a slice, and returns it."""
        found = self[index]
        del self[index]
        return found


class ModuleList(_List):
    """A list of modules, or None, whose parameters belong to the module that holds it. It has no forward of its own."""

    def __init__(self, modules: Iterable[Module | None] | None = None) -> None:
        super().__init__(modules)

    def _fit(self, value: Any, name: str) -> Any:
        return None if value is None else super()._fit(value, name)


class ParameterList(_List):
    """A list of parameters that belong to the module that holds it. Tensors become parameters."""

    _kind = Parameter

    def _fit(self, value: Any, name: str) -> Any:
        is_other = isinstance(value, Tensor) and not isinstance(value, Parameter)
        return super()._fit(Parameter(value) if is_other else value, name)

    def extra_repr(self) -> str:
        """The shapes."""
        return ", ".join(str(p.shape) for p in self)


class Sequential(Negligible, _List):
    """Modules run one after the other: Sequential(a, b)(x) is b(a(x)). It adds no operations to theirs; a linear layer,
    convolution or batch norm and the activation after it may run as one (`together.py`).

    Their names are "0", "1", ..., or the keys of the one dictionary given; taking one out names all anew.
    """

    def __init__(self, *modules: Any) -> None:
        if len(modules) == 1 and isinstance(modules[0], Mapping):
            for name, module in modules[0].items():
                self.register_module(name, self._fit(module, name))
        else:
            super().__init__(modules)

    def forward(self, input: Any) -> Any:
        """The output of the last module."""
        layer = None
        for module in vars(self).values():
            if not isinstance(module, Module):
                continue
            if layer is not None and type(module) in ACTIVATIONS:
                input, layer = activated(layer, module, input), None
                continue
            if layer is not None:
                input, layer = layer(input), None
            if type(module) in LAYERS:
                layer = module
            else:
                input = module(input)
        return input if layer is None else layer(input)

    def __getitem__(self, index: SupportsIndex | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(dict(list(self._items().items())[index]))
        return self._values()[index]

    def __add__(self, other: Iterable[Any]) -> Self:
        return type(self)(*self, *ordered(type(self).__name__, other))

    def __mul__(self, times: int) -> Self:
        """The same modules several times over, which share their parameters. Raises SettingError below 1."""
        return type(self)(*self._repeated(times))

    __rmul__ = __mul__

    def __imul__(self, times: int) -> Self:
        return self.extend(self._repeated(times)[len(self) :])

    def _repeated(self, times: int) -> list[Any]:
        if not isinstance(times, int) or times < 1:
            raise SettingError("Sequential", "a whole number of at least 1 to multiply with", repr(times))
        return self._values() * times
