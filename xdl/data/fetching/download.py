"""Getting a published set into the cache: from one of its mirrors, checked, whole or not at all."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryDirectory

from xdl.data.fetching.archive import extract
from xdl.data.fetching.mirror import copy
from xdl.data.fetching.places import Place, datasets_folder, locate, pickles, searched
from xdl.data.fetching.sources import RemoteFile, Source
from xdl.errors import DataError

STALE = 86400  # seconds after which what a killed download left behind is removed
SMALL = 1 << 20  # bytes that any archive may unpack to; others to twice their size


def is_offline(given: bool | None = None) -> bool:
    """Whether downloads are off: as given, else by XDL_OFFLINE. Raises DataError unless that is 0 or 1."""
    text = os.environ.get("XDL_OFFLINE") or "0"
    if given is not None:
        return given
    if text not in ("0", "1"):
        raise DataError("XDL_OFFLINE", "0 or 1", repr(text))
    return text == "1"


def tell(line: str) -> None:
    """Writes a line on stderr: a download may take minutes, and stdout belongs to results."""
    print(line, file=sys.stderr, flush=True)


def fetch(
    source: Source,
    data_dir: str | os.PathLike[str] | None = None,
    no_network: bool = False,
    say: Callable[[str], None] = tell,
) -> Place:
    """Where all files of the set are, downloaded into the cache if need be.

    no_network: True never downloads
    say:        is told, in a line each, what is downloaded from where; by default these lines go to stderr

    A set in the data folder is taken as it is; its reader checks it. Files in the cache are checked here: damaged
    ones are downloaded again, or removed where that is not possible. Several processes may fetch the same set: each
    downloads to a name of its own, and the file then appears under its real name at once. Raises DataError, with
    what to do, where no mirror gives a file, where downloads are off, or where the cache cannot be written.
    """
    place = locate(source, data_dir)
    if place is not None and not place.ours:
        return place
    folder = datasets_folder() / source.name
    for file in source.files:
        target = folder / (file.unpacked if file.is_archive else file.name)
        if is_whole(target, file):
            continue
        damaged = target.exists()
        try:
            if no_network:
                found = "a damaged one, which was removed" if damaged else "none, and downloads are off"
                hint = f"Without XDL_OFFLINE=1: xdl data fetch {source.name}; or set XDL_DATA_DIR to a folder with it"
                hint = ". ".join([hint, *_about(source, data_dir)])
                raise DataError(source.name, f"{target.name} in the data folder or in {folder}", found, hint)
            _renew(source, file, target, say, _about(source, data_dir))
        except BaseException:
            if damaged:
                _remove(target)
            raise
    return Place(folder, ours=True)


def _about(source: Source, data_dir: str | os.PathLike[str] | None) -> list[str]:
    """Sentences on where the set was looked for, and what was found in its place."""
    looked = ", ".join(map(str, searched(source, data_dir)))
    return [f"Looked into: {looked}", *filter(None, [pickles(source, data_dir)])]


def is_whole(path: Path, file: RemoteFile) -> bool:
    """Whether a file, or the folder of an unpacked archive, is there with the published content."""
    if file.is_archive:
        return all(_digest(path / name) == digest for name, digest in file.contents.items())
    return _digest(path) == file.sha256


def unpack(archive: Path, source: Source, file: RemoteFile) -> Path:
    """The folder of the cache where the user's own archive is unpacked; unpacks it unless that was done before."""
    target = datasets_folder() / source.name / file.unpacked
    if not is_whole(target, file):
        with _workplace(target.parent) as staging:
            _unpack_into(target, archive, file, staging)
    return target


def _renew(source: Source, file: RemoteFile, target: Path, say: Callable[[str], None], about: list[str]) -> None:
    """Downloads the file and puts it there."""
    with _workplace(target.parent) as staging:
        part = staging / file.name
        _download(source, file, part, say, about)
        if file.is_archive:
            _unpack_into(target, part, file, staging)
        else:
            os.replace(part, target)


def _unpack_into(target: Path, archive: Path, file: RemoteFile, staging: Path) -> None:
    """Unpacks an archive aside, checks its files, and moves them into the target folder one by one."""
    extract(archive, staging, max(2 * file.size, SMALL))
    unpacked = staging / file.unpacked
    if not is_whole(unpacked, file):
        raise DataError(str(archive), f"{', '.join(file.contents)} as published", "others", "Download it again")
    target.mkdir(exist_ok=True)
    for name in file.contents:
        os.replace(unpacked / name, target / name)


@contextmanager
def _workplace(folder: Path) -> Iterator[Path]:
    """A new folder inside this one, removed afterwards, with those that killed processes have left for a day."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(".part-*"):
            with suppress(FileNotFoundError):  # another process has removed it
                if time.time() - left.stat().st_mtime > STALE:
                    shutil.rmtree(left, ignore_errors=True)
        with TemporaryDirectory(prefix=".part-", dir=folder, ignore_cleanup_errors=True) as staging:
            yield Path(staging)
    except OSError as error:
        hint = "Free space or change its permissions, or set XDL_CACHE to another folder"
        raise DataError(str(folder), "a folder that can be written", error.strerror or error, hint) from error


def _download(source: Source, file: RemoteFile, part: Path, say: Callable[[str], None], about: list[str]) -> None:
    """Writes the file as the first mirror sends it that has it whole. about: sentences for the error."""
    failures = []
    for mirror in source.mirrors:
        say(f"{source.name}: downloading {mirror}{file.name} ({file.size / 1e6:.2f} MB)")
        with open(part, "wb") as out:
            problem = copy(mirror + file.name, out, file)
        if not problem:
            return
        say(f"{source.name}: {problem}")
        failures.append(f"{mirror}: {problem}")
    hint = f"Try again later, or get it elsewhere and put it into {source.name}/ in the folder that XDL_DATA_DIR names"
    found = "; ".join(failures)
    raise DataError(source.name, f"{file.name} from one of {len(failures)} mirrors", found, ". ".join([hint, *about]))


def _digest(path: Path) -> str | None:
    """SHA-256 of a file, None if there is none."""
    try:
        with open(path, "rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
