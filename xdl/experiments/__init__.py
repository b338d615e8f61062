"""Experiments: the runnable rows of the checklist, one small file each. `xdl list` shows them.

A folder for each part of the books, with a table of its own; `shared` holds what several of them need.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xdl.runs.registry import EXPERIMENTS, Experiment, find, parts, rows_shown

__all__ = ["EXPERIMENTS", "Experiment", "find", "parts", "rows_shown"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from xdl.runs import registry  # which reads the tables of this package

        return getattr(registry, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
