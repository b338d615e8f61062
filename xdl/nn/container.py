"""Containers of modules and of parameters, which behave as Python's lists and dictionaries."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from typing import Any, ClassVar, Self

from xdl.errors import SettingError
from xdl.nn.base.flops import Negligible
from xdl.nn.module import Module
from xdl.nn.parameter import Parameter


class _List(Module):
    """A list of attributes "0", "1", ... of one kind."""

    _kind: ClassVar[type] = Module

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        self._replace(values or ())

    def _replace(self, values: Iterable[Any]) -> None:
        for name in self._items():
            delattr(self, name)
        for i, value in enumerate(values):
            if not isinstance(value, self._kind):
                wanted = f"{self._kind.__name__.lower()}s"
                raise SettingError(type(self).__name__, wanted, f"{type(value).__name__} as number {i}")
            setattr(self, str(i), value)

    def _items(self) -> dict[str, Any]:
        return dict(self._named(self._kind))

    def _values(self) -> list[Any]:
        return list(self._items().values())

    def __len__(self) -> int:
        return len(self._items())

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values())

    def __getitem__(self, index: int | slice) -> Any:
        found = self._values()[index]
        return type(self)(found) if isinstance(index, slice) else found

    def __setitem__(self, index: int, value: Any) -> None:
        values = self._values()
        values[index] = value
        self._replace(values)

    def __delitem__(self, index: int | slice) -> None:
        values = self._values()
        del values[index]
        self._replace(values)

    def append(self, value: Any) -> Self:
        """Adds one at the end."""
        return self.extend([value])

    def extend(self, values: Iterable[Any]) -> Self:
        """Adds several at the end."""
        self._replace([*self._values(), *values])
        return self

    def insert(self, index: int, value: Any) -> None:
        """Adds one before the place `index`."""
        values = self._values()
        values.insert(index, value)
        self._replace(values)


class ModuleList(_List):
    """A list of modules whose parameters belong to the module that holds it. It has no forward of its own."""


class ParameterList(_List):
    """A list of parameters that belong to the module that holds it."""

    _kind = Parameter

    def extra_repr(self) -> str:
        """The shapes."""
        return ", ".join(str(p.shape) for p in self)


class Sequential(Negligible, _List):
    """Modules run one after the other: Sequential(a, b)(x) is b(a(x)). It adds no operations to theirs.

    Their names are "0", "1", ..., or the keys of the one dictionary given.
    """

    def __init__(self, *modules: Any) -> None:
        if len(modules) == 1 and isinstance(modules[0], Mapping):
            for name, module in modules[0].items():
                self.register_module(name, module)
        else:
            self._replace(modules)

    def forward(self, input: Any) -> Any:
        """The output of the last module."""
        for module in vars(self).values():
            if isinstance(module, Module):
                input = module(input)
        return input

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(dict(list(self._items().items())[index]))
        return self._values()[index]


class _Dict(Module):
    """A dictionary of attributes of one kind."""

    _kind: ClassVar[type] = Module

    def __init__(self, values: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None) -> None:
        self.update(values or ())

    def _items(self) -> dict[str, Any]:
        return dict(self._named(self._kind))

    def __getitem__(self, key: str) -> Any:
        return self._items()[key]

    def __setitem__(self, key: str, value: Any) -> None:
        if value is None:
            raise SettingError(type(self).__name__, f"a {self._kind.__name__}", f"None as {key}")
        self._set(type(self).__name__, key, value, self._kind)

    def __delitem__(self, key: str) -> None:
        self.pop(key)

    def __contains__(self, key: str) -> bool:
        return key in self._items()

    def __len__(self) -> int:
        return len(self._items())

    def __iter__(self) -> Iterator[str]:
        return iter(self._items())

    def keys(self) -> KeysView[str]:
        """The names."""
        return self._items().keys()

    def values(self) -> ValuesView[Any]:
        """What the names stand for."""
        return self._items().values()

    def items(self) -> ItemsView[str, Any]:
        """The pairs of both."""
        return self._items().items()

    def update(self, values: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> None:
        """Adds all pairs."""
        for key, value in dict(values).items():
            self[key] = value

    def pop(self, key: str) -> Any:
        """Takes one out and returns it. Raises KeyError."""
        value = self[key]
        delattr(self, key)
        return value


class ModuleDict(_Dict):
    """A dictionary of modules whose parameters belong to the module that holds it. It has no forward of its own."""


class ParameterDict(_Dict):
    """A dictionary of parameters that belong to the module that holds it."""

    _kind = Parameter

    def extra_repr(self) -> str:
        """The shapes."""
        return ", ".join(f"{name}: {p.shape}" for name, p in self.items())
