"""Containers that behave as Python's dictionaries: of modules, and of parameters. The order is that of insertion."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from typing import Any, ClassVar, Self

from xdl.errors import KindError
from xdl.nn.base.collections import ordered
from xdl.nn.base.holding import Absent, Holder
from xdl.nn.module import Module
from xdl.nn.parameter import Parameter
from xdl.tensor import Tensor

Pairs = Mapping[str, Any] | Iterable[tuple[str, Any]]


class _Dict(Module):
    """A dictionary of attributes of one kind."""

    _kind: ClassVar[type] = Module

    def __init__(self, values: Any = None) -> None:
        self.update(() if values is None else values)

    def _items(self) -> dict[str, Any]:
        return dict(self._named(self._kind))

    def __getitem__(self, key: str) -> Any:
        return self._items()[key]

    def __setitem__(self, key: str, value: Any) -> None:
        if not isinstance(value, self._kind):
            raise KindError(type(self).__name__, f"a {self._kind.__name__} as {key}", type(value).__name__)
        self._register_held(type(self).__name__, key, value, Absent(Holder if self._kind is Module else self._kind))

    def __delitem__(self, key: str) -> None:
        self.pop(key)

    def __contains__(self, key: object) -> bool:
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

    def update(self, values: Pairs) -> None:
        """Adds all pairs. Raises KindError for a set, which has no order, and for values of another kind."""
        name = type(self).__name__
        pairs = values.items() if isinstance(values, Mapping | _Dict) else ordered(name, values)
        for pair in pairs:
            if not isinstance(pair, tuple | list) or len(pair) != 2:
                raise KindError(name, "a dictionary, or (name, value) pairs", type(pair).__name__)
            self[pair[0]] = pair[1]

    def pop(self, key: str) -> Any:
        """Takes one out and returns it. Raises KeyError."""
        value = self[key]
        delattr(self, key)
        return value

    def clear(self) -> None:
        """Takes all out."""
        for key in self._items():
            delattr(self, key)


class ModuleDict(_Dict):
    """A dictionary of modules whose parameters belong to the module that holds it. It has no forward of its own."""

    def __init__(self, modules: Pairs | None = None) -> None:
        super().__init__(modules)


class ParameterDict(_Dict):
    """A dictionary of parameters that belong to the module that holds it. Tensors become parameters."""

    _kind = Parameter

    def __init__(self, parameters: Pairs | None = None) -> None:
        super().__init__(parameters)

    def __setitem__(self, key: str, value: Any) -> None:
        is_other = isinstance(value, Tensor) and not isinstance(value, Parameter)
        super().__setitem__(key, Parameter(value) if is_other else value)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._items())

    def __or__(self, other: Pairs) -> Self:
        made = self.copy()
        made.update(other)
        return made

    def __ror__(self, other: Pairs) -> Self:
        made = type(self)(other)
        made.update(self.items())
        return made

    def __ior__(self, other: Pairs) -> Self:
        self.update(other)
        return self

    def copy(self) -> Self:
        """Another dictionary of the same parameters."""
        return type(self)(self.items())

    def get(self, key: str, default: Any = None) -> Any:
        """The parameter of that name, or the default."""
        return self._items().get(key, default)

    def setdefault(self, key: str, default: Any = None) -> Any:
        """The parameter of that name, which becomes the default where there is none."""
        if key not in self:
            self[key] = default
        return self[key]

    def popitem(self) -> tuple[str, Any]:
        """Takes the last one out, and returns its name and it. Raises KeyError for an empty dictionary."""
        items = self._items()
        if not items:
            raise KeyError("popitem of an empty ParameterDict")
        key = next(reversed(items))
        return key, self.pop(key)

    def fromkeys(self, keys: Iterable[str], default: Any = None) -> Self:
        """Another dictionary with one default under every name; of parameters, the same one."""
        return type(self)(dict.fromkeys(keys, default))

    def extra_repr(self) -> str:
        """The shapes."""
        return ", ".join(f"{name}: {p.shape}" for name, p in self.items())
