"""Tells Numba where it keeps compiled loops: in the folder of ../cache.py, and nowhere else.

Numba's own places are beside the source and in the user's cache; both outlive a change in a function that a loop
calls. Its setting `CACHE_LOCATOR_CLASSES` names classes that know another place.
"""

from __future__ import annotations

from numba.core.caching import _CacheLocator

from .. import cache


class Locator(_CacheLocator):
    """The folder of the sources' state, which says of itself all that could make a loop old."""

    def __init__(self, place):
        self.place = place

    def get_cache_path(self):
        """Numba makes no folder, so that a missing or read-only one is an error when a loop is written."""
        return str(cache.folder())

    def get_source_stamp(self):
        """Always the same: other sources have another folder."""
        return "xdl"

    def get_disambiguator(self):
        """Tells functions of one name apart: the file of each, conv.images, and the line. Numba has its name alone."""
        return self.place

    @classmethod
    def from_function(cls, function, _file):
        """The locator of a function."""
        return cls(f"{function.__module__.rpartition('loops.')[2]}-{function.__code__.co_firstlineno}")
