"""Titles that are wider than what they stand above get several lines."""

from __future__ import annotations

from textwrap import wrap
from typing import Any

LINE = 0.2  # inches
LETTERS = 10  # the fewest of a line


def fit_panel_titles(figure: Any) -> None:
    """Breaks the titles of panels that run beyond the figure's edge or into another one; the figure grows by that."""
    titled = [axes for axes in figure.axes if axes.get_title()]
    if not titled:
        return
    figure.get_layout_engine().execute(figure)
    renderer = figure.canvas.get_renderer()
    boxes = {axes: axes.title.get_window_extent(renderer) for axes in titled}
    more = 0
    for axes, box in boxes.items():
        title = axes.get_title()
        beyond = box.x0 < figure.bbox.x0 or box.x1 > figure.bbox.x1
        if "\n" not in title and (beyond or any(box.overlaps(boxes[other]) for other in titled if other is not axes)):
            lines = wrap(title, max(LETTERS, int(len(title) * axes.bbox.width / box.width)))
            axes.title.set_text("\n".join(lines))
            more = max(more, len(lines) - 1)
    figure.set_figheight(figure.get_figheight() + LINE * more)
