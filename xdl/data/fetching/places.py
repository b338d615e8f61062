"""Where data sets lie on this machine: in the user's data folder, or in xdl's cache."""

from __future__ import annotations

import os
import zlib
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from xdl.cache import cache_folder
from xdl.data.fetching.sources import CIFAR10, MNIST, RemoteFile, Source
from xdl.errors import DataError

SHARED = ("raw", ".")  # folders that may hold any set
LABELS = 10008  # bytes of MNIST's test labels
PICKLED = ("cifar-10-batches-py", "cifar-10-python.tar.gz")


@dataclass(frozen=True)
class Place:
    """A folder that holds a set. ours: in the cache, where xdl may replace damaged files."""

    folder: Path
    ours: bool

    def __str__(self) -> str:
        return f"{self.folder} (cache)" if self.ours else str(self.folder)


def data_folder(given: str | os.PathLike[str] | None = None) -> Path | None:
    """The folder given, else the one in XDL_DATA_DIR, else None.

    It holds a folder for each set, as mnist/ (others: `searched`). Raises DataError where it does not exist.
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
    """The path of a file in this folder, as published or unpacked; of an archive also its folder. None without one.

    Names with a dot, as train-images.idx3-ubyte, are taken too, and files in a folder of their own name.
    """
    if file.is_archive:
        if (folder / file.name).is_file():
            return folder / file.name
        if (folder / file.unpacked).is_dir():
            return folder / file.unpacked
        return folder if file.contents and all((folder / name).is_file() for name in file.contents) else None
    plain = (file.unpacked, file.unpacked.replace("-idx", ".idx"))
    names = (
        file.name,
        plain[0],
        f"{plain[1]}.gz",
        plain[1],
        *(f"{outer}/{inner}" for outer in plain for inner in plain),
    )
    return next((folder / name for name in names if (folder / name).is_file()), None)


def searched(source: Source, data_dir: str | os.PathLike[str] | None = None) -> list[Path]:
    """The folders in which a set is looked for, in this order; the last is the cache."""
    base = data_folder(data_dir)
    inside = [] if base is None else [base / folder for folder in (source.name, *source.folders)]
    return [*inside, datasets_folder() / source.name]


def locate(source: Source, data_dir: str | os.PathLike[str] | None = None) -> Place | None:
    """Where all files of a set are: the data folder is looked at first, then the cache; None if nowhere.

    Raises DataError where a folder of the set's own in the data folder has some of the files only, and no other all.
    """
    *inside, cache = searched(source, data_dir)
    partly = None
    for folder, name in zip(inside, (source.name, *source.folders), strict=False):
        missing = [file.name for file in source.files if stored(folder, file) is None]
        own = name not in SHARED
        if not missing and (own or is_mnist(folder) == (source.name == MNIST.name) or source.files[0].is_archive):
            return Place(folder, ours=False)
        if own and partly is None and 0 < len(missing) < len(source.files):
            partly = (folder, missing)
    if partly is not None:
        hint = f"Put it there, or see where the set comes from: xdl data list {source.name}"
        raise DataError(source.name, f"{' and '.join(partly[1])} in {partly[0]}", "only the other files", hint)
    return Place(cache, ours=True) if all(stored(cache, file) for file in source.files) else None


def is_mnist(folder: Path) -> bool:
    """Whether the test labels in this folder are MNIST's: Fashion-MNIST's files have the same names."""
    file = MNIST.files[-1]
    path = stored(folder, file)
    if path is None:
        return False
    with suppress(OSError, zlib.error), open(path, "rb") as labels:
        raw = labels.read(2 * LABELS)
        raw = zlib.decompressobj(wbits=31).decompress(raw, LABELS + 1) if raw.startswith(b"\x1f\x8b") else raw
        return sha256(raw).hexdigest() == file.contents[file.unpacked]
    return False


def pickles(source: Source, data_dir: str | os.PathLike[str] | None = None) -> str:
    """What to say where somebody has only Python's version of CIFAR-10, which is pickles; "" where nobody has."""
    for folder in searched(source, data_dir) if source.name == CIFAR10.name else ():
        for name in PICKLED:
            if (folder / name).exists():
                return (
                    f"{folder / name} holds pickles, which may run any code and are not read: take the binary version"
                )
    return ""
