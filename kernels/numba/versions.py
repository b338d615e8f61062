"""Registers the compiled versions, if they are wanted here. The files named import no Numba; see compiled.py."""

from __future__ import annotations

from importlib import import_module

from xdl.kernel_options import compiled_wanted

FILES = ("activation", "softmax", "loss", "layer_norm", "optim")


def register() -> None:
    """Registers them for NumPy, where Numba is installed and XDL_FAST does not say off."""
    if compiled_wanted():
        for name in FILES:
            import_module(f"xdl.kernels.numba.{name}")
