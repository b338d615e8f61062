"""Models as safetensors files: names, shapes, dtypes and values; nothing in such a file can run code."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from xdl.errors import CheckpointError
from xdl.io.json_text import parse, shown
from xdl.io.safetensors_header import listed
from xdl.io.tensor_file import OWN, TensorFile, opened, write_tensors
from xdl.nn import Module
from xdl.nn.base.loading import may_lack
from xdl.tensor import Tensor

KEY = f"{OWN}model"  # the metadata lie under one key, as JSON: files with equal content are equal byte for byte


def save_model(model: Module, path: str | os.PathLike[str], metadata: Mapping[str, Any] | None = None) -> None:
    """Writes the model's state_dict, and metadata that JSON can hold, as one safetensors file, safely.

    Other programs read it too. Of tied weights one is written, the first by its name, and the metadata say of each
    other name which one that is, as safetensors.torch.save_model does.

    Raises CheckpointError for metadata that are no JSON and where it cannot be written; the old file stays.
    """
    state = model.state_dict()
    kept = _first_names(state)
    tied = {name: kept[id(t.array)] for name, t in state.items() if not name.startswith(OWN)}
    notes = {name: first for name, first in tied.items() if first != name}
    arrays = {name: t.numpy() for name, t in state.items() if name not in notes}
    write_tensors("save_model", path, "model", arrays, {**notes, KEY: _written(path, dict(metadata or {}))})


def load_model(model: Module, path: str | os.PathLike[str]) -> dict[str, Any]:
    """Loads a safetensors file into the model; returns its metadata ({} for a file of another program).

    A name that the file lacks takes the tensor that the file's metadata name for it, or that of another name of the
    same weights: PyTorch saves tied weights once. Counts of batches, which old files lack, stay as they are.

    Raises CheckpointError, before anything changes, for a file that is missing or damaged, and with a list of all
    entries whose name, shape or dtype differ from the model's.
    """
    with opened("load_model", path) as file:
        metadata = _metadata(file)
        sources = _sources(file, model.state_dict())
        _check(path, file, model, sources)
        arrays = file.read()
        model.load_state_dict({name: arrays[source] for name, source in sources.items()})
    return metadata


def _written(path: object, metadata: dict[str, Any]) -> str:
    """The metadata as JSON that `load_model` reads."""
    try:
        text = json.dumps(metadata, sort_keys=True)
        parse(text, constants=True)
    except (TypeError, ValueError, RecursionError) as error:
        raise CheckpointError(f"save_model {path}", "metadata that JSON can hold", error) from error
    return text


def _metadata(file: TensorFile) -> dict[str, Any]:
    if file.kind is None:
        return {}
    if file.kind != "model":
        raise file.refusal(f"a file of kind {shown(file.kind)}", "xdl.train.load_state reads what save_state wrote")
    try:
        metadata = parse(file.metadata[KEY], constants=True)
    except (KeyError, ValueError) as error:
        raise file.refusal(f"one without a model's metadata ({error})") from error
    if not isinstance(metadata, dict):
        raise file.refusal(f"one whose metadata are {type(metadata).__name__} in place of an object")
    return metadata


def _first_names(state: Mapping[str, Tensor]) -> dict[int, str]:
    """The first name, in the order of letters, of every array; tied weights are one array under several names."""
    names: dict[int, str] = {}
    for name in sorted(state):
        names.setdefault(id(state[name].array), name)
    return names


def _sources(file: TensorFile, expected: Mapping[str, Tensor]) -> dict[str, str]:
    """{name in the model: name in the file}, of those that the file has under a name of their own or of a tied one."""
    tied = _first_names({name: t for name, t in expected.items() if name in file.entries})
    found = {name: (name, file.metadata.get(name), tied.get(id(t.array))) for name, t in expected.items()}
    there = {name: [source for source in sources if source in file.entries] for name, sources in found.items()}
    return {name: sources[0] for name, sources in there.items() if sources}


def _check(path: object, file: TensorFile, model: Module, sources: Mapping[str, str]) -> None:
    expected, optional = model.state_dict(), may_lack(model)
    problems = [f"{name} is missing" for name in expected if name not in sources and name not in optional]
    problems += [f"{shown(name)} is unexpected" for name in file.entries if name not in expected]
    for name, source in sources.items():
        entry = file.entries[source]
        if entry.shape != expected[name].shape:
            problems.append(f"{name} has shape {entry.shape} in place of {expected[name].shape}")
        if entry.dtype != expected[name].dtype:
            problems.append(f"{name} has dtype {entry.dtype} in place of {expected[name].dtype}")
    if problems:
        raise CheckpointError(f"load_model {path}", "the model's names, shapes and dtypes", listed(problems))
