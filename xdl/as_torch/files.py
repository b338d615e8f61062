"""`torch.save` and `torch.load`: a state as one safetensors file. Nothing is pickled, and nothing pickled is read."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from xdl import backend
from xdl.creation import tensor
from xdl.errors import CheckpointError, expect
from xdl.io.state_file import load_state, save_state
from xdl.nn import Module
from xdl.tensor import Tensor

DEFAULT_PROTOCOL = 2  # of pickles, which are not written here
KIND = "as_torch"
WHOLE = "obj"  # under which something is kept that is no dict


def save(obj: Any, f: str | PathLike[str], *_: Any, **__: Any) -> None:
    """Writes a state_dict, a dict of such, or tensors and numbers in dicts and lists, as a safetensors file.

    Raises CheckpointError for a whole module, whose code cannot be kept without pickle, for an open file in the place
    of a path, and as `xdl.io.save_state`.
    """
    expect(isinstance(f, str | PathLike), CheckpointError, "torch.save", "the path of a file", type(f).__name__)
    if isinstance(obj, Module):
        hint = "Save model.state_dict(), and load it into a new model"
        raise CheckpointError("torch.save", "a state: tensors and numbers in dicts and lists", type(obj).__name__, hint)
    save_state(f, {WHOLE: _plain(obj)}, KIND)


def load(f: str | PathLike[str], map_location: Any = None, *_: Any, **__: Any) -> Any:
    """What `save` wrote, with Tensors again. map_location: a device for them.

    Raises CheckpointError for a file of PyTorch's own `torch.save`, which is a pickle, and as `xdl.io.load_state`.
    """
    expect(isinstance(f, str | PathLike), CheckpointError, "torch.load", "the path of a file", type(f).__name__)
    if Path(f).exists():
        with Path(f).open("rb") as file:
            start = file.read(2)
        if start in (b"PK", b"\x80\x02"):
            hint = "Where PyTorch is, write it anew by safetensors.torch.save_file"
            raise CheckpointError(f"torch.load {f}", "a safetensors file", "a pickle, which may run any code", hint)
    device = None if callable(map_location) or isinstance(map_location, Mapping) else map_location
    return _with_tensors(load_state(f, KIND)[WHOLE], device)


def _plain(thing: Any) -> Any:
    """Tuples as lists: the file has no other sequence."""
    if isinstance(thing, Mapping):
        return {key: _plain(value) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [_plain(value) for value in thing]
    return thing.detach() if isinstance(thing, Tensor) else thing


def _with_tensors(thing: Any, device: Any) -> Any:
    if isinstance(thing, Mapping):
        return OrderedDict((key, _with_tensors(value, device)) for key, value in thing.items())
    if isinstance(thing, list):
        return [_with_tensors(value, device) for value in thing]
    if type(thing) in backend.load("numpy").array_types:
        return tensor(thing, device=device)
    return thing


def add_safe_globals(safe_globals: Any) -> None:
    """Nothing: no file names classes."""


__all__ = ["DEFAULT_PROTOCOL", "add_safe_globals", "load", "save"]
