"""States as files: everything that a training needs to go on, in one safetensors file.

A state is a tree of dicts (with strings or whole numbers as keys), lists, None, strings, numbers (also inf and nan),
Tensors and NumPy arrays. Its arrays lie in the file under their dotted paths; the rest, its skeleton, is JSON in the
metadata, in which

    {"#tensor": "model.0.weight"}   stands for an array; every array of the file stands in one place of the state
    {"#numbers": "losses"}          for a long list of floats, kept as a float64 array
    {"#float": "nan"}               for nan, inf or -inf, which JSON lacks
    "#3"                            as a key is the whole number 3, and "##x" the string "#x"
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from math import inf, isfinite, nan
from typing import Any

import xdl
from xdl import backend
from xdl.errors import BackendError, CheckpointError
from xdl.io.json_text import parse, shown
from xdl.io.safetensors_header import METADATA
from xdl.io.tensor_file import OWN, opened, write_tensors
from xdl.tensor import Tensor

FORMAT, VERSIONS, SKELETON = (f"{OWN}{name}" for name in ("format", "versions", "state"))
LONG = 64  # numbers in a list from which they are kept as an array


def save_state(path: str | os.PathLike[str], state: Mapping[str, Any], kind: str = "checkpoint") -> None:
    """Writes a state as the whole file at `path`: after a crash at any moment the old file is there, or the new one.

    kind: what the state is of, which `load_state` asks for again

    Equal states, in equal order, give equal bytes. Raises CheckpointError for a state that holds something else, and
    where the file cannot be written; the old file stays.
    """
    arrays: dict[str, Any] = {}
    np = backend.load("numpy").xp
    versions = {"numpy": np.__version__, "python": platform.python_version(), "xdl": xdl.__version__}
    try:
        skeleton = _packed(state, "", arrays)
        text = json.dumps(skeleton)
        parse(text)  # which `load_state` will do
    except (TypeError, ValueError, RecursionError) as error:
        expected = "dicts, lists, strings, numbers, None, Tensors and arrays in a state"
        hint = "Keep long lists of numbers as arrays"
        raise CheckpointError(f"save_state {path}", expected, error, hint) from None
    metadata = {FORMAT: "1", SKELETON: text, VERSIONS: json.dumps(versions)}
    write_tensors("save_state", path, kind, arrays, metadata)


def load_state(path: str | os.PathLike[str], kind: str = "checkpoint") -> Any:
    """The state in a file of `save_state`, with NumPy arrays in the place of Tensors, and lists in that of tuples.

    The whole file is checked first; loading runs no code. Raises CheckpointError for a file that is missing, damaged,
    of another program or of another kind.
    """
    with opened("load_state", path) as file:
        if file.kind != kind:
            found = "a file of another program" if file.kind is None else shown(file.kind)
            hint = "xdl.train.load_model reads models" if file.kind in (None, "model") else ""
            raise CheckpointError("load_state", f"a {kind} at {path}", found, hint)
        written = file.metadata.get(FORMAT, "")
        if written != "1":
            hint = f"Read it with the xdl that wrote it: {shown(file.metadata.get(VERSIONS, 'unknown'))}"
            raise CheckpointError("load_state", f"format 1 at {path}", f"format {shown(written)}", hint)
        arrays = file.read()
        try:
            state = parse(file.metadata[SKELETON], lambda skeleton: _unpacked(skeleton, arrays))
            if arrays:
                raise ValueError(f"{shown(next(iter(arrays)))} is in no place")
            return state
        except (KeyError, TypeError, ValueError) as error:
            raise file.refusal(f"one whose state does not fit its tensors ({error})") from error


def _packed(value: Any, path: str, arrays: dict[str, Any]) -> Any:
    """The skeleton of a value; its arrays go to `arrays`. Raises TypeError for what a state cannot hold."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else {"#float": str(value)}
    if isinstance(value, Mapping):
        return {_packed_key(key, path): _packed(item, _below(path, key), arrays) for key, item in value.items()}
    if isinstance(value, list | tuple):
        if len(value) >= LONG and all(type(item) is float for item in value):
            return {"#numbers": _put(backend.load("numpy").asarray(value, "float64"), path, arrays)}
        return [_packed(item, _below(path, i), arrays) for i, item in enumerate(value)]
    array = value.array if isinstance(value, Tensor) else value
    try:
        host = backend.of(array).to_numpy(array)
    except BackendError:
        raise TypeError(f"{type(value).__qualname__} at {path!r}") from None
    return {"#tensor": _put(host, path, arrays)}


def _packed_key(key: Any, path: str) -> str:
    if isinstance(key, str):
        return f"#{key}" if key.startswith("#") else key
    if type(key) is int:
        return f"#{key}"
    raise TypeError(f"the key {key!r} at {path!r}")


def _below(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)


def _put(array: Any, path: str, arrays: dict[str, Any]) -> str:
    """Keeps an array under its path, or where another has that ({"a.b": x, "a": {"b": y}}) under a longer name."""
    while path in arrays or path == METADATA:
        path += "'"
    arrays[path] = array
    return path


def _unpacked(skeleton: dict[str, Any], arrays: dict[str, Any]) -> Any:
    """What an object of the skeleton stands for; an array is taken out of `arrays`, so that none is used twice."""
    kinds = [name for name in ("#tensor", "#numbers", "#float") if name in skeleton]
    if not kinds:
        return {_unpacked_key(key): item for key, item in skeleton.items()}
    (kind,), (value,) = kinds, skeleton.values()
    if kind == "#float":
        return {"nan": nan, "inf": inf, "-inf": -inf}[value]
    if value not in arrays:
        raise KeyError(f"no {shown(str(value))}, or it is in two places")
    array = arrays.pop(value)
    if kind == "#tensor":
        return array
    if array.dtype.name != "float64" or array.ndim != 1:
        raise ValueError(f"{shown(value)} is no list of numbers")
    return array.tolist()


def _unpacked_key(key: str) -> str | int:
    if not key.startswith("#"):
        return key
    if key.startswith("##"):
        return key[1:]
    number = int(key[1:])
    if str(number) != key[1:]:
        raise ValueError(f"the key {shown(key)}")
    return number
