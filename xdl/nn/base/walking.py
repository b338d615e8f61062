"""Walking a module and all below it: modules, parameters and buffers by their paths, such as "features.3.weight"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from xdl.errors import SettingError, nearest
from xdl.nn.base.holding import Holder
from xdl.nn.parameter import Buffer, Parameter

if TYPE_CHECKING:
    from xdl.nn.module import Module

Named = Iterator[tuple[str, Any]]


class Walker(Holder):
    """What finds modules, parameters and buffers."""

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """(name, module) for each direct child, in the order of definition; a shared one once."""
        seen = set[int]()
        for name, child in self._named(Holder):
            if id(child) not in seen:
                seen.add(id(child))
                yield name, child

    def children(self) -> Iterator[Module]:
        """The direct children."""
        return (child for _, child in self.named_children())

    def named_modules(
        self, prefix: str = "", remove_duplicate: bool = True, memo: set[Any] | None = None
    ) -> Iterator[tuple[str, Module]]:
        """(path, module) for this module (at prefix) and all below it, parents first; a shared one once, or always.

        memo: modules that are left out, with what only they hold; those that were found are added
        """
        seen = set[Any]() if memo is None else memo
        left: list[tuple[str, Any]] = [(prefix, self)]
        while left:
            path, module = left.pop()
            if not (remove_duplicate and module in seen):
                seen.add(module)
                yield path, module
                left += [(f"{path}.{name}" if path else name, m) for name, m in [*module._named(Holder)][::-1]]

    def modules(self, remove_duplicate: bool = True) -> Iterator[Module]:
        """This module and all below it, parents first; a shared one once, or at each of its places."""
        return (module for _, module in self.named_modules(remove_duplicate=remove_duplicate))

    def _named_below(self, kind: type, prefix: str, recurse: bool, once: bool) -> Named:
        seen = set()
        parts: Any = self.named_modules(prefix, once) if recurse else [(prefix, self)]
        for path, module in parts:
            for name, tensor in module._named(kind, f"{path}." if path else ""):
                if not once or id(tensor) not in seen:
                    seen.add(id(tensor))
                    yield name, tensor

    def named_parameters(self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True) -> Named:
        """(path, parameter) for each parameter here and, with recurse, below; a shared one once, or under each path."""
        return self._named_below(Parameter, prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Each parameter here and, with recurse, below."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True) -> Named:
        """(path, buffer) for each buffer here and, with recurse, below; a shared one once, or under each path."""
        return self._named_below(Buffer, prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Buffer]:
        """Each buffer here and, with recurse, below."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def get_submodule(self, target: str) -> Module:
        """The module at a path such as "features.3"; "" is this one. Raises SettingError with the nearest path."""
        return _at("get_submodule", target, self.named_modules(remove_duplicate=False))  # type: ignore[no-any-return]

    def get_parameter(self, target: str) -> Parameter:
        """The parameter at a path such as "features.3.weight". Raises SettingError with the nearest path."""
        return _at("get_parameter", target, self.named_parameters(remove_duplicate=False))  # type: ignore[no-any-return]

    def get_buffer(self, target: str) -> Buffer:
        """The buffer at a path such as "features.3.running_mean". Raises SettingError with the nearest path."""
        return _at("get_buffer", target, self.named_buffers(remove_duplicate=False))  # type: ignore[no-any-return]


def _at(operation: str, target: str, named: Named) -> Any:
    if target not in (found := dict(named)):
        raise SettingError(operation, "a path in the module", repr(target), nearest(str(target), found))
    return found[target]
