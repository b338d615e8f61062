"""Settings from a TOML file: one `name = value` a line, with TOML's own types."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Any, get_args, get_origin

from xdl.errors import SettingError
from xdl.io import toml_text
from xdl.io.json_text import shown
from xdl.io.reading import read_bytes
from xdl.runs.settings import check

# type -> what it is called in TOML, and an example
TOML = {
    int: ("a whole number", "3"),
    float: ("a number", "0.01"),
    bool: ("true or false", "true"),
    str: ("a text in quotes", '"adam"'),
}


def read(settings: type[Any], path: Path) -> dict[str, Any]:
    """The settings in a TOML file, checked. Numbers without a point do for settings with one; lists for several.

    Raises SettingError for a file that cannot be read, is no regular one of at most 32 kB, or is no TOML (with the
    line), an unknown name (with the nearest), a value of the wrong type or out of range (with the file and the name).
    """
    hint = "One setting a line, as in: lr = 0.01"
    try:
        content = toml_text.parse(read_bytes(path, toml_text.LONGEST))
    except OSError as error:
        raise SettingError("--config", f"a file that can be read at {path}", error.strerror or error, hint) from error
    except ValueError as error:
        raise SettingError(f"--config {path}", "a TOML file", error, hint) from error
    return check(str(path), settings, content, _typed)


def from_values(settings: type[Any], content: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Settings that are values already, of a run.json or of the project, checked like those of a TOML file.

    source: where they come from, for the messages
    """
    return check(source, settings, content, _typed)


def _typed(kind: Any, value: Any, where: str) -> Any:
    if get_origin(kind) is tuple and isinstance(value, list | tuple):
        return tuple([_typed(get_args(kind)[0], element, where) for element in value])
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind or (kind is float and not isfinite(value)):
        if get_origin(kind) is tuple:
            element, example = TOML[get_args(kind)[0]]
            expected, example = f"a list, each element {element}", f"[{example}]"
        else:
            expected, example = TOML[kind]
        raise SettingError(where, expected, shown(value), f"As in: {where.rpartition(' ')[2]} = {example}")
    return value
