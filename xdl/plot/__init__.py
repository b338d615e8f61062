"""Figures from results: every function writes one PNG. Needs matplotlib (the extra `plot`)."""

from xdl.plot.images import filters, predictions
from xdl.plot.matrix import confusion
from xdl.plot.tiles import save_tiles
from xdl.plot.tracing import snapshots, trace
from xdl.plot.training import curves

__all__ = ["confusion", "curves", "filters", "predictions", "save_tiles", "snapshots", "trace"]
