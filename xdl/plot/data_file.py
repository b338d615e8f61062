"""The data of a figure as one file; the package's docstring describes the format."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from xdl.errors import CheckpointError, DataError
from xdl.io.files import storing
from xdl.io.json_text import parse, shown
from xdl.io.tensor_file import OWN, TensorFile, opened, write_tensors
from xdl.plot.figure_data import FigureData

KIND, SPEC = "figure", f"{OWN}figure"
FORMAT = 1


def save_data(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Writes the data of a figure as one safetensors file. It appears whole or not at all; its folder is made.

    Equal data give equal bytes. Raises CheckpointError where the file cannot be written and for options that are too
    long for a file's header (16 MB) or nested too deeply, StorageError where the folder cannot be made.
    """
    target = Path(path)
    with storing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    spec = {"format": FORMAT, "kind": data.kind, "title": data.title, "options": dict(data.options)}
    text = json.dumps(spec, allow_nan=False)
    try:
        parse(text)  # which `load_data` will do
    except ValueError as error:
        raise CheckpointError(f"save_data {path}", "a title and options that JSON can hold", error) from error
    write_tensors("save_data", target, KIND, data.arrays, {SPEC: text})


def load_data(path: str | os.PathLike[str]) -> FigureData:
    """The data of a figure from a file of `save_data`, whose every byte is checked first; loading runs no code.

    Raises CheckpointError for a file that is missing, damaged, no figure's, or of a format to come.
    """
    with opened("load_data", path) as file:
        if file.kind != KIND:
            found = "a file of another program" if file.kind is None else f"one of the kind {shown(file.kind)}"
            hint = "Runs leave the data of their figures in figures/*.safetensors"
            raise CheckpointError("load_data", f"the data of a figure at {path}", found, hint)
        kind, title, options = _spec(file, path)
        try:
            return FigureData(kind, title, file.read(), options)
        except DataError as error:
            raise file.refusal(error) from error


def _spec(file: TensorFile, path: str | os.PathLike[str]) -> tuple[str, str, dict[str, Any]]:
    """Kind, title and options of the figure in a file."""
    try:
        spec = parse(file.metadata.get(SPEC, ""))
    except ValueError as error:
        raise file.refusal(f"one whose {SPEC} is no JSON ({error})") from error
    written = spec.get("format") if isinstance(spec, dict) else None
    if isinstance(written, int) and written > FORMAT:
        hint = "A newer xdl reads it"
        raise CheckpointError("load_data", f"a figure of format {FORMAT} at {path}", f"format {written}", hint)
    if written != FORMAT:
        raise file.refusal(f"one whose {SPEC} has no format")
    kind, title, options = spec.get("kind"), spec.get("title"), spec.get("options")
    if not isinstance(kind, str) or not isinstance(title, str) or not isinstance(options, dict):
        raise file.refusal(f"one whose {SPEC} lacks a kind, a title or options")
    return kind, title, options
