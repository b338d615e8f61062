"""Whether a state fits a module, looked at before anything changes, and what old states may lack."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from xdl import backend
from xdl.errors import CheckpointError, XdlError, expect, nearest
from xdl.tensor import Tensor

if TYPE_CHECKING:
    from xdl.nn.base.walking import Walker

HINTED = 20  # unexpected names for which the nearest of the module is looked up


def may_lack(module: Walker) -> set[str]:
    """The names of a module's state that a state may lack: counts of batches, which old states of PyTorch have not."""
    named = module.named_modules(remove_duplicate=False)
    return {f"{path}.{name}" if path else name for path, part in named for name in part._may_lack}


def fitting(
    own: Mapping[str, Tensor], state: Any, strict: bool, optional: Collection[str] = (), convert: bool = True
) -> dict[str, Tensor]:
    """The values of a state as Tensors of a module's dtypes, on its backends, by name.

    own: the module's state_dict;  strict: all its names but the optional ones must be there, and no others
    convert: False leaves them in their dtypes, where they are: only whole numbers and others do not mix

    Raises CheckpointError that lists each missing, unexpected and misshaped entry, and each whose values the dtype
    cannot hold: whole numbers take no nan and no 0.5.
    """
    expect(isinstance(state, Mapping), CheckpointError, "load_state_dict", "a dict of Tensors", type(state).__name__)
    problems = [f"{name} is missing" for name in own if name not in state and name not in optional] if strict else []
    hinted = len(state.keys() - own.keys()) <= HINTED
    values: dict[str, Tensor] = {}
    for name, value in state.items():
        if name not in own:
            if strict:
                problems.append(f"{name} is unexpected" + (f" ({nearest(str(name), own)})" if hinted else ""))
        elif not hasattr(value, "shape") or not hasattr(value, "dtype"):
            problems.append(f"{name} is {type(value).__name__} in place of a Tensor")
        elif tuple(value.shape) != own[name].shape:
            problems.append(f"{name} has shape {tuple(value.shape)} in place of {own[name].shape}")
        else:
            try:
                values[name] = _like(own[name], value) if convert else _kept(own[name], value)
            except (XdlError, TypeError, ValueError, OverflowError) as error:
                problems.append(f"{name} cannot become {own[name].dtype} ({error})")
    if problems:
        raise CheckpointError("load_state_dict", "a state that fits the module", "; ".join(problems))
    return values


def _like(own: Tensor, value: Any) -> Tensor:
    """A Tensor's or a host array's values in the dtype and on the backend of one's own."""
    host = value.numpy() if isinstance(value, Tensor) else value
    if host.dtype.kind in "cOSUMm":
        raise TypeError(f"its dtype is {host.dtype}")
    if not own.dtype.startswith("float") and host.dtype.kind not in "biu":
        whole = (host == host.round()) & (abs(host) < 2.0**63)
        if not whole.all():
            raise ValueError("not all are whole numbers")
    return Tensor(backend.of(own.array).asarray(host, own.dtype))


def _kept(own: Tensor, value: Any) -> Tensor:
    """A Tensor, or one of a host array."""
    t = value if isinstance(value, Tensor) else Tensor(backend.load("numpy").asarray(value))
    if own.dtype.startswith("float") != t.dtype.startswith("float"):
        raise TypeError(f"its dtype is {t.dtype}")
    return t
