"""Kernel: a slot for one operation, with a plain reference and faster versions per backend.

A slot holds *pairs*: `forward(*args) -> (y, saved)` and `backward(g, saved, needs) -> gradients`. What a
forward saved can be read only by the backward of the same version, so a call also returns its version and
the tape keeps it with the node. The reference is written in the plain array namespace and works everywhere.

    class LinearPair:                   # the reference
        @staticmethod
        def forward(x, w, b): ...
        @staticmethod
        def backward(g, saved, needs): ...

    linear_pair = Kernel("linear", LinearPair)

    @linear_pair.register("numpy", when=..., why="...")
    class linear_numpy: ...             # a version

The modes (`XDL_KERNELS`, `set_mode`): auto takes the first registered version that fits; reference takes the
reference; required raises BackendError where an accelerated backend would fall to the reference.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xdl import backend
from xdl.backend import Array
from xdl.errors import BackendError, SettingError, nearest

MODES = ("auto", "reference", "required")
PRECISIONS = ("float32", "tf32")
CONVOLUTIONS = ("auto", "gemm", "winograd", "fft")
slots: dict[str, Kernel] = {}


@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """One implementation of a slot. `when(*args)` says whether it takes these arguments, `why` says it in words."""

    backend: str
    name: str
    forward: Callable[..., tuple[Any, Any]]
    backward: Callable[..., tuple[Any, ...]] | None
    when: Callable[..., bool] | None = None
    why: str = ""


class Kernel:
    """A slot. Calling it runs the chosen version: `version, y, saved = slot(x, ...)`."""

    def __init__(self, name: str, reference: type) -> None:
        self.name = name
        self.__doc__ = reference.__doc__
        self.reference = _version("reference", "reference", reference, None, "")
        self.versions: dict[str, list[Version]] = {}
        self._chosen: dict[type, list[Version]] = {}
        if self.name in slots:
            raise BackendError("Kernel", "a new slot name", repr(self.name))
        slots[self.name] = self

    def register(
        self, backend_name: str, *, name: str | None = None, when: Callable[..., bool] | None = None, why: str = ""
    ) -> Callable[[type], type]:
        """Adds a version for a backend, tried in order of registration. Raises BackendError for a second of that name.

        when: called with the forward's arguments; without it the version takes everything
        why:  the condition in words, for `explain`
        """

        def add(pair: type) -> type:
            version = _version(backend_name, name or pair.__name__, pair, when, why)
            known = self.versions.setdefault(backend_name, [])
            if version.name in [v.name for v in known]:
                raise BackendError(self.name, f"one version named {version.name!r} for {backend_name}", "a second one")
            known.append(version)
            self._chosen.clear()
            return pair

        return add

    def __call__(self, x: Array, *args: Any) -> tuple[Version, Any, Any]:
        """(version, y, saved) from the first version that takes these arguments."""
        for version in self._chosen.get(type(x)) or self._candidates(x):
            if version.when is None or version.when(x, *args):
                return version, *version.forward(x, *args)
        raise BackendError(
            self.name, f"a {backend.of(x).name} kernel (XDL_KERNELS=required)", "only the reference", self._reasons(x)
        )

    def first(self, backend_name: str) -> str:
        """The name of the version that a backend tries first."""
        return next(
            (v.name for v in self.versions.get(backend_name, ()) if get_mode() != "reference"), self.reference.name
        )

    def _candidates(self, x: Array) -> list[Version]:
        owner, mode = backend.of(x), get_mode()
        versions = [] if mode == "reference" else list(self.versions.get(owner.name, ()))
        if not (mode == "required" and owner.accelerated):
            versions.append(self.reference)
        self._chosen[type(x)] = versions
        return versions

    def _reasons(self, x: Array) -> str:
        return "; ".join(f"{v.name} takes {v.why or 'everything'}" for v in self.versions.get(backend.of(x).name, ()))

    def explain(self, x: Array, *args: Any) -> str:
        """Which version these arguments (raw arrays and options, as in the forward) run, and why not the others."""
        lines, chosen = [], False
        for version in self._candidates(x):
            fits = version.when is None or version.when(x, *args)
            verdict = "runs" if fits and not chosen else "would also fit" if fits else "does not fit"
            chosen = chosen or fits
            lines.append(f"{self.name}: {version.name} {verdict}" + (f" (takes {version.why})" if version.why else ""))
        return "\n".join(lines)


def _version(owner: str, name: str, pair: Any, when: Callable[..., bool] | None, why: str) -> Version:
    return Version(owner, name, pair.forward, getattr(pair, "backward", None), when, why)


def set_mode(mode: str) -> None:
    """Sets the kernel mode: "auto", "reference" or "required"."""
    global _mode
    _mode = _checked("XDL_KERNELS", mode, MODES)
    for slot in slots.values():
        slot._chosen.clear()


def get_mode() -> str:
    """The kernel mode in force."""
    return _checked("XDL_KERNELS", _mode, MODES)


def set_precision(precision: str) -> None:
    """Sets what float32 products may cost in digits: "float32" keeps them, "tf32" allows tensor cores their 10 bits."""
    global _precision
    _precision = _checked("XDL_PRECISION", precision, PRECISIONS)


def get_precision() -> str:
    """The precision in force."""
    return _checked("XDL_PRECISION", _precision, PRECISIONS)


def set_convolution(way: str) -> None:
    """Sets how NumPy convolves float32: "auto" by measured rules, "gemm" without Winograd's and Fourier's rounding,
    "winograd" and "fft" wherever they can."""
    global _convolution
    _convolution = _checked("XDL_CONV", way, CONVOLUTIONS)


def get_convolution() -> str:
    """The way of convolution in force."""
    return _checked("XDL_CONV", _convolution, CONVOLUTIONS)


def _checked(variable: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise SettingError(variable, f"one of {', '.join(known)}", repr(value), nearest(value, known))
    return value


# checked where they are used, so that `import xdl` cannot fail and the command line can tell what is wrong
_mode = os.environ.get("XDL_KERNELS", "auto")
_precision = os.environ.get("XDL_PRECISION", "float32")
_convolution = os.environ.get("XDL_CONV", "auto")
