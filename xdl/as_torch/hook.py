"""The import hook: `import torch` finds modules that answer with xdl's names.

Python asks the finders of `sys.meta_path` in turn for a module that is not loaded yet. `install` puts one first that
knows the modules of `table.MODULES`; each becomes an `Answers`, which looks a name up when it is first used.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from xdl.as_torch.said import missing_module
from xdl.as_torch.table import MODULES, answer, answered
from xdl.errors import SettingError, expect

ROOTS = ("torch", "torchvision")


class Answers(ModuleType):
    """A module of PyTorch as xdl has it. Names may be set, as `torch.backends.cudnn.benchmark = True` does."""

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":  # what `from torch.nn import *` takes
            return [name for name in answered(self.__name__) if not name.startswith("_")]
        if name.startswith("__") and name != "__version__":
            raise AttributeError(name)
        value = answer(self.__name__, name)
        setattr(self, name, value)
        return value

    def __dir__(self) -> list[str]:
        return sorted({*self.__dict__, *answered(self.__name__)})


class Finder(MetaPathFinder, Loader):
    """Finds and makes the modules of the table. Raises ModuleNotFoundError for others below `torch`."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> Any:  # noqa: ARG002
        """The specification of a module of the table; None for what is not PyTorch's."""
        if fullname.partition(".")[0] not in ROOTS:
            return None
        if fullname not in MODULES:
            raise ModuleNotFoundError(missing_module(fullname, MODULES), name=fullname)
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module, still without names."""
        return Answers(spec.name, f"{spec.name}, answered by xdl.")

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to do: names are looked up when they are used."""
        if parent := module.__name__.rpartition(".")[0]:
            import_module(parent)


def install() -> None:
    """From here on `import torch` is answered by xdl, in this process. A second call does nothing.

    Raises SettingError where PyTorch itself, or torchvision, is loaded already: the two would be mixed.
    """
    if installed():
        return
    loaded = [name for name in ROOTS if name in sys.modules]
    expect(not loaded, SettingError, "as_torch.install", "a process that has not imported PyTorch", loaded)
    sys.meta_path.insert(0, Finder())


def installed() -> bool:
    """Whether `import torch` is answered by xdl."""
    return any(isinstance(finder, Finder) for finder in sys.meta_path)
