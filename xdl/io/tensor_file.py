"""Named arrays in one file, in the safetensors format, with a checksum over every byte.

xdl's own files begin with the SHA-256 of the whole file, taken with 64 zeros in the checksum's place: one flipped
bit anywhere is found. Files of other programs carry none and are read all the same. Nothing in a file can run code.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from io import BufferedReader
from stat import S_ISREG
from typing import Any

from xdl import backend
from xdl.errors import CheckpointError, StorageError
from xdl.io.files import atomic
from xdl.io.foreign import conversion
from xdl.io.json_text import LONGEST, shown
from xdl.io.safetensors_header import METADATA, NAMES, Header, listed, read_header, write_header

OWN = "xdl."  # how the names of xdl's own metadata begin
CHECKSUM, KIND = f"{OWN}sha256", f"{OWN}kind"
PREFIX = f'{{"{METADATA}":{{"{CHECKSUM}":"'.encode()
PLACE = slice(8 + len(PREFIX), 8 + len(PREFIX) + 64)  # of the checksum in the file
BLOCK = 1 << 20


def write_tensors(
    operation: str, path: str | os.PathLike[str], kind: str, arrays: Mapping[str, Any], metadata: Mapping[str, str]
) -> None:
    """Writes a file of that kind, of host arrays, and metadata under names that begin with OWN, whole or not at all.

    Raises CheckpointError where the file cannot be written; the old file stays.
    """
    strange = [f"{name} of {array.dtype}" for name, array in arrays.items() if array.dtype.name not in NAMES]
    if strange:
        raise CheckpointError(f"{operation} {path}", f"arrays of {', '.join(NAMES)}", listed(strange))
    ordered = dict(sorted(arrays.items(), key=lambda item: -item[1].itemsize))  # each begins at a multiple of its size
    forms = {name: (array.dtype.name, array.shape) for name, array in ordered.items()}
    hosts = [_little_endian(array) for array in ordered.values()]
    try:
        start = bytearray(write_header(forms, {CHECKSUM: "0" * 64, KIND: kind, **metadata}))
    except ValueError as error:
        hint = "Keep long lists of numbers as arrays"
        raise CheckpointError(f"{operation} {path}", "fewer names and settings", error, hint) from None
    digest = sha256(start)
    for host in hosts:
        digest.update(_bytes(host))
    start[PLACE] = digest.hexdigest().encode()
    try:
        with atomic(path) as part, open(part, "wb") as file:
            file.write(start)
            for host in hosts:
                file.write(_bytes(host))
    except StorageError as error:
        raise CheckpointError(f"{operation} {path}", error.expected, error.found, error.hint) from error


class TensorFile:
    """A file that is open, whose header is checked, and whose checksum too if xdl wrote it.

    entries:  the form of each tensor by name
    metadata: strings by name
    kind:     what xdl wrote it for; None for a file of another program
    """

    def __init__(self, operation: str, path: str | os.PathLike[str], file: BufferedReader) -> None:
        self._operation, self._path, self._file = operation, path, file
        header, self._start = self._read_header()
        self.entries, self.metadata = header.entries, header.metadata
        self.kind: str | None = None
        if any(name.startswith(OWN) for name in self.metadata):
            self._check_sum()
            self.kind = self.metadata.get(KIND, "")

    def read(self) -> dict[str, Any]:
        """All tensors as new host arrays."""
        self._file.seek(self._start)
        return {name: self._array(name, entry.dtype, entry.shape) for name, entry in self.entries.items()}

    def refusal(self, found: object, hint: str = "") -> CheckpointError:
        """The error for a file that is not what it ought to be."""
        return CheckpointError(self._operation, f"a whole safetensors file at {self._path}", found, hint)

    def _read_header(self) -> tuple[Header, int]:
        size = os.fstat(self._file.fileno()).st_size
        first = self._file.read(8)
        length = int.from_bytes(first, "little")
        if len(first) < 8 or length > min(LONGEST, size - 8):
            found = f"{size} bytes that begin with {first!r}"
            raise self.refusal(found, conversion(self._path, first))
        try:
            return read_header(self._file.read(length), size - 8 - length), 8 + length
        except ValueError as error:
            raise self.refusal(error, conversion(self._path, first)) from None

    def _check_sum(self) -> None:
        self._file.seek(0)
        start = bytearray(self._file.read(self._start))
        written = bytes(start[PLACE])
        start[PLACE] = b"0" * 64
        digest = sha256(start)
        while block := self._file.read(BLOCK):
            digest.update(block)
        if start[8 : PLACE.start] != PREFIX or digest.hexdigest().encode() != written:
            hint = "Its bytes have changed since it was written: take an older checkpoint, or a copy"
            raise self.refusal("one whose checksum does not fit", hint)

    def _array(self, name: str, dtype: str, shape: tuple[int, ...]) -> Any:
        np = backend.load("numpy").xp
        try:
            array = np.empty(shape, np.dtype(dtype).newbyteorder("<"))
        except (MemoryError, ValueError) as error:
            raise self.refusal(f"{shown(name)}, which does not fit in memory ({error})") from error
        if self._file.readinto(_bytes(array)) != array.nbytes:
            raise self.refusal(f"one that was cut at {shown(name)} while it was read")
        if dtype == "bool" and array.size and array.view("u1").max() > 1:
            raise self.refusal(f"{shown(name)}, whose values are neither true nor false")
        return array


@contextmanager
def opened(operation: str, path: str | os.PathLike[str]) -> Iterator[TensorFile]:
    """A file to read. Raises CheckpointError if it is missing, no safetensors file, damaged, or cannot be read."""
    try:
        if not S_ISREG(os.stat(path).st_mode):
            raise CheckpointError(operation, "a safetensors file", f"something else at {path}")
        with open(path, "rb") as file:
            yield TensorFile(operation, path, file)
    except FileNotFoundError:
        raise CheckpointError(operation, "a safetensors file", f"no file at {path}") from None
    except OSError as error:
        raise CheckpointError(operation, f"a file at {path} that can be read", error) from error


def _little_endian(array: Any) -> Any:
    return backend.load("numpy").xp.asarray(array, array.dtype.newbyteorder("<"), order="C")


def _bytes(array: Any) -> Any:
    return array.reshape(-1).view("u1").data
