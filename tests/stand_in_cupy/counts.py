"""What a computation costs on a GPU, counted with the place in xdl's code that caused it.

with counted() as found:
    step()
assert not found.waits, found.waits.listing()
"""

import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
OWN = str(Path(__file__).parent)
CODE = tuple(str(ROOT / folder) + "/" for folder in ("xdl", "backends", "kernels"))
NO_PLACES = ("launch.py", "plan.py", "device.py", "products/gemm.py")  # how a launch comes about, not why
LAUNCHERS = tuple(str(ROOT / "kernels" / "cuda" / name) for name in NO_PLACES)


class Tally(Counter):
    """(what, place) -> how often. Empty, and so false, where nothing happened."""

    def by_name(self):
        """Counter of what happened, over all places."""
        return self._summed(0)

    def by_place(self):
        """Counter of the places, over all that happened there."""
        return self._summed(1)

    def listing(self):
        """A line for each place and what happened there, the most frequent first."""
        return "\n".join(f"{number:6} {what:32} {place}" for (what, place), number in self.most_common())

    def _summed(self, part):
        found = Counter()
        for key, number in self.items():
            found[key[part]] += number
        return found


@dataclass
class Counted:
    """launches: kernels of xdl, of CuPy, and memsets; products: calls of cuBLAS; waits: the host waited for the device;
    copies: between host and device, and from device to device; misaligned: pointers given to kernels of xdl that are
    no multiples of 16 bytes.
    """

    launches: Tally = field(default_factory=Tally)
    products: Tally = field(default_factory=Tally)
    waits: Tally = field(default_factory=Tally)
    copies: Tally = field(default_factory=Tally)
    misaligned: Tally = field(default_factory=Tally)

    def listing(self):
        """All five, readable."""
        return "\n".join(f"{name}: {tally.total()}\n{tally.listing()}" for name, tally in vars(self).items())


_active: list[Counted] = []
hearers = []  # called with kind, what and number of all that is noted, at once; may refuse it


@contextmanager
def counted():
    """Counts what happens inside, on all threads; may be nested."""
    found = Counted()
    _active.append(found)
    try:
        yield found
    finally:
        _active.remove(found)


def note(kind, what, number=1):
    """One more of a kind: the name of a field of Counted."""
    if number:
        for hear in tuple(hearers):
            hear(kind, what, number)
    if _active and number:
        key = what, place()
        for found in _active:
            getattr(found, kind)[key] += number


def place():
    """File and line of the innermost code of xdl that is no launcher, else of whoever called the stand-in."""
    frame, caller = sys._getframe(1), None
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(CODE) and file not in LAUNCHERS:
            return f"{file[len(str(ROOT)) + 1 :]}:{frame.f_lineno} {frame.f_code.co_name}"
        if caller is None and not file.startswith(OWN) and "array_api_compat" not in file:
            caller = f"{Path(file).name}:{frame.f_lineno} {frame.f_code.co_name}"
        frame = frame.f_back
    return caller
