"""What the layer says: the error for a name that xdl has not, and what is accepted and changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from warnings import warn

from xdl.errors import NEAR, XdlError


class MissingNameError(XdlError, AttributeError):
    """A name of PyTorch that xdl does not answer; also an AttributeError, so that `hasattr` says False."""


def missing(module: str, name: str, known: Iterable[str], reason: str = "") -> MissingNameError:
    """The error for `module.name`, with the reason where there is one, and the nearest of the names that are there."""
    close = get_close_matches(name, sorted(known), n=1, cutoff=NEAR)
    hints = [reason, f"The nearest is {module}.{close[0]}" if close else ""]
    return MissingNameError("as_torch", "a name that xdl has", f"{module}.{name}", ". ".join(filter(None, hints)))


def missing_module(name: str, known: Iterable[str]) -> str:
    """What the error for a module says: what needs PyTorch itself, and the nearest module that is there."""
    close = get_close_matches(name, sorted(known), n=1, cutoff=NEAR)
    said = f"as_torch: expected a module that xdl answers for, found {name}, which only PyTorch itself has"
    return f"{said}. The nearest is {close[0]}" if close else said


@cache
def absent(error: MissingNameError) -> type:
    """A class of PyTorch's that xdl lacks: it may be imported and asked for by `isinstance`, and its first use raises
    the error."""

    def made(self: object, *_: object, **__: object) -> None:
        raise error

    return type("Absent", (), {"__init__": made})


@cache
def once(message: str) -> None:
    """Warns of it the first time."""
    warn(message, stacklevel=3)
