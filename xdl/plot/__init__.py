"""Figures from results: data first, then one PNG. Drawing needs matplotlib (the extra `plot`), the data do not.

Every figure has a builder, `curves_data(history, title)`, which returns FigureData; `draw(data, path)` draws any of
them, `save_data` and `load_data` keep them in a file, and `curves(path, history, title)` builds and draws at once.
Runs leave figures/NAME.safetensors beside figures/NAME.png, and `xdl plot` draws such files again.

The file of a figure is a safetensors file: 8 bytes, the length n of the header, little-endian; n bytes of JSON,
{name: {"dtype": "F32", "shape": [...], "data_offsets": [begin, end]}}; the arrays, in C order, little-endian, counted
from the header's end. The header's "__metadata__" has "xdl.kind": "figure", a checksum, and under "xdl.figure" the
spec, itself JSON in a string:

    {"format": 1, "kind": "curves", "title": "lenet on digits", "options": {...}}

What options and arrays a kind has. A panel is {"title", "curves"}; a curve is {"label", "x", "y"}, the names of two
arrays (T,) of one length; nan leaves a gap, and a label null keeps a curve out of the legend.

    lines         panels, each with "legend" (whether it has one) and "equal" (one length for 1 along both axes); "x":
                  what the axis shows, or a list, one a panel; "columns": panels in a row; "width" of a panel in inches;
                  "log", "x_log": logarithmic axes; "share": one vertical range for all panels; "whole": whole numbers
                  on the horizontal axis; a curve has "look" (see `Line`), "colour" (a number, or null for the next
                  one), and maybe a band, as below
    curves        panels "loss" and "accuracy" over epochs, each with "best": null or {"index", "label"} of the last
                  curve's best point; "tested": the epoch whose model is tested and saved, or null
    comparison    the same panels; "legend"; a curve has "run", whose colour it takes, and "dashed", for training
    bands         panels over epochs ("x"); a curve is a mean, with "low" and "high", the names of its bounds (T,)
    trace         panels over steps, each with "log"; a curve has "all": true for the norm of all parameters together
    predictions   images (N, H, W) or (N, H, W, 3), shown from range (2,); labels, predicted, probabilities (N,);
                  "class_names"; the title counts those that are not shown, too
    filters       weights (O, C, H, W): O filters of C planes each, on one scale symmetric about zero; before: the same
                  before training, where they are shown; "names" of the filters, or []
    tiles         the same, drawn without axes and title
    snapshots     weights (S, O, H, W) at steps (S,), on one scale symmetric about zero; "names" of the columns, or []
    gallery       images (N, H, W), each on its own scale; "titles"; "columns": images in a row; "size": inches of one
    feature_maps  image (H, W); "layers": [{"title", "maps"}], where maps names an array (C, H, W)
    cells         values0, values1, ... (H, W) of the "panels", nan for a cell without a number; colours0, colours1,
                  ... (H, W), numbers of colours, -1 for no cell; maybe second0, second1, ... (H, W), those of lower
                  right halves, and pale0, pale1, ... (H, W) bool; a panel has "title", "sign" (at its left) and "row";
                  "legend": pairs of a colour's number and what it stands for; "size": inches of a cell
    field         heights (H, W) over xs (W,) and ys (H,); arrows (N, 2) from places (N, 2); points (M, 2) with "names";
                  "value": what the heights are; "x", "y": names of the axes
    bars          "names" (N), from the top down; panels, each with "series": [{"label", "values"}], the names of
                  arrays (N,), nan for no bar; "log": logarithmic axes
    matrices      cells0, cells1, ... (H, W), one for each of the "titles"; "columns": matrices in a row;
                  "share": whether one scale of colours is for all
    confusion     matrix (K, K), [i, j] = examples of class i taken for class j; "class_names"
    heat          values (R, C), nan for a cell without one; framed (R, C) bool; "rows", "columns": their names; "y",
                  "x": what these are; "value": what is shown; "log": shades by the logarithm;
                  "numbers": whether the values stand in the cells
    coloured_text "tokens": a list for each text; values (N,) of all tokens, one text after the other, nan for no
                  colour; "names" of the texts, or []; "value": what is shown; "diverging": symmetric about 0; "most":
                  where the full colour is reached, or null; "spaced": blanks between tokens; "width" of a line
    regions       probabilities (P, side**2, K) of K classes at the points on (side**2, 2), for each of the P "titles";
                  points (N, 2) with labels (N,)
    parallel      column0, column1, ... (N,), values (N,) with nan for none, faint (N,) bool: ended early; "axes":
                  [{"name", "values", "words", "low", "high", "log"}], where values names an array, and words are what
                  0, 1, ... stand for, or null; "value": what the values are; "better": min or max; "best": the trial
                  that is marked, or null
    paths         panels, each with "shaded" and curves, the paths; of the first panel across0 (W,), up0 (H,), heights0
                  (H, W), goals0 (G, 2), of the second across1, up1, heights1, goals1, and so on; "value": what shades
                  are; "x", "y": names of the axes
    relief        panels, each with "ways": their names; of the first panel grid0 (3, H, W), the x, y and heights of the
                  surface, goals0 (G, 3), way0_0, way0_1, ... (N, 3), of the second grid1, and so on; "value", "x", "y":
                  names of the axes
    graph         places (N, 2) of the boxes, x = 0, 1, ... to the right and y upwards, edges (E, 2) from box to box;
                  bends (B, 3): (edge, x, y) of the places that an edge goes through between its boxes, from left to
                  right; marked (M,): edges in another colour; "labels"; "edge_labels", which may be empty;
                  "columns", "rows": the boxes that fit side by side and one below the other
    strips        series (N,) numbers, strips (S, 6): (panel, row, start, stop, colour, whether the state is carried to
                  it from the strip before); panels, each with "rows": their names
"""

from xdl.plot.bars import bars, bars_data
from xdl.plot.data_file import load_data, save_data
from xdl.plot.drawing import KINDS, draw
from xdl.plot.figure import is_possible
from xdl.plot.figure_data import FigureData
from xdl.plot.graphs import graph, graph_data
from xdl.plot.images import predictions, predictions_data
from xdl.plot.letters import drawable
from xdl.plot.lines import comparison, comparison_data, lines, lines_data
from xdl.plot.maps import feature_maps, feature_maps_data, gallery, gallery_data, overlaid
from xdl.plot.matrices import matrices, matrices_data
from xdl.plot.matrix import confusion, confusion_data, heat, heat_data
from xdl.plot.panels import Line
from xdl.plot.plain.cells import Cells, cells, cells_data
from xdl.plot.plain.field import field, field_data
from xdl.plot.plain.paths import Surface, paths, paths_data
from xdl.plot.plain.relief import Relief, relief, relief_data
from xdl.plot.plane import grid, regions, regions_data
from xdl.plot.strips import Strip, strips, strips_data
from xdl.plot.texts import coloured_text, coloured_text_data
from xdl.plot.tiles import save_tiles, tiles_data
from xdl.plot.tracing import snapshots, snapshots_data, trace, trace_data
from xdl.plot.training import bands, bands_data, curves, curves_data
from xdl.plot.trials.parallel import parallel, parallel_data
from xdl.plot.weights import filters, filters_data

__all__ = [
    "KINDS",
    "Cells",
    "FigureData",
    "Line",
    "Relief",
    "Strip",
    "Surface",
    "bands",
    "bands_data",
    "bars",
    "bars_data",
    "cells",
    "cells_data",
    "coloured_text",
    "coloured_text_data",
    "comparison",
    "comparison_data",
    "confusion",
    "confusion_data",
    "curves",
    "curves_data",
    "draw",
    "drawable",
    "feature_maps",
    "feature_maps_data",
    "field",
    "field_data",
    "filters",
    "filters_data",
    "gallery",
    "gallery_data",
    "graph",
    "graph_data",
    "grid",
    "heat",
    "heat_data",
    "is_possible",
    "lines",
    "lines_data",
    "load_data",
    "matrices",
    "matrices_data",
    "overlaid",
    "parallel",
    "parallel_data",
    "paths",
    "paths_data",
    "predictions",
    "predictions_data",
    "regions",
    "regions_data",
    "relief",
    "relief_data",
    "save_data",
    "save_tiles",
    "snapshots",
    "snapshots_data",
    "strips",
    "strips_data",
    "tiles_data",
    "trace",
    "trace_data",
]
