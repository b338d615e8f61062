"""Figures from results: every function writes one PNG. Needs matplotlib (the extra `plot`)."""

from xdl.plot.bands import bands
from xdl.plot.figure import is_possible
from xdl.plot.graphs import graph
from xdl.plot.images import filters, predictions
from xdl.plot.lines import comparison, lines
from xdl.plot.maps import feature_maps, gallery
from xdl.plot.matrix import confusion
from xdl.plot.plane import grid, regions
from xdl.plot.tiles import save_tiles
from xdl.plot.tracing import snapshots, trace
from xdl.plot.training import curves

__all__ = [
    "bands",
    "comparison",
    "confusion",
    "curves",
    "feature_maps",
    "filters",
    "gallery",
    "graph",
    "grid",
    "is_possible",
    "lines",
    "predictions",
    "regions",
    "save_tiles",
    "snapshots",
    "trace",
]
