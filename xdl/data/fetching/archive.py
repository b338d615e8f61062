"""Unpacking tar archives that came from elsewhere."""

from __future__ import annotations

import gzip
import tarfile
import zlib
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
    total = 0
    try:
        with _Pieces(archive) as unpacked, tarfile.open(fileobj=unpacked, mode="r:") as tar:
            for count, member in enumerate(tar):
                total += member.size
                _check(archive, member, total, limit)
                if count == MEMBERS:
                    raise DataError(str(archive), f"at most {MEMBERS} members", "more")
                tar.extract(member, folder, filter="data")
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise DataError(str(archive), "a whole .tar.gz archive", error) from error


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
