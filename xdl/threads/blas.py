"""The number of threads that BLAS uses.

OpenBLAS's threads wait busily before they sleep, 26 milliseconds by default, and take the cores from ours: nets took
1.6 times as long. So a tenth of a millisecond is set, if NumPy is not loaded yet and the user set nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Hashable
from typing import Any

from xdl.guard import Guard, undisturbed
from xdl.threads.count import chosen, get_num_threads

if "numpy" not in sys.modules:
    os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "18")  # 2**18 ticks of the processor's clock

_libraries: list[Any] = []  # those found so far: none before NumPy is loaded


def _blas() -> list[Any]:
    if not _libraries:
        undisturbed(_find)
    return _libraries


def _find() -> None:
    from threadpoolctl import ThreadpoolController

    _libraries[:] = [lib for lib in ThreadpoolController().lib_controllers if lib.user_api == "blas"]


def libraries() -> list[str]:
    """The BLAS libraries that are loaded, in words: "openblas 0.3.31, 2 threads"."""
    return [f"{lib.internal_api} {lib.version}, {lib.num_threads} threads" for lib in _blas()]


def set_blas_threads(n: int) -> None:
    """Sets the threads of the BLAS that is loaded, for all of xdl's callers at once (about 3 microseconds)."""
    with _holding.lock:
        for library in _blas():
            if hasattr(library, "clear_controlling_thread"):  # threadpoolctl 3.8 obeys the thread that first set it
                library.clear_controlling_thread(force=True)
            library.set_num_threads(1 if _holders else n)


def use_chosen_threads() -> None:
    """Tells a BLAS that was just loaded how many threads the user chose, if they did."""
    if chosen[0] or "XDL_NUM_THREADS" in os.environ:
        set_blas_threads(get_num_threads())


_holding = Guard()
_holders: set[Hashable] = set()  # who wants BLAS on one thread now


def hold_blas(holder: Hashable) -> None:
    """BLAS uses one thread until all holders have released it."""
    with _holding.lock:
        _holders.add(holder)
        if len(_holders) == 1:
            set_blas_threads(1)


def release_blas(holder: Hashable) -> None:
    """The end of what `hold_blas` began."""
    with _holding.lock:
        _holders.discard(holder)
        if not _holders:
            set_blas_threads(get_num_threads())


def _forget() -> None:  # what threads held ends with them at a fork
    if _holders:
        _holders.clear()
        set_blas_threads(get_num_threads())


if hasattr(os, "register_at_fork"):  # and none while a thread sets those of BLAS: threadpoolctl holds a lock then
    os.register_at_fork(
        before=lambda: _holding.lock.acquire(), after_in_parent=lambda: _holding.lock.release(), after_in_child=_forget
    )
