"""Stream capture, as far as it shows on the host: what is queued becomes a node of a graph, and nothing runs.

CuPy's own kernels compute in NumPy's memory all the same, so at the end all memory from before gets back what it held.
A graph replays no values. Refused is what a card or CuPy refuse, and copies of the host's values: CuPy keeps their
source only until an event that a capture never sees.
"""

from contextlib import contextmanager

from . import counts, memory
from .counts import note


class Graph:
    """nodes: (kind, what) of all that was queued, in order; launches: how often it ran."""

    def __init__(self, nodes):
        self.nodes, self.launches = nodes, 0

    def launch(self, stream=None):
        """Queues it, as one launch."""
        self.launches += 1
        note("launches", "graph")

    def upload(self, stream=None):
        """Copies what it is made of to the card."""


class Capture:
    """One that is under way. error: makes CUDA's error of a status."""

    def __init__(self, current, error):
        self.nodes, self.broken = [], False
        self._current, self._error = current, error
        self._before = memory.contents()
        counts.hearers.append(self.hear)

    def hear(self, kind, what, number):
        """Something happens on the host; only what goes to the captured stream counts."""
        if not self._current():
            return
        if kind == "waits":
            self.broken = True
            raise self._error("cudaErrorStreamCaptureUnsupported")
        if kind == "products" or what.startswith("linalg."):
            raise NotImplementedError("calling cuBLAS API during stream capture is currently unsupported")
        if (kind, what) == ("copies", "host to device"):
            raise RuntimeError("a capture cannot keep what the host copies to the device")
        if kind in ("launches", "copies"):
            self.nodes += [(kind, what)] * number

    def end(self):
        """The graph."""
        counts.hearers.remove(self.hear)
        memory.restore(self._before)
        if self.broken:
            raise self._error("cudaErrorStreamCaptureInvalidated")
        return Graph(self.nodes)


@contextmanager
def listed():
    """Yields a list that gets (kind, what) of all launches, products, waits and copies inside, in order."""
    found = []

    def hear(kind, what, number):
        if kind != "misaligned":
            found.extend([(kind, what)] * int(number))

    counts.hearers.append(hear)
    try:
        yield found
    finally:
        counts.hearers.remove(hear)
