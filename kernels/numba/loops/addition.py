"""Sums of two arrays.

One that is written in place has a loop of its own: LLVM asks at run time whether arrays overlap, and has no vectors for
those that do.
"""

from __future__ import annotations

from .template import loop


@loop
def add(a, b, y):
    """y = a + b."""
    for i in range(a.size):
        y[i] = a[i] + b[i]


@loop
def add_to(a, b):
    """a += b."""
    for i in range(a.size):
        a[i] += b[i]
