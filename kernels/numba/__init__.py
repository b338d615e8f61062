"""Versions for NumPy's arrays that Numba compiles, of the extra `fast`.

    choice.py    whether this process uses them        slots.py      how they are registered
    compiled.py  loops as functions, when first asked  sharing.py    how they get arrays and threads
    cache.py     where compiled loops are kept         loops/        the loops themselves

The other files hold the versions. Nothing imports Numba before a version runs.
"""

from __future__ import annotations

from importlib import import_module

from xdl.kernel_options import compiled_wanted

VERSIONS = (
    *("activation", "addition", "formulas", "softmax", "loss", "layer_norm", "rms_norm", "dropout", "prelu"),
    *("linear", "pool.pool", "select", "running"),
    *("optim.steps", "optim.adaptive", "optim.clip", "optim.matrices"),
    *("norm.batch_norm", "norm.batch_norm_activation", "norm.group_norm"),
    *("recurrent.lstm", "recurrent.gru", "recurrent.rnn", "attention.attention"),
    *("conv.conv2d", "conv.conv2d_activation"),
)


def register() -> None:
    """Registers the versions for NumPy, where Numba is installed and XDL_FAST does not say off."""
    if compiled_wanted():
        for name in VERSIONS:
            import_module(f"xdl.kernels.numba.{name}")
