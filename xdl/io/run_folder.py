"""What a run leaves behind: one folder with its measures, its summary, its model and its figures."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from xdl.errors import NonFiniteError, SettingError
from xdl.io.files import storing, write_atomic
from xdl.io.model_file import save_model
from xdl.nn import Module


class RunFolder:
    """`<root>/<experiment>/<time>/`, made new; every file in it is written whole or not at all.

    above: the folders above it that were made for it, the innermost first

    Raises SettingError where the folder cannot be made or written to, and where its path is no UTF-8, which files are.
    """

    def __init__(self, root: str | os.PathLike[str], experiment: str) -> None:
        _check_name(root)
        parent = Path(root) / experiment
        try:
            self.above = [folder for folder in (parent, *parent.parents) if not folder.exists()]
            self.path = _new_folder(parent, datetime.now().strftime("%Y-%m-%d_%H-%M-%S"))
        except (OSError, ValueError) as error:
            hint = "Give a folder that you may write to with --out"
            raise SettingError("run folder", f"a folder that can be written to at {root}", error, hint) from error

    @classmethod
    def at(cls, path: Path) -> RunFolder:
        """The folder at `path`, made if needed: one that an earlier run left, or a part of a run's."""
        _check_name(path)
        folder = cls.__new__(cls)
        with storing(path):
            path.mkdir(exist_ok=True)
        folder.path, folder.above = path, []
        return folder

    @property
    def files(self) -> list[str]:
        """The names of the files in it, relative to `path`, in order."""
        found = (path.relative_to(self.path) for path in self.path.rglob("*") if path.is_file())
        return sorted(path.as_posix() for path in found if not path.name.startswith("."))

    def remove(self) -> None:
        """Removes it with its files, and of the folders `above` those in which nothing else lies."""
        for name in self.files:
            (self.path / name).unlink()
        self.path.rmdir()
        for folder in self.above:
            if any(folder.iterdir()):
                break
            folder.rmdir()

    def write_json(self, name: str, content: Mapping[str, Any]) -> None:
        """Writes a JSON object, indented. Raises ValueError for nan and infinity, which JSON lacks."""
        text = json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False) + "\n"
        write_atomic(self.path / name, text.encode())

    def save_model(self, model: Module, metadata: Mapping[str, Any]) -> None:
        """Writes model.safetensors. Raises NonFiniteError for a parameter with nan or infinity in it."""
        for name, parameter in model.named_parameters():
            if not parameter.isfinite().all().item():
                hint = "The last step of the training went astray: a lower learning rate often helps"
                raise NonFiniteError("run folder", f"a model of finite values in {name}", "nan or infinity", hint)
        save_model(model, self.path / "model.safetensors", metadata)

    def figure(self, name: str, draw: Callable[[Path], None]) -> None:
        """Writes figures/<name>.png by draw(path), which writes safely itself, as the functions of xdl.plot do."""
        draw(self.path / "figures" / f"{name}.png")


def _check_name(path: str | os.PathLike[str]) -> None:
    try:
        os.fspath(path).encode()
    except UnicodeEncodeError as error:
        hint = "Rename it, or choose another folder with --out"
        raise SettingError("run folder", "a path in UTF-8", ascii(os.fspath(path)), hint) from error


def _new_folder(parent: Path, name: str) -> Path:
    """parent/name, or parent/name-2, -3, ... where others have taken that: mkdir tells, also between processes."""
    parent.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir()
            return folder
        except FileExistsError:
            number += 1
