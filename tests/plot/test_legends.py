"""No legend covers what is drawn: it stands in a free place of its panel, or below the panel."""

import numpy as np
import pytest

from tests.plot.examples import EXAMPLES, RECORDS, build
from tests.plot.overlap import covered, watch
from xdl import plot
from xdl.errors import ShapeError

XS = np.arange(1, 400)
NOISE = np.random.default_rng(0).uniform(-1, 1, (3, len(XS)))
FALLING = {f"cell number {i}": ([1, 20], [3.7 - i / 10, 3.4 - i / 10]) for i in range(7)}
RECORDED = [{"epoch": i, "train_loss": 1 + i % 2, "validation_loss": 2 - i % 2} for i in range(1, 40)]

HARD = {
    "noise in all corners": plot.lines_data({"p": {f"series {i}": (XS, NOISE[i]) for i in range(3)}}, "title", "x"),
    "many names": plot.lines_data({"p": FALLING, "q": FALLING}, "title", ["x", "y"], share=True),
    "bands": plot.lines_data(
        {"p": {name: plot.Line(XS, 0 * XS, 0 * XS - 1, 0 * XS + 1) for name in "ab"}}, "title", log=False
    ),
    "two rows": plot.lines_data({name: {"a": (XS, NOISE[0]), "b": (XS, NOISE[1])} for name in "pq"}, "t", columns=1),
    "dots": plot.lines_data(
        {"p": {name: plot.Line(XS, NOISE[i], look="dots") for i, name in enumerate("ab")}}, "title"
    ),
    "steps": plot.lines_data(
        {"p": {name: plot.Line([1, 2, 3, 4], [i, 9, 0, 9 - i], look="steps") for i, name in enumerate("abcdefg")}}, "t"
    ),
    "a comparison": plot.comparison_data({"one with a long name": RECORDED, "two": RECORDED[:30]}, "title"),
    "curves": plot.curves_data({"train_loss": [1, 2] * 20, "validation_loss": [2, 1] * 20}, "title", tested=20),
    "mean and range": plot.bands_data({"loss": {"one": NOISE[:2].tolist(), "two": (3 * NOISE).tolist()}}, "title"),
}


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    figures = watch(monkeypatch)

    def draw(data):
        plot.draw(data.captioned("a caption\nof two lines"), tmp_path / "a.png")
        return figures.pop()

    return draw


@pytest.mark.parametrize("name", HARD)
def test_where_no_place_is_free_the_legend_stands_below(name, drawn):
    found = covered(drawn(HARD[name]))
    assert found
    assert set(found.values()) == {0}


@pytest.mark.parametrize("kind", ["bands", "bars", "comparison", "curves", "lines"])
def test_no_legend_of_the_examples_covers_anything(kind, drawn):
    assert kind in EXAMPLES
    assert set(covered(drawn(build(kind))).values()) == {0}


def test_a_free_corner_is_taken_and_the_figure_stays_as_it_is(drawn):
    rising = plot.lines_data({"p": {"a": ([1, 2], [1, 2]), "b": ([1, 2], [1.1, 2.1])}}, "title", "x")
    figure = drawn(rising)
    (axes,) = figure.axes
    box = axes.get_legend().get_window_extent()
    assert axes.bbox.x0 <= box.x0 < box.x1 <= axes.bbox.x1
    assert axes.bbox.y0 <= box.y0 < box.y1 <= axes.bbox.y1
    assert figure.get_figheight() < drawn(HARD["noise in all corners"]).get_figheight()


def test_each_panel_names_its_own_axis(drawn):
    figure = drawn(HARD["many names"])
    assert [axes.get_xlabel() for axes in figure.axes] == ["x", "y"]
    with pytest.raises(ShapeError, match="one name of the axis, or 2"):
        plot.lines_data({"p": FALLING, "q": FALLING}, "title", ["x"])


def test_equal_runs_are_both_seen(drawn):
    first, second = (
        line
        for line in drawn(plot.comparison_data({"a": RECORDS[:1], "b": RECORDS[:1]}, "t")).axes[0].lines
        if line.get_label() in "ab"
    )
    assert first.get_xydata().tolist() == second.get_xydata().tolist()
    assert first.get_markersize() > second.get_markersize() + 4
    different = (
        drawn(plot.comparison_data({"a": RECORDS[:1], "b": [{"epoch": 1, "train_loss": 0.1}]}, "t")).axes[0].lines
    )
    assert len({line.get_markersize() for line in different}) == 1
