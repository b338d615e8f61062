"""How much of what is drawn in the panels of a figure lies under their legends, measured apart from how these are
placed: by points along lines, dots, and points of the legend's box that lie in bands and bars."""

from itertools import pairwise

import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

CLOSE = 0.5  # pixels from point to point of a line
GRID = 25  # points of a legend's box across and down


def covered(figure):
    """{title of the panel: points of its drawn things under a legend}, for each panel with a legend."""
    figure.draw_without_rendering()
    return {axes.get_title(): _under(axes, axes.get_legend()) for axes in figure.axes if axes.get_legend()}


def _under(axes, legend):
    box = legend.get_window_extent()
    count = sum(box.overlaps(other.bbox) for other in axes.figure.axes if other is not axes)
    for line in axes.lines:
        path = line.get_transform().transform_path(line.get_path()).vertices
        for start, end in pairwise(path):
            if np.isfinite([*start, *end]).all():
                share = np.linspace(0, 1, 2 + int(np.hypot(*(end - start)) / CLOSE))[:, None]
                count += _inside(box, start + share * (end - start))
        if line.get_marker() not in ("", "None"):
            count += _inside(box, path)
    xs, ys = np.meshgrid(np.linspace(box.x0, box.x1, GRID), np.linspace(box.y0, box.y1, GRID))
    across = np.column_stack([xs.ravel(), ys.ravel()])
    for drawn in axes.collections:
        if isinstance(drawn, PathCollection):
            count += _inside(box, drawn.get_offset_transform().transform(drawn.get_offsets()))
        elif len(drawn.get_facecolor()):
            for path in drawn.get_paths():
                count += int(drawn.get_transform().transform_path(path).contains_points(across).sum())
    for patch in axes.patches:
        count += int(patch.get_transform().transform_path(patch.get_path()).contains_points(across).sum())
    return count + sum(box.overlaps(text.get_window_extent()) for text in axes.texts)


def _inside(box, points):
    x, y = np.asarray(points).T
    return int(((x > box.x0) & (x < box.x1) & (y > box.y0) & (y < box.y1)).sum())


def watch(monkeypatch):
    """A list to which each figure is added in place of a file that it would be written to."""
    figures = []

    def keep(figure, path, **_):
        figures.append(figure)
        path.write_bytes(b"")

    monkeypatch.setattr(Figure, "savefig", keep)
    return figures
