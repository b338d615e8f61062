"""Bars and matrices: what is drawn is what was given, and the rest is refused."""

import sys

import numpy as np
import pytest

from xdl import plot
from xdl.errors import DataError, ShapeError
from xdl.plot import figure

TIMES = {"seconds": {"forward": [100.0, 2.0], "backward": [300.0, np.nan]}}


@pytest.fixture
def drawn(monkeypatch):
    kept = []

    def save(fig, path, data):
        kept.append(fig)
        figure.save(fig, path, data)

    for name in ("bars", "matrices"):
        monkeypatch.setattr(sys.modules[f"xdl.plot.{name}"], "save", save)
    return kept


def test_bars_have_their_length_name_and_number(tmp_path, drawn):
    plot.bars(tmp_path / "b.png", ["loops", "xdl"], TIMES, "title", log=True)
    (axes,) = drawn[0].axes
    assert [patch.get_width() for patch in axes.patches][:3] == [100, 2, 300]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["loops", "xdl"]
    assert [text.get_text() for text in axes.texts] == ["100", "2", "300"]
    assert axes.get_xscale() == "log"
    assert axes.get_xlim()[0] == 1
    assert axes.yaxis_inverted()


@pytest.mark.parametrize("panels", [1, 2])
def test_a_title_that_is_wider_than_its_panel_is_broken(tmp_path, drawn, panels):
    names = ["transformer, 170,942 weights", "k-gram, kneser-ney, k = 5"]
    headings = [f"nats per character of the held-out last tenth, {i}" for i in range(panels)]
    plot.bars(tmp_path / "b.png", names, {heading: {"nats": [2.764, 1.446]} for heading in headings}, "title")
    boxes = [axes.title.get_window_extent() for axes in drawn[0].axes]
    assert [" ".join(axes.get_title().split("\n")) for axes in drawn[0].axes] == headings
    assert all(box.x0 >= 0 and box.x1 <= drawn[0].bbox.x1 for box in boxes)
    assert not any(one.overlaps(other) for one in boxes for other in boxes if one is not other)
    plot.bars(tmp_path / "b.png", names, {"nats": {"nats": [2.764, 1.446]}}, "title")
    assert drawn[1].axes[0].get_title() == "nats"


@pytest.mark.parametrize(
    ("names", "panels", "log", "error"),
    [
        ([], TIMES, False, DataError),
        (["a"] * 41, {"p": {"s": [1.0] * 41}}, False, DataError),
        (["a", "b"], {}, False, DataError),
        (["a", "b"], {"p": {}}, False, DataError),
        (["a", "b"], {"p": {"s": [1.0]}}, False, ShapeError),
        (["a", "b"], {"p": {"s": [1.0, 0.0]}}, True, DataError),
        (["a", "b"], {"p": {"s": [1.0, np.inf]}}, False, DataError),
    ],
)
def test_bars_that_do_not_fit_are_refused(tmp_path, names, panels, log, error):
    with pytest.raises(error, match=r"plot\.bars"):
        plot.bars(tmp_path / "b.png", names, panels, "title", log=log)
    assert list(tmp_path.iterdir()) == []


def test_matrices_have_their_numbers_in_the_cells(tmp_path, drawn):
    plot.matrices(tmp_path / "m.png", {"a": [[1, np.nan], [-2.5, 1 / 3]], "large": np.zeros((30, 2))}, "title")
    small, large = drawn[0].axes
    assert [text.get_text() for text in small.texts] == ["1", "-2.5", "0.333"]
    assert (small.get_title(), len(large.texts)) == ("a", 0)
    assert small.yaxis_inverted()


def test_matrices_are_coloured_by_a_scale_of_their_own_or_by_one_for_all(tmp_path, drawn):
    several = {"a": [[1.0, 2.0]], "b": [[8.0, -4.0]]}
    for share, ends in ((False, (2, 8)), (True, (8, 8))):
        plot.matrices(tmp_path / "m.png", several, "title", share=share)
        colours = [axes.collections[0].get_clim()[1] for axes in drawn[-1].axes]
        assert [colour / 1.6 for colour in colours] == pytest.approx(ends)


@pytest.mark.parametrize(
    ("given", "error"), [({}, DataError), ({"a": np.zeros((2, 2, 2))}, ShapeError), ({"a": []}, ShapeError)]
)
def test_matrices_that_do_not_fit_are_refused(tmp_path, given, error):
    with pytest.raises(error, match=r"plot\.matrices"):
        plot.matrices(tmp_path / "m.png", given, "title")
