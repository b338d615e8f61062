"""Sums of two arrays. One that is written in place has a loop of its own: LLVM has no vectors where arrays overlap."""

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
