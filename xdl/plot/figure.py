"""The canvas of all figures: matplotlib's Figure drawn by Agg, without pyplot and its global state."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from xdl.errors import DataError, XdlError, expect
from xdl.io.files import atomic

INSTALL = 'pip install "matplotlib>=3.9"'

BLUE, ORANGE, RED, GREY = "#1f6fb4", "#d9731a", "#c2272d", "#6b6b6b"
DPI = 120
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


def save(figure: Any, path: str | os.PathLike[str]) -> None:
    """Writes the figure as a PNG. The file appears whole or not at all; its folder is made if needed."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with atomic(target) as part:
        figure.savefig(part, format="png")
