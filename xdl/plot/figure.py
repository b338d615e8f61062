"""The canvas of all figures: matplotlib's Figure drawn by Agg, without pyplot and its global state."""

from __future__ import annotations

import os
import warnings
from importlib.util import find_spec
from pathlib import Path
from textwrap import wrap
from typing import Any

from xdl.errors import DataError, XdlError, expect
from xdl.io.files import atomic, storing
from xdl.plot.figure_data import FigureData
from xdl.plot.legends import place_legends
from xdl.plot.letters import take_as_it_is

INSTALL = 'pip install "matplotlib>=3.9"'

BLUE, ORANGE, RED, GREY = "#1f6fb4", "#d9731a", "#c2272d", "#6b6b6b"
DPI = 120
TITLE_LETTER, TITLE_LINE = 0.105, 0.2  # inches
TITLE_LETTERS = 10  # the fewest of a line
CAPTION_SIZE, CAPTION_LETTER, CAPTION_LINE, CAPTION_LINES = 8, 0.062, 0.14, 20  # points, inches, inches, how many
LARGEST = 4_000  # square inches: 230 MB while they are drawn


def is_possible() -> bool:
    """Whether matplotlib is installed."""
    return find_spec("matplotlib") is not None


def new_figure(width: float, height: float) -> Any:
    """An empty matplotlib Figure of width x height inches whose parts do not overlap.

    Raises XdlError with the install command where matplotlib is missing, DataError for a figure that no memory holds.
    """
    fits = min(width, height) > 0 and width * height <= LARGEST
    expect(fits, DataError, "plot", f"a figure of at most {LARGEST} square inches", f"{width:g} x {height:g} inches")
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise XdlError("plot", "matplotlib", f"none ({error})", f"Install it: {INSTALL}") from error
    figure: Any = Figure(figsize=(width, height), dpi=DPI, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.1, h_pad=0.1)
    FigureCanvasAgg(figure)
    return figure


def save(figure: Any, path: str | os.PathLike[str], data: FigureData) -> None:
    """Writes the figure as a PNG, below it the caption of its data: what experiment it is from; no legend covers lines.

    The file appears whole or not at all; its folder is made if needed.
    """
    _wrap_title(figure)
    caption = data.options.get("caption", "")
    if caption:
        lines = wrapped(caption, figure.get_figwidth(), CAPTION_LETTER)
        figure.set_figheight(figure.get_figheight() + CAPTION_LINE * (len(lines) - 1))
        figure.supxlabel("\n".join(lines), fontsize=CAPTION_SIZE, color=GREY)
    target = Path(path)
    with storing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    _take_names_as_they_are(figure)
    with atomic(target) as part, warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph .* missing from", UserWarning)  # an empty box stands for it
        _fit_panel_titles(figure)
        place_legends(figure)
        figure.savefig(part, format="png")


def wrapped(text: str, width: float, letter: float) -> list[str]:
    """The lines of a text over that many inches, of letters so wide."""
    letters = max(20, int(width / letter))
    return [line for part in text.split("\n") for line in wrap(part, letters) or [""]][:CAPTION_LINES]


def _wrap_title(figure: Any) -> None:
    """A title of one line that is wider than the figure gets several."""
    title = figure.get_suptitle()
    lines = wrapped(title, figure.get_figwidth(), TITLE_LETTER)
    if len(lines) > 1 and "\n" not in title:
        figure.set_figheight(figure.get_figheight() + TITLE_LINE * (len(lines) - 1))
        figure.suptitle("\n".join(lines))


def _fit_panel_titles(figure: Any) -> None:
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
            lines = wrap(title, max(TITLE_LETTERS, int(len(title) * axes.bbox.width / box.width)))
            axes.title.set_text("\n".join(lines))
            more = max(more, len(lines) - 1)
    figure.set_figheight(figure.get_figheight() + TITLE_LINE * more)


def _take_names_as_they_are(figure: Any) -> None:
    """No formula in names of runs, classes and measures. Powers of ten beside axes stay some."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        take_as_it_is(text)
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis) if axis.get_scale() == "log"):
        for label in axis.get_ticklabels(which="both"):
            label.set_parse_math(True)
