"""From samples to a batch on the host, by the rules of PyTorch's default_collate, and from there to Tensors.

Where a rule differs from PyTorch's it refuses more: samples with other keys or kinds than the first one's raise an
error, and nothing of them is dropped. Python floats become float32, as everywhere in xdl; PyTorch makes float64.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Sized
from typing import Any

import numpy as np

from xdl.creation import tensor
from xdl.data.containers import is_named, like_mapping, like_sequence
from xdl.errors import DataError, ShapeError
from xdl.tensor import Tensor

Sample = (
    Any  # a number, array, Tensor or string, or a dict, tuple, namedtuple or list of samples; mostly (image, label)
)
Batch = Any  # the same form, each number and array stacked with the samples along the first dimension

INTEGERS = ("uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64")
DTYPES = ("bool", *INTEGERS, "float32", "float64")
TAKEN = "numbers, arrays, Tensors, strings, dicts, tuples or lists"
HINT = "Let the dataset give something else there, or make the batch with a collate_fn of your own"


def collate(samples: Sequence[Sample], indices: Iterable[int] | None = None) -> Batch:
    """The samples as one batch of host arrays.

    samples: at least one, all of one form
    indices: where they stand in the dataset, for errors; 0, 1, ... without it

    Numbers, arrays and Tensors are stacked: shape (len(samples), ...), in the widest of their dtypes. Python floats
    become float32, ints int64, bools bool. Strings and bytes become a list. Dicts keep their type and keys,
    namedtuples their type; tuples become lists, as in PyTorch, and so do lists. Tensors are read on the host.

    Raises DataError, naming the key and the sample, for None and other values that make no batch, for samples of
    different kinds, keys or numbers of parts, and for Tensors that require a gradient; ShapeError, naming both
    shapes, where they differ.
    """
    if not samples:
        raise DataError("collate", "at least one sample", "none")
    names = [int(i) for i in (range(len(samples)) if indices is None else indices)]
    return _Collation(names).part(samples, "")


def default_collate(samples: Sequence[Sample]) -> Batch:
    """`collate`, with Tensors on the current backend in the place of host arrays: what a collate_fn may begin with."""
    return to_tensors(collate(samples))


def default_convert(sample: Sample) -> Any:
    """The sample with Tensors in the place of its arrays and lists in that of its tuples, unstacked."""
    return to_tensors(sample, list)


def to_tensors(batch: Batch, tuples: type = tuple) -> Any:
    """The batch with Tensors on the current backend in the place of its arrays; what is no array stays as it is.

    tuples: what tuples become; namedtuples stay
    """
    if isinstance(batch, np.ndarray | np.generic):
        return tensor(batch) if batch.dtype.name in DTYPES else batch
    if isinstance(batch, str | bytes | Tensor | range):
        return batch
    if isinstance(batch, Mapping):
        return like_mapping(batch, {key: to_tensors(value, tuples) for key, value in batch.items()})
    if isinstance(batch, Sequence):
        parts = [to_tensors(value, tuples) for value in batch]
        return tuples(parts) if isinstance(batch, tuple) and not is_named(batch) else like_sequence(batch, parts)
    return batch


def host(value: Any) -> np.ndarray:
    """The value as a host array; of a Tensor, a read-only view where it lies there.

    Raises DataError for a Tensor that requires a gradient, which would be lost.
    """
    if not isinstance(value, Tensor):
        return np.asarray(value)
    if value.requires_grad:
        raise DataError("data", "Tensors that require no gradient", "one that does", "Call detach() first")
    values: np.ndarray = value.numpy()
    return values


class _Collation:
    """names: of the samples, for errors. Every `path` leads from a sample to the values: ["boxes"][0]."""

    def __init__(self, names: Sequence[int]) -> None:
        self.names = names

    def part(self, values: Sequence[Any], path: str) -> Batch:
        """What the samples hold at the path, as one."""
        kind = self._kind(values, path)
        if kind == "numbers":
            return self._numbers(values, path)
        if kind == "strings":
            return list(values)
        if kind == "a dict":
            return self._mapping(values, path)
        return self._sequence(values, path)

    def _kind(self, values: Sequence[Any], path: str) -> str:
        first = _kind(values[0])
        for name, value in zip(self.names, values, strict=True):
            kind = _kind(value)
            if kind is None or kind != first:
                expected = f"{TAKEN if kind is None else f'{first} as in sample {self.names[0]}'}{_at(path)}"
                found = "None" if value is None else type(value).__name__
                raise DataError("collate", expected, f"{found} in sample {name}", HINT)
        return str(first)

    def _numbers(self, values: Sequence[Any], path: str) -> np.ndarray:
        if all(_is_plain(value) for value in values):
            return self._plain(values, path)
        arrays: list[np.ndarray] = []
        for name, value in zip(self.names, values, strict=True):
            try:
                array = np.asarray(value, np.float32) if type(value) is float else host(value)
            except DataError as error:
                raise DataError("collate", f"{error.expected}{_at(path)}", f"{error.found} in sample {name}") from error
            if array.dtype.name not in DTYPES:
                raise DataError("collate", f"a dtype of xdl's{_at(path)}", f"{array.dtype} in sample {name}", HINT)
            if arrays and array.shape != arrays[0].shape:
                pairs = sorted([(array.shape, name), (arrays[0].shape, self.names[0])])
                found = f"{pairs[0][0]} and {pairs[1][0]} in samples {pairs[0][1]} and {pairs[1][1]}"
                raise ShapeError("collate", f"the same shape in every sample{_at(path)}", found, HINT)
            arrays.append(array)
        dtypes = {array.dtype for array in arrays}
        return np.stack(arrays, dtype=_widest(dtypes) if len(dtypes) > 1 else dtypes.pop().newbyteorder("="))

    def _plain(self, values: Sequence[Any], path: str) -> np.ndarray:
        """Python's own numbers."""
        if any(isinstance(value, float) for value in values):
            return np.array(values, np.float32)
        try:
            return np.array(values, bool if all(isinstance(value, bool) for value in values) else np.int64)
        except OverflowError as error:
            raise DataError("collate", f"integers of 64 bits{_at(path)}", max(values, key=abs), HINT) from error

    def _mapping(self, values: Sequence[Any], path: str) -> Any:
        first = values[0]
        for name, value in zip(self.names, values, strict=True):
            if other := first.keys() ^ value.keys():
                one = sorted(map(repr, other))[0]
                without = self.names[0] if one in map(repr, value) else name
                raise DataError("collate", f"the same keys in every sample{_at(path)}", f"no {one} in sample {without}")
        return like_mapping(first, {key: self.part([v[key] for v in values], f"{path}[{key!r}]") for key in first})

    def _sequence(self, values: Sequence[Any], path: str) -> Any:
        sizes = sorted({len(value) for value in values})
        if len(sizes) > 1:
            raise DataError("collate", f"samples with the same number of parts{_at(path)}", sizes, HINT)
        columns = zip(*values, strict=True)
        return like_sequence(values[0], [self.part(column, f"{path}[{i}]") for i, column in enumerate(columns)])


def _at(path: str) -> str:
    return f" at {path}" if path else ""


def _kind(value: Any) -> str | None:
    """Which rule takes a value; None for no rule."""
    if isinstance(value, str | bytes):
        return "strings"
    if isinstance(value, Tensor | np.ndarray | np.generic | int | float):
        return "numbers"
    if isinstance(value, Mapping):
        return "a dict"
    return "a sequence" if isinstance(value, Sequence) and isinstance(value, Sized) else None


def _is_plain(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, np.generic)


def _widest(dtypes: set[np.dtype[Any]]) -> np.dtype[Any]:
    """The common dtype by PyTorch's rule: a floating one wins over integers, an integer over bool."""
    for kinds in ("f", "iu"):
        some = [dtype for dtype in dtypes if dtype.kind in kinds]
        if some:
            common = np.result_type(*some)
            if kinds == "iu" and common.kind == "f":
                raise DataError("collate", "integers with a common dtype", " and ".join(sorted(map(str, some))), HINT)
            return common
    return np.dtype(bool)
