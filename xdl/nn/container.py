"""Containers of modules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from xdl.errors import SettingError
from xdl.nn.module import Module


class Sequential(Module):
    """Modules run one after the other: Sequential(a, b)(x) is b(a(x)). Their names are "0", "1", ..."""

    def __init__(self, *modules: Module) -> None:
        for i, module in enumerate(modules):
            if not isinstance(module, Module):
                raise SettingError("Sequential", "modules", f"{type(module).__name__} as number {i}")
            setattr(self, str(i), module)

    def forward(self, input: Any) -> Any:
        """The output of the last module."""
        for module in vars(self).values():
            if isinstance(module, Module):
                input = module(input)
        return input

    def __len__(self) -> int:
        return sum(1 for _ in self.children())

    def __iter__(self) -> Iterator[Module]:
        return self.children()

    def __getitem__(self, index: int | slice) -> Any:
        modules = list(self.children())
        return Sequential(*modules[index]) if isinstance(index, slice) else modules[index]
