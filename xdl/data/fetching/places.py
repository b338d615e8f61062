"""Where data sets lie on this machine: in the user's data folder, or in xdl's cache."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from xdl.cache import cache_folder
from xdl.data.fetching.sources import RemoteFile, Source
from xdl.errors import DataError


@dataclass(frozen=True)
class Place:
    """A folder that holds a set. ours: in the cache, where xdl may replace damaged files."""

    folder: Path
    ours: bool

    def __str__(self) -> str:
        return f"{self.folder} (cache)" if self.ours else str(self.folder)


def data_folder(given: str | os.PathLike[str] | None = None) -> Path | None:
    """The folder given, else the one in XDL_DATA_DIR, else None.

    It holds a folder for each set: mnist/, fashion-mnist/, cifar10/. Raises DataError where it does not exist.
    """
    chosen = given or os.environ.get("XDL_DATA_DIR")
    if not chosen:
        return None
    folder = Path(os.path.expanduser(chosen))
    if not os.path.isdir(folder):
        what = "data_dir" if given else "XDL_DATA_DIR"
        raise DataError(what, "an existing folder", chosen, "It holds mnist/, fashion-mnist/ and so on")
    return folder


def datasets_folder() -> Path:
    """Where downloads are kept: XDL_CACHE/datasets, else ~/.cache/xdl/datasets."""
    return cache_folder("datasets")


def stored(folder: Path, file: RemoteFile) -> Path | None:
    """The path of a file in this folder, as published or unpacked; None if there is neither."""
    return next((path for path in (folder / file.name, folder / file.unpacked) if path.exists()), None)


def locate(source: Source, data_dir: str | os.PathLike[str] | None = None) -> Place | None:
    """Where all files of a set are: the data folder is looked at first, then the cache; None if nowhere.

    Raises DataError where the data folder has some of the files only.
    """
    if (base := data_folder(data_dir)) is not None:
        folder = base / source.name
        missing = [file.name for file in source.files if stored(folder, file) is None]
        if not missing:
            return Place(folder, ours=False)
        if len(missing) < len(source.files):
            hint = f"Put it there, or see where the set comes from: xdl data list {source.name}"
            raise DataError(source.name, f"{' and '.join(missing)} in {folder}", "only the other files", hint)
    folder = datasets_folder() / source.name
    return Place(folder, ours=True) if all(stored(folder, file) for file in source.files) else None
