"""Where the time and the memory of a training go: see `profiler.py`. Loaded only when somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xdl.profiling.profiler import Profile


def profile(memory: bool = False) -> Profile:
    """Measures the time, and the memory if asked, of what runs inside `with profile() as p:`; print(p) shows it."""
    from xdl.profiling.profiler import Profile

    return Profile(memory)
