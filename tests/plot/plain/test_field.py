"""A function of two variables: arrows of one scale, marked points, one length for 1 along both axes."""

import numpy as np
import pytest

from xdl import plot
from xdl.errors import DataError, ShapeError
from xdl.plot import figure
from xdl.plot.plain import field

XS, YS = np.linspace(-1, 1, 5), np.linspace(0, 1, 4)


def test_arrows_are_as_long_as_their_distance_at_most(tmp_path, monkeypatch):
    kept = []

    def save(fig, path, data):
        kept.append(fig)
        figure.save(fig, path, data)

    monkeypatch.setattr(field, "save", save)
    places = [[x, y] for x in (-1, 0, 1) for y in (0, 1)]
    arrows = [[10 * x, 1] for x, _ in places]
    more = {"places": places, "arrows": arrows, "points": {"here": (0.5, 0.5)}, "value": "f"}
    plot.field(tmp_path / "a.png", XS, YS, YS[:, None] + XS**2, "title", **more)
    axes, bar = kept[0].axes
    (quiver,) = [one for one in axes.collections if hasattr(one, "U")]
    assert quiver.U.tolist() == [10 * x for x, _ in places]
    assert np.hypot(10, 1) / quiver.scale == pytest.approx(field.LONGEST)
    assert [text.get_text() for text in axes.texts] == ["here"]
    assert axes.get_aspect() == 1
    assert (bar.get_ylabel(), kept[0].get_suptitle()) == ("f", "title")


@pytest.mark.parametrize(
    ("given", "more", "error", "said"),
    [
        ((XS, YS, np.zeros((5, 4))), {}, ShapeError, "heights"),
        ((XS, YS, np.full((4, 5), np.nan)), {}, DataError, "heights that are numbers"),
        ((XS, YS, np.zeros((4, 5))), {"places": [[0, 0]]}, ShapeError, r"arrows of \(1, 2\)"),
    ],
)
def test_what_does_not_fit_is_refused(given, more, error, said):
    with pytest.raises(error, match=said):
        plot.field_data(*given, "title", **more)
