"""Devices by PyTorch's names: where an array lives, and where a new one goes.

    device          backend
    "cpu"           numpy
    "cuda"          cupy, on the card that computes: the first, or that of `xdl.use("cuda:1")`
    "cuda:1"        cupy, on card 1

Every other backend is a device of its own name: "cuda-on-host". The names of backends are devices too: "numpy",
"cupy:1". A `Device` is only a name; a card is looked for when an array goes there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl import backend
from xdl.backend import DEVICES, Array, Backend
from xdl.errors import BackendError

NAMES = {name: kind for kind, name in DEVICES.items()}


@dataclass(frozen=True, init=False, repr=False)
class Device:
    """A device. type: "cpu", "cuda" or the name of another backend; index: the number of a card, or None.

    Device("cuda:1"), Device("cuda", 1) and Device(1) are the same. Raises BackendError for a name that is none.
    """

    type: str
    index: int | None

    def __init__(self, device: Any, index: int | None = None) -> None:
        if isinstance(device, Device):
            kind, number = device.type, device.index
        elif isinstance(device, int) and not isinstance(device, bool):
            kind, number = "cuda", device
        else:
            kind, number = _parts(device)
        number = index if number is None else number
        if number is not None and (not isinstance(number, int) or number < 0 or (number and kind != "cuda")):
            raise BackendError("device", 'a number from 0 on, above 0 only of "cuda"', f"{number!r} of {kind!r}")
        object.__setattr__(self, "type", kind)
        object.__setattr__(self, "index", number)

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        return f"device(type={self.type!r}" + (")" if self.index is None else f", index={self.index})")

    @property
    def backend(self) -> Backend:
        """The backend whose arrays live there. Raises BackendError where it does not work here."""
        return backend.load(self.type)


def _parts(device: Any) -> tuple[str, int | None]:
    kind, colon, number = device.partition(":") if isinstance(device, str) else ("", "", "")
    kind = NAMES.get(kind, kind)
    if kind not in backend.known() or (colon and not backend.CARD.fullmatch(number)):
        expected = f'one of {", ".join(backend.known())}, with a number as in "cuda:1"'
        raise BackendError("device", expected, repr(device))
    return kind, int(number) if colon else None


def device_of(x: Array) -> Device:
    """The device that an array lives on."""
    owner = backend.of(x)
    return Device(NAMES.get(owner.name, owner.name), owner.index(x))


def moved(x: Array, device: Device) -> Array:
    """x on that device: itself if it is there already, else a copy. Raises BackendError."""
    there, owner = device.backend, backend.of(x)
    if owner is there and (owner.index(x) or 0) == ((there.home if device.index is None else device.index) or 0):
        return x
    return there.asarray(owner.to_numpy(x), backend.dtype_name(x), device.index)


def empty_at(device: Device | str | int | None, dtype: Any) -> tuple[Any, Array]:
    """A namespace, and an array (0,) of that dtype in it on the device; None: where new arrays go."""
    if device is None:
        there, index = backend.current(), None
    else:
        device = Device(device)
        there, index = device.backend, device.index
    return there.xp, there.asarray([], dtype) if index is None else there.asarray([], dtype, index)
