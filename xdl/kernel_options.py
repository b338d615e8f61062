"""The settings that pick kernels: XDL_KERNELS, XDL_PRECISION, XDL_CONV and XDL_FAST, the threads, what is installed.

The kernel modes (`XDL_KERNELS`, `set_mode`): auto takes the first version that fits; reference takes the reference;
required raises BackendError where an accelerated backend would fall to the reference.

Versions that Numba compiles (`XDL_FAST`): now waits for the compiler; later, where they are not compiled yet, goes on
with NumPy to the end of the process, while another one compiles them; off does without them. It cannot be set within a
process, because a run never changes its versions.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from xdl import threads
from xdl.errors import SettingError, nearest

MODES = ("auto", "reference", "required")
PRECISIONS = ("float32", "tf32")
CONVOLUTIONS = ("auto", "gemm", "winograd", "fft")
FAST = ("now", "later", "off")
on_change: list[Callable[[], None]] = []  # called after a setting is set


def options() -> dict[str, Any]:
    """All settings that pick kernels, by name. Equal bits need equal ones: a run records them, a resume compares."""
    return {
        "kernel_mode": get_mode(),
        "precision": get_precision(),
        "convolution": get_convolution(),
        "threads": threads.get_num_threads(),
        "numba": compiled_versions(),
    }


def set_mode(mode: str) -> None:
    """Sets the kernel mode: "auto", "reference" or "required"."""
    global _mode
    _mode = _checked("XDL_KERNELS", mode, MODES)
    _tell()


def get_mode() -> str:
    """The kernel mode in force."""
    return _checked("XDL_KERNELS", _mode, MODES)


def set_precision(precision: str) -> None:
    """Sets what float32 products may cost in digits: "float32" keeps them, "tf32" allows tensor cores their 10 bits."""
    global _precision
    _precision = _checked("XDL_PRECISION", precision, PRECISIONS)
    _tell()


def get_precision() -> str:
    """The precision in force."""
    return _checked("XDL_PRECISION", _precision, PRECISIONS)


def set_convolution(way: str) -> None:
    """Sets how NumPy convolves float32: "auto" by measured rules, "gemm" without Winograd's and Fourier's rounding,
    "winograd" and "fft" wherever they can."""
    global _convolution
    _convolution = _checked("XDL_CONV", way, CONVOLUTIONS)
    _tell()


def get_convolution() -> str:
    """The way of convolution in force."""
    return _checked("XDL_CONV", _convolution, CONVOLUTIONS)


def get_fast() -> str:
    """What XDL_FAST says: "now", "later" or "off"."""
    return _checked("XDL_FAST", _fast, FAST)


def compiled_wanted() -> bool:
    """Whether Numba is installed and may be imported, and XDL_FAST does not say off."""
    try:
        return get_fast() != "off" and find_spec("numba") is not None
    except ModuleNotFoundError:  # of a finder that locks it out
        return False


def compiled_versions() -> str | bool:
    """The compiled versions that this process uses, in words, or False for none: fixed from the first call on."""
    return import_module("xdl.kernels.numba.choice").identity() if compiled_wanted() else False


def _tell() -> None:
    for told in on_change:
        told()


threads.on_change.append(_tell)


def _checked(variable: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise SettingError(variable, f"one of {', '.join(known)}", repr(value), nearest(value, known))
    return value


# checked where they are used, so that `import xdl` cannot fail and the command line can tell what is wrong
_mode = os.environ.get("XDL_KERNELS", "auto")
_precision = os.environ.get("XDL_PRECISION", "float32")
_convolution = os.environ.get("XDL_CONV", "auto")
_fast = os.environ.get("XDL_FAST", "now")
