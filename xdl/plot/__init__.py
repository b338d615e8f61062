"""Figures from results: every function writes one PNG. Needs matplotlib (the extra `plot`)."""

from xdl.plot.images import filters, predictions
from xdl.plot.matrix import confusion
from xdl.plot.training import curves

__all__ = ["confusion", "curves", "filters", "predictions"]
