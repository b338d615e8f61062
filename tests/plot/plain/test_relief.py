"""Surfaces in space: what their data hold, and what is refused."""

import numpy as np
import pytest

from xdl import plot
from xdl.errors import DataError, ShapeError

FLAT = [[0.0, 1.0], [0.0, 1.0]]


def test_the_data_hold_each_surface_and_its_ways():
    panels = {"a": plot.Relief(FLAT, FLAT, FLAT, {"one": [[0, 0, 0]], "two": np.ones((3, 3))}, [[1, 1, 1]]),
              "b": plot.Relief(FLAT, FLAT, FLAT)}  # fmt: skip
    data = plot.relief_data(panels, "title", value="f", y="b")
    assert data.array("grid1", 3).shape == (3, 2, 2)
    assert data.array("way0_1", 2).shape == (3, 3)
    assert (data.array("goals0", 2).shape, data.array("goals1", 2).shape) == ((1, 3), (0, 3))
    assert data.options["panels"] == [{"title": "a", "ways": ["one", "two"]}, {"title": "b", "ways": []}]
    assert (data.options["value"], data.options["x"], data.options["y"]) == ("f", "x", "b")


@pytest.mark.parametrize(
    ("error", "match", "panels"),
    [
        (DataError, "at least one panel", {}),
        (ShapeError, "xs, ys and heights", {"a": plot.Relief([0, 1], [0, 1], [0, 1])}),
        (ShapeError, "xs, ys and heights", {"a": plot.Relief(FLAT, FLAT, [[0.0, 1.0]])}),
        (ShapeError, r"way \(N, 3\)", {"a": plot.Relief(FLAT, FLAT, FLAT, {"way": [[0, 0]]})}),
    ],
)
def test_what_is_refused(error, match, panels):
    with pytest.raises(error, match=match):
        plot.relief_data(panels, "title")
