"""Arrays as coloured cells: numbers, halves and pale copies where they belong; what does not fit is refused."""

from math import nan

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb

from xdl import plot
from xdl.errors import DataError, ShapeError
from xdl.plot import Cells, figure
from xdl.plot.plain import cells


@pytest.fixture
def drawn(monkeypatch):
    """The Figure objects that were saved, in order; they are still written."""
    kept = []

    def save(fig, path, data):
        kept.append(fig)
        figure.save(fig, path, data)

    monkeypatch.setattr(cells, "save", save)
    return kept


def test_cells_have_numbers_colours_and_halves(tmp_path, drawn):
    rows = [[Cells([[1.0, nan], [3, 4]], [[1, 0], [-1, 2]], "a"), Cells([5, 6], [3, 4], "b", "=", [5, 6])]]
    plot.cells(tmp_path / "a.png", rows, "title", legend={1: "ill"})
    (axes,) = drawn[0].axes
    assert [text.get_text() for text in axes.texts] == ["1", "4", "a", "", "5", "6", "b", "=", "ill"]
    squares, others, halves = [one for one in axes.collections if isinstance(one, PolyCollection)]
    assert np.allclose(squares.get_facecolors()[:, :3], [to_rgb(cells.COLOURS[k]) for k in (1, 0, 2)])
    assert np.allclose(others.get_facecolors()[:, :3], [to_rgb(cells.COLOURS[k]) for k in (3, 4)])
    assert np.allclose(halves.get_facecolors()[:, :3], [to_rgb(cells.COLOURS[k]) for k in (5, 6)])
    corners = halves.get_paths()[0].vertices[:3]
    assert len(np.unique(corners, axis=0)) == 3
    sizes = {round(float(np.ptp(path.vertices[:, 0])), 6) for one in (squares, others) for path in one.get_paths()}
    assert sizes == {cells.CELL}


def test_copies_are_paler_and_many_cells_have_no_numbers(tmp_path, drawn):
    plot.cells(tmp_path / "a.png", [[Cells([1, 1], [1, 1], pale=[False, True])]], "title")
    one, copy = drawn[0].axes[0].collections[0].get_facecolors()[:, :3]
    assert (copy > one).all()
    plot.cells(tmp_path / "a.png", [[Cells(np.zeros((30, 30)), np.zeros((30, 30)))]], "title", size=0.05)
    assert [text.get_text() for text in drawn[1].axes[0].texts if text.get_text()] == []


@pytest.mark.parametrize(
    ("rows", "error", "said"),
    [
        ([], DataError, "at least one panel"),
        ([[]], DataError, "at least one panel"),
        ([[Cells([1, 2], [1])]], ShapeError, r"colours of \(1, 2\)"),
        ([[Cells([1, 2], [1, 2], second=[1])]], ShapeError, "second of"),
        ([[Cells([1, 2], [1, 99])]], DataError, "colours from -1"),
        ([[Cells(np.zeros((2, 2, 2)), np.zeros((2, 2, 2)))]], ShapeError, "colours of"),
    ],
)
def test_what_does_not_fit_is_refused(rows, error, said):
    with pytest.raises(error, match=said):
        plot.cells_data(rows, "title")
