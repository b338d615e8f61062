"""cupy.linalg and cupy.fft over NumPy's. Errors of cuSOLVER are seen only inside errstate(linalg="raise")."""

from contextlib import contextmanager

import numpy as np

from .array import ndarray
from .catalogue import NAMES, real_signature
from .counts import note
from .routines import device_values, host_values

KERNELS = 3  # of cuSOLVER or cuFFT and around them: a believable number


class _Config:
    linalg = "ignore"


@contextmanager
def errstate(*, divide=None, over=None, under=None, invalid=None, linalg=None, fallback_mode=None):
    """cupyx.errstate: linalg="raise" makes the host look at what cuSOLVER says of every matrix."""
    outer = _Config.linalg
    _Config.linalg = outer if linalg is None else linalg
    try:
        yield
    finally:
        _Config.linalg = outer


def looks():
    """Whether cuSOLVER's answers are looked at."""
    return _Config.linalg == "raise"


def _function(module, name):
    """NumPy's function of that name, in CuPy's signature."""
    signature = real_signature(NAMES[module][name])
    counterpart = getattr(getattr(np, module), name)

    def call(*args, **kwargs):
        given = signature.bind(*args, **kwargs)
        for key, value in given.arguments.items():
            given.arguments[key] = host_values(value, name)
        note("launches", f"{module}.{name}", KERNELS)
        if module == "linalg" and looks():
            note("waits", f"linalg.{name}")
        try:
            with np.errstate(all="ignore"):
                found = counterpart(*given.args, **given.kwargs)
        except np.linalg.LinAlgError:
            first = next(x for x in args if isinstance(x, ndarray))
            if looks() or name not in ("inv", "solve", "cholesky"):
                raise
            found = np.full(first.shape if name != "solve" else args[1].shape, np.nan, first.dtype)
        return device_values(tuple(found) if isinstance(found, tuple) else found)

    call.__name__, call.__signature__ = name, signature
    return call


def functions(module):
    """Name -> function, of linalg or fft."""
    return {name: _function(module, name) for name in NAMES[module] if hasattr(getattr(np, module), name)}
