"""Heat maps: a number in each cell, crosses and frames; and the shades of the plane."""

from math import inf, nan

import numpy as np
import pytest
from matplotlib.text import Text

from xdl import plot
from xdl.errors import DataError, ShapeError
from xdl.plot import figure, matrix, plane


@pytest.fixture
def drawn(monkeypatch):
    """The Figure objects that were saved, in order; they are still written."""
    kept = []

    def save(fig, path, data):
        kept.append(fig)
        figure.save(fig, path, data)

    for module in (matrix, plane):
        monkeypatch.setattr(module, "save", save)
    return kept


def test_a_heat_map_has_numbers_crosses_and_frames(tmp_path, drawn):
    values, framed = [[1.0, nan, 0.123456], [2.0, inf, 30.0]], [[False, False, True], [True, False, False]]
    names = {"y": "method", "x": "rate", "value": "loss"}
    plot.heat(tmp_path / "a.png", values, ["a", "b"], ["1", "2", "3"], "title", log=True, framed=framed, **names)
    axes, bar = drawn[0].axes
    assert [text.get_text() for text in axes.texts] == ["1", "0.123", "2", "30"]
    crosses, *frames = axes.lines
    assert np.transpose(crosses.get_data()).tolist() == [[1.5, 0.5], [1.5, 1.5]]
    assert [(min(frame.get_xdata()), min(frame.get_ydata())) for frame in frames] == [(2, 0), (0, 1)]
    assert (axes.get_xlabel(), axes.get_ylabel(), bar.get_ylabel()) == ("rate", "method", "loss")


def test_many_cells_have_no_numbers(tmp_path, drawn):
    names = [str(i) for i in range(21)]
    plot.heat(tmp_path / "a.png", np.eye(21), names, names, "attention")
    assert not drawn[0].axes[0].texts


def test_what_has_no_value_anywhere_is_drawn(tmp_path, drawn):
    plot.heat(tmp_path / "a.png", [[nan, nan]], ["a"], ["1", "2"], "title", log=True)
    assert len(drawn[0].axes[0].lines[0].get_xdata()) == 2


@pytest.mark.parametrize(
    ("values", "more", "error"),
    [
        ([[1.0, 2.0]], {}, ShapeError),
        ([[1.0]], {"framed": [True]}, ShapeError),
        ([[0.0]], {"log": True}, DataError),
    ],
)
def test_heat_maps_that_do_not_fit_are_refused(values, more, error):
    with pytest.raises(error, match=r"plot\.heat"):
        plot.heat_data(values, ["a"], ["b"], "title", **more)


def test_no_class_lies_between_two_others(tmp_path, drawn):
    """The plane's colours are those of the classes there, mixed by their probabilities."""
    points = [[0.0, 0.0], [1.0, 1.0]]
    on = plot.grid(points, side=10)
    shares = np.zeros((100, 3))
    shares[:50, 0] = shares[50:, 2] = 1
    plot.regions(tmp_path / "a.png", {"one": shares}, on, points, [0, 2], "title")
    (axes,) = drawn[0].axes
    image = axes.images[0].get_array().reshape(100, 3)
    assert len(np.unique(np.round(image, 6), axis=0)) == 2
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("x1", "x2")
    assert drawn[0].get_suptitle() == "title"


def test_a_long_title_stands_on_several_lines_within_the_figure(tmp_path):
    title = "Test accuracy of a small network on digits (frame: the validated rate; cross: diverged, or none would do)"
    drawing = figure.new_figure(5, 3)
    drawing.suptitle(title)
    drawing.subplots()
    figure.save(drawing, tmp_path / "a.png", plot.heat_data([[1.0]], ["a"], ["b"], title))
    (written,) = [text for text in drawing.findobj(Text) if text.get_text().startswith("Test accuracy")]
    place = written.get_window_extent()
    assert " ".join(written.get_text().split("\n")) == title
    assert 0 <= place.x0 < place.x1 <= drawing.bbox.width
    assert drawing.get_figheight() > 3
