"""`xdl warm`: compiles ahead what would be compiled at its first use."""

from __future__ import annotations

from importlib import import_module
from time import perf_counter

from xdl import backend, kernel_options
from xdl.cli.output import show
from xdl.errors import SettingError


def warm() -> None:
    """Compile the kernels of the extra `fast` ahead, so that no program waits for them."""
    if not kernel_options.compiled_wanted():
        found = "XDL_FAST=off" if kernel_options.get_fast() == "off" else "no Numba"
        raise SettingError("xdl warm", "the extra fast", found, "Install it with pip install 'xdl[fast]'")
    backend.load("numpy")
    compiling = import_module("xdl.kernels.numba.warm")
    start = perf_counter()
    for ready in compiling.warm():
        show(f"{ready.done:3} of {ready.of}  {ready.seconds:5.2f} s  {ready.name}")
    show(f"{compiling.summary()}, {perf_counter() - start:.1f} s")
