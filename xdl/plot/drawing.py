"""Drawing any figure from its data."""

from __future__ import annotations

import os
from collections.abc import Callable

from xdl.errors import DataError, XdlError, nearest
from xdl.io.json_text import shown
from xdl.plot.bars import draw_bars
from xdl.plot.figure_data import FigureData
from xdl.plot.graphs import draw_graph
from xdl.plot.images import draw_predictions
from xdl.plot.lines import draw_comparison, draw_lines
from xdl.plot.maps import draw_feature_maps, draw_gallery
from xdl.plot.matrices import draw_matrices
from xdl.plot.matrix import draw_confusion, draw_heat
from xdl.plot.plain.cells import draw_cells
from xdl.plot.plain.field import draw_field
from xdl.plot.plain.paths import draw_paths
from xdl.plot.plain.relief import draw_relief
from xdl.plot.plane import draw_regions
from xdl.plot.strips import draw_strips
from xdl.plot.texts import draw_coloured_text
from xdl.plot.tiles import draw_tiles
from xdl.plot.tracing import draw_snapshots, draw_trace
from xdl.plot.training import draw_bands, draw_curves
from xdl.plot.trials.parallel import draw_parallel
from xdl.plot.weights import draw_filters

KINDS: dict[str, Callable[[FigureData, str | os.PathLike[str]], None]] = {
    "bands": draw_bands,
    "bars": draw_bars,
    "cells": draw_cells,
    "coloured_text": draw_coloured_text,
    "comparison": draw_comparison,
    "confusion": draw_confusion,
    "curves": draw_curves,
    "feature_maps": draw_feature_maps,
    "field": draw_field,
    "filters": draw_filters,
    "gallery": draw_gallery,
    "graph": draw_graph,
    "heat": draw_heat,
    "lines": draw_lines,
    "matrices": draw_matrices,
    "parallel": draw_parallel,
    "paths": draw_paths,
    "predictions": draw_predictions,
    "regions": draw_regions,
    "relief": draw_relief,
    "snapshots": draw_snapshots,
    "strips": draw_strips,
    "tiles": draw_tiles,
    "trace": draw_trace,
}
UNFIT = (ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError, RuntimeError, TypeError, ValueError)


def draw(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Draws a figure from its data, and writes a PNG. The file appears whole or not at all; its folder is made.

    Raises DataError for a kind that is not in KINDS, and for arrays or options that its kind cannot be drawn from: a
    file may hold anything, and what matplotlib says of it is the error's cause. XdlError with the install command
    without matplotlib, which only tiles do not need.
    """
    if data.kind not in KINDS:
        raise DataError("plot.draw", "a kind of figure that xdl draws", shown(data.kind), nearest(data.kind, KINDS))
    try:
        KINDS[data.kind](data, path)
    except (XdlError, OSError):
        raise
    except UNFIT as error:
        found = f"{type(error).__name__} {shown(str(error))}"
        raise DataError("plot.draw", f"the arrays and options of {data.kind}", found) from error
