"""Tar archives that came from elsewhere: unpacked, or read in place."""

from __future__ import annotations

import gzip
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from xdl.errors import DataError

PIECE = 1 << 20  # bytes; contents are read in smaller ones
MEMBERS = 100


def extract(archive: Path, folder: Path, limit: int) -> None:
    """Unpacks a .tar.gz into an existing folder, and nothing outside of it.

    limit: bytes that its files may have in all

    Only plain files and folders are taken, through the tarfile module's data filter. Raises DataError, naming archive
    and member, for links, devices, absolute names, names with "..", more than `limit` bytes or 100 members, and
    damaged archives; what was unpacked before is the caller's to remove.
    """
    if not hasattr(tarfile, "data_filter"):
        raise DataError(str(archive), "a Python whose tarfile has filters", "an older one", "Use 3.11.4 or later")
    with _opened(archive) as tar:
        for member in _checked(archive, tar, limit, MEMBERS):
            tar.extract(member, folder, filter="data")


def contents(archive: Path, wanted: Callable[[str], bool], limit: int, most: int) -> Iterator[tuple[str, bytes]]:
    """(name, content) of the wanted files of a .tar.gz, read in place: nothing is unpacked to the disk.

    wanted: whether a file of that name is given; the others are passed over
    limit:  bytes that all its files may have together, wanted or not
    most:   members that it may have

    Raises DataError as `extract`, and for a wanted file of more than PIECE bytes.
    """
    with _opened(archive) as tar:
        for member in _checked(archive, tar, limit, most):
            if not member.isreg() or not wanted(member.name):
                continue
            if member.size > PIECE:
                raise DataError(str(archive), f"files of at most {PIECE} bytes", f"{member.size} in {member.name!r}")
            file = tar.extractfile(member)
            content = b"" if file is None else file.read()
            if len(content) < member.size:
                raise DataError(str(archive), "a whole .tar.gz archive", f"one that ends in {member.name!r}")
            yield member.name, content


@contextmanager
def _opened(archive: Path) -> Iterator[tarfile.TarFile]:
    """The archive, to be read once from its beginning to its end. Raises DataError where it is damaged."""
    try:
        with _Pieces(archive) as unpacked, tarfile.open(fileobj=unpacked, mode="r:") as tar:
            yield tar
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise DataError(str(archive), "a whole .tar.gz archive", error) from error


def _checked(archive: Path, tar: tarfile.TarFile, limit: int, most: int) -> Iterator[tarfile.TarInfo]:
    """Its members, each checked before it is given."""
    total = 0
    for count, member in enumerate(tar):
        total += member.size
        _check(archive, member, total, limit)
        if count == most:
            raise DataError(str(archive), f"at most {most} members", "more")
        yield member


class _Pieces(gzip.GzipFile):
    """A file that is read in pieces: a header that claims to be larger than one would take that much memory."""

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > PIECE:
            raise DataError(str(self.name), f"headers of at most {PIECE} bytes", size)
        return super().read(size)


def _check(archive: Path, member: tarfile.TarInfo, total: int, limit: int) -> None:
    name = PurePosixPath(member.name)
    if not (member.isreg() or member.isdir()):
        raise DataError(str(archive), "plain files and folders", f"a link or device: {member.name!r}")
    if name.is_absolute() or ".." in name.parts:
        raise DataError(str(archive), "members inside the archive's folder", repr(member.name))
    if total > limit:
        raise DataError(str(archive), f"at most {limit} bytes unpacked", f"more, with {member.name!r}")
