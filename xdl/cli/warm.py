"""`xdl warm`: compiles ahead what would be compiled at its first use."""

from __future__ import annotations

from importlib import import_module
from time import perf_counter

from xdl import backend, kernel_options
from xdl.cli.output import AsJson, print_json, print_tree, show
from xdl.errors import SettingError


def warm(as_json: AsJson = False) -> None:
    """Compile the kernels of the extra `fast` ahead, so that no program waits for them."""
    if kernel_options.get_fast() == "off":
        raise SettingError("xdl warm", "compiled kernels that are wanted", "XDL_FAST=off")
    if not kernel_options.compiled_wanted():
        raise SettingError("xdl warm", "the extra fast", "no Numba", "Install it with pip install 'xdl[fast]'")
    backend.load("numpy")
    compiling, start = import_module("xdl.kernels.numba.warm"), perf_counter()
    for ready in compiling.warm():
        if not as_json:
            show(f"{ready.done:3} of {ready.of}  {ready.seconds:5.2f} s  {ready.name}")
    done = {**compiling.about(), "seconds": round(perf_counter() - start, 1)}
    if as_json:
        print_json(done)
    else:
        print_tree(done)
