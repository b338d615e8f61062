"""How many threads compute: what was set, else XDL_NUM_THREADS, else as many as there are cores for this process."""

from __future__ import annotations

import os

from xdl.errors import SettingError, expect


def _default_threads() -> int:
    text = os.environ.get("XDL_NUM_THREADS")
    if text is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    right = text.isdecimal() and int(text) >= 1
    expect(right, SettingError, "XDL_NUM_THREADS", "a whole number of at least 1", repr(text))
    return int(text)


chosen = [0]  # 0 until the first use, so that a wrong XDL_NUM_THREADS is reported there and not by the import


def get_num_threads() -> int:
    """How many threads `parallel` and BLAS use. Raises SettingError for a wrong XDL_NUM_THREADS."""
    if not chosen[0]:
        chosen[0] = _default_threads()
    return chosen[0]
