"""Models as safetensors files: names, shapes, dtypes and values; nothing in such a file can run code."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from xdl.errors import CheckpointError
from xdl.io.safetensors_header import Entry, listed, shown
from xdl.io.tensor_file import OWN, TensorFile, opened, write_tensors
from xdl.nn import Module

KEY = f"{OWN}model"  # the metadata lie under one key, as JSON: files with equal content are equal byte for byte


def save_model(model: Module, path: str | os.PathLike[str], metadata: Mapping[str, Any] | None = None) -> None:
    """Writes the model's state_dict, and metadata that JSON can hold, as one safetensors file, safely.

    Other programs read it too. Raises CheckpointError where it cannot be written; the old file stays.
    """
    arrays = {name: t.numpy() for name, t in model.state_dict().items()}
    write_tensors("save_model", path, "model", arrays, {KEY: json.dumps(dict(metadata or {}), sort_keys=True)})


def load_model(model: Module, path: str | os.PathLike[str]) -> dict[str, Any]:
    """Loads a safetensors file into the model; returns its metadata ({} for a file of another program).

    Raises CheckpointError, before anything changes, for a file that is missing or damaged, and with a list of all
    entries whose name, shape or dtype differ from the model's.
    """
    with opened("load_model", path) as file:
        metadata = _metadata(file)
        _check(path, file.entries, model)
        model.load_state_dict(file.read())
    return metadata


def _metadata(file: TensorFile) -> dict[str, Any]:
    if file.kind is None:
        return {}
    if file.kind != "model":
        raise file.refusal(f"a file of kind {shown(file.kind)}", "xdl.train.load_state reads what save_state wrote")
    try:
        return dict(json.loads(file.metadata[KEY]))
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise file.refusal(f"one without a model's metadata ({error!r})") from error


def _check(path: object, found: Mapping[str, Entry], model: Module) -> None:
    expected = model.state_dict()
    problems = [f"{name} is missing" for name in expected if name not in found]
    for name, entry in found.items():
        if name not in expected:
            problems.append(f"{shown(name)} is unexpected")
            continue
        if entry.shape != expected[name].shape:
            problems.append(f"{name} has shape {entry.shape} in place of {expected[name].shape}")
        if entry.dtype != expected[name].dtype:
            problems.append(f"{name} has dtype {entry.dtype} in place of {expected[name].dtype}")
    if problems:
        raise CheckpointError(f"load_model {path}", "the model's names, shapes and dtypes", listed(problems))
