"""The errors that xdl raises: one type per kind of mistake, one form of message.

Every message reads ``operation: expected WHAT, found WHAT. HINT`` so that the reader learns where it
happened, which argument is wrong, and what to do next.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from signal import Signals

from xdl.printable import shortened

LONGEST = 16_000  # letters of a message: a name from a file may be of any length
NEAR = 0.6  # how alike two names must be, from 0 to 1, for one to be meant by the other


class XdlError(Exception):
    """Base of all errors of xdl.

    operation: the function, layer, file or command that refuses
    expected:  the condition that did not hold, with the argument's name
    found:     what came instead
    hint:      what to do next (optional)
    """

    def __init__(self, operation: str, expected: str, found: object, hint: str = "") -> None:
        message = f"{operation}: expected {expected}, found {found}"
        super().__init__(shortened(f"{message}. {hint}" if hint else message, LONGEST))
        self.operation = operation
        self.expected = expected
        self.found = found
        self.hint = hint

    def __reduce__(self) -> tuple[type[XdlError], tuple[str, str, object, str]]:
        return type(self), (self.operation, self.expected, self.found, self.hint)


class ShapeError(XdlError, ValueError):
    """Shapes that do not fit the operation or each other."""


class RangeError(ShapeError, IndexError):
    """An index outside of a Tensor. As an IndexError it ends `for sample in dataset` where `__getitem__` raises it."""


class DtypeError(XdlError, TypeError):
    """An element type that the operation does not take, or a mix outside the promotion table."""


class BackendError(XdlError, RuntimeError):
    """A backend that is unknown or unusable, or arrays of two backends in one operation."""


class ExchangeError(XdlError, BufferError):
    """Memory that cannot be handed to another library as it asks."""


class DeviceMemoryError(XdlError, MemoryError):
    """An array for which a device has no memory left."""


class GraphError(XdlError, RuntimeError):
    """A use of the tape that would give wrong gradients: freed graphs, in-place writes, missing roots."""


class DataError(XdlError, ValueError):
    """Data that do not mean what the operation needs: labels out of range, broken or missing files."""


class SettingError(XdlError, ValueError):
    """An unknown name or a value outside the allowed range in a setting."""


class KindError(SettingError, TypeError):
    """A thing of another kind than the place takes: a Tensor where a Parameter is held, a set where order matters."""


class NotFittedError(XdlError, ValueError, AttributeError):
    """An estimator that is asked before `fit`. As scikit-learn's, it is a ValueError and an AttributeError."""


class NonFiniteError(XdlError, ArithmeticError):
    """A loss that became nan or infinite."""


class AnomalyError(NonFiniteError):
    """An operation whose result or gradient holds nan or infinity: what `detect_anomaly` found."""


class CollapseError(XdlError, ArithmeticError):
    """A training of two networks that went astray: a generator that collapsed, a critic that diverges."""


class CheckpointError(XdlError, RuntimeError):
    """A checkpoint or model file that is damaged, does not fit the model, or cannot be written."""


class StorageError(XdlError, OSError):
    """A file that cannot be written: a full disk, a folder that does not exist or that one may not write to."""


class Interrupted(KeyboardInterrupt):
    """A training that SIGINT (Ctrl-C) or SIGTERM ended: "SIGTERM after step 120".

    signal:    the signal's number
    exit_code: what shells expect of a program that ends so: 130 for SIGINT, 143 for SIGTERM
    """

    def __init__(self, number: int, when: str) -> None:
        super().__init__(f"{Signals(number).name} {when}")
        self.signal, self.when = number, when
        self.exit_code = 128 + number

    def __reduce__(self) -> tuple[type[Interrupted], tuple[int, str]]:
        return type(self), (self.signal, self.when)


def expect(condition: bool, error: type[XdlError], operation: str, expected: str, found: object) -> None:
    """Raises ``error(operation, expected, found)`` unless the condition holds."""
    if not condition:
        raise error(operation, expected, found)


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint for an unknown name: one that begins so, or the nearest if one is near, and all of them if they fit."""
    names = sorted(known)
    longer = [known for known in names if name and known.startswith(name)]
    close = longer or get_close_matches(name[:100], names, n=1, cutoff=NEAR)
    listed = shortened(", ".join(names))
    return f"Did you mean {shortened(close[0])!r}? Known: {listed}" if close else f"Known: {listed}"
