"""Where xdl keeps what it can make or get again: downloaded data sets, compiled kernels.

Each kind has a folder of its own in `XDL_CACHE` (default: ~/.cache/xdl): datasets/, kernels/, numba/, cuda_on_host/.
It is safe to delete the whole folder while no process of xdl runs.
"""

from __future__ import annotations

import os
from pathlib import Path

from xdl.errors import SettingError


def cache_folder(kind: str) -> Path:
    """The folder for one kind of things. It need not exist yet. Raises SettingError where no home folder is known."""
    base = os.environ.get("XDL_CACHE")
    try:
        return (Path(base).expanduser() if base else Path.home() / ".cache" / "xdl") / kind
    except RuntimeError as error:
        raise SettingError("XDL_CACHE", "a folder", base or "none, and no home folder", str(error)) from error
