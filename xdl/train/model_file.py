"""Models as safetensors files: names, shapes, dtypes and values; nothing in such a file can run code."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xdl.errors import CheckpointError
from xdl.nn import Module
from xdl.train.files import write_atomic

NAMES = {"BOOL": "bool", "U": "uint", "I": "int", "F": "float"}  # safetensors' kinds of dtype
KEY = "xdl"  # the metadata lie under one key, as JSON: files with equal content are equal byte for byte

Form = tuple[tuple[int, ...], str]  # a tensor's shape and dtype


def save_model(model: Module, path: str | os.PathLike[str], metadata: Mapping[str, Any] | None = None) -> None:
    """Writes the model's state_dict, and metadata that JSON can hold, as one safetensors file, safely."""
    from safetensors.numpy import save

    arrays = {name: t.numpy().copy() for name, t in model.state_dict().items()}  # in C order, as the format is
    write_atomic(path, save(arrays, {KEY: json.dumps(dict(metadata or {}), sort_keys=True)}))


def load_model(model: Module, path: str | os.PathLike[str]) -> dict[str, Any]:
    """Loads a safetensors file into the model; returns its metadata ({} for a file of another program).

    Raises CheckpointError, before anything changes, for a file that is missing or damaged, and with a list of all
    entries whose name, shape or dtype differ from the model's.
    """
    from safetensors import SafetensorError, safe_open

    if not Path(path).is_file():
        raise CheckpointError("load_model", "a safetensors file", f"no file at {path}")
    try:
        with safe_open(path, framework="numpy") as file:
            slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
            found = {name: _form(part) for name, part in slices.items()}
            _check(path, found, {name: (t.shape, t.dtype) for name, t in model.state_dict().items()})
            metadata = dict(json.loads((file.metadata() or {}).get(KEY, "{}")))
            model.load_state_dict({name: file.get_tensor(name) for name in found})
    except (SafetensorError, OSError, json.JSONDecodeError) as error:
        raise CheckpointError("load_model", f"a whole safetensors file at {path}", error) from error
    return metadata


def _form(part: Any) -> Form:
    kind = part.get_dtype().rstrip("0123456789")
    return tuple(part.get_shape()), NAMES.get(kind, kind) + part.get_dtype().removeprefix(kind)


def _check(path: object, found: Mapping[str, Form], expected: Mapping[str, Form]) -> None:
    problems = [f"{name} is missing" for name in expected if name not in found]
    for name, (shape, dtype) in found.items():
        if name not in expected:
            problems.append(f"{name} is unexpected")
            continue
        if shape != expected[name][0]:
            problems.append(f"{name} has shape {shape} in place of {expected[name][0]}")
        if dtype != expected[name][1]:
            problems.append(f"{name} has dtype {dtype} in place of {expected[name][1]}")
    if problems:
        raise CheckpointError(f"load_model {path}", "the model's names, shapes and dtypes", "; ".join(problems))
