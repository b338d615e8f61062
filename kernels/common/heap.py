"""The C library's heap, told to keep what NumPy's temporaries free.

glibc gives the end of its heap back to the system as soon as 128 KB lie free there, and maps every array from 128 KB
on anew; it raises both limits step by step, but only when it frees something larger. So a training step whose
temporaries have a few hundred kilobytes pays for their pages each time: 2,000 faults a step were seen, a fifth of the
time. Both limits are set to fixed values here (mallopt(3)); arrays beyond `MAPPED` still go back at once.
"""

from __future__ import annotations

import ctypes
import os
import sys

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # names of mallopt's parameters
KEPT = 64 << 20  # bytes that may lie free at the end of the heap
CHOSEN = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_")  # the user's own, besides GLIBC_TUNABLES
MAPPED = 32 << 20  # bytes from which on an array is mapped by itself: the largest limit that glibc takes


def keep_freed_memory() -> bool:
    """Sets both limits, for the whole process, and returns whether it did.

    Not where the C library has no such limits (macOS, Windows, musl), and not where the user has set one of them.
    """
    chosen = "glibc.malloc" in os.environ.get("GLIBC_TUNABLES", "") or any(name in os.environ for name in CHOSEN)
    if sys.platform != "linux" or chosen:
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and all([mallopt(TRIM_THRESHOLD, KEPT), mallopt(MMAP_THRESHOLD, MAPPED)])


def give_back() -> None:
    """Gives the system all pages that lie free in the heap, where the C library can (malloc_trim(3))."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
