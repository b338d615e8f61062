"""Parallel coordinates: axes of numbers and words, better trials darker and on top, those without a result in red."""

from math import nan

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from xdl import plot
from xdl.errors import DataError, ShapeError
from xdl.plot import figure
from xdl.plot.trials import parallel

COLUMNS = {"lr": [0.01, 1.0, 0.1, 0.1], "optimizer": ["adam", "sgd", "adam", "sgd"]}
VALUES = [0.5, 2.0, nan, 1.0]
MORE = {"log": ["lr"], "ranges": {"lr": (0.01, 100.0), "optimizer": ("sgd", "adam")}, "value": "loss", "best": 0}


@pytest.fixture
def axes_of(tmp_path, monkeypatch):
    """Draws, and returns the axes of the Figure that was saved."""
    kept = []

    def save(fig, path, data):
        kept.append(fig)
        figure.save(fig, path, data)

    def draw(*arguments, **more):
        plot.parallel(tmp_path / "a.png", *arguments, **more)
        assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
        return kept[-1].axes[0]

    monkeypatch.setattr(parallel, "save", save)
    return draw


def lines(axes):
    """[(label or None, places)] of the lines of trials, from the one at the bottom to that on top."""
    drawn = sorted((line for line in axes.lines if len(line.get_xdata()) > 2 or line.get_marker() == "x"),
                   key=lambda line: line.get_zorder())  # fmt: skip
    return [(line.get_label(), np.round(line.get_ydata(), 3).tolist()) for line in drawn]


def test_a_line_goes_through_the_values_of_a_trial(axes_of):
    axes = axes_of(COLUMNS, VALUES, "title", **MORE)
    found = lines(axes)
    assert [places for _, places in found] == [
        [0.25, 1.0],  # no result: it ends before the last axis
        [0.5, 0.0, 1.0],  # the worst: lr=1 is half of 0.01 to 100, sgd the first word
        [0.25, 0.0, 0.333],
        [0.0, 1.0, 0.0],  # the best
        [0.0, 1.0, 0.0],  # and marked
    ]
    assert found[-1][0] == "best"
    assert found[0][0] == "no result: diverged"
    assert [text.get_text() for text in axes.get_xticklabels()] == ["lr", "optimizer", "loss"]
    texts = [text.get_text() for text in axes.texts]
    assert texts == ["0.01", "0.1", "1", "10", "100", "sgd", "adam", "0.5", "0.875", "1.25", "1.62", "2"]


def test_more_is_better_where_it_says_so(axes_of):
    found = lines(axes_of(COLUMNS, VALUES, "title", better="max"))
    assert found[-1][1][-1] == 1.0
    assert found[0][1][-1] == 0.0


def test_results_that_differ_much_get_a_logarithmic_axis(axes_of):
    axes = axes_of({"a": [1, 2, 3], "b": [1, 1, 1]}, [0.01, 1.0, 100.0], "title")
    assert {places[-1] for _, places in lines(axes)} == {0.0, 0.5, 1.0}


def test_one_trial_and_trials_that_all_diverged_are_drawn(axes_of):
    axes_of({"a": [1], "b": ["x"]}, [3.0], "title", best=0)
    axes_of({"a": [1, 1]}, [nan, nan], "title")
    axes_of(COLUMNS, VALUES, "title", faint=[True, False, False, False])


def test_the_legend_shows_finished_trials_in_a_colour_that_can_be_seen(axes_of):
    legend = axes_of({"a": range(9)}, range(9), "title", faint=[True] + [False] * 8).get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["finished, better ones darker", "ended early"]
    for line in legend.get_lines():
        assert np.mean(to_rgb(line.get_color())) < 0.5


def test_words_that_are_not_among_the_allowed_ones_are_named_too():
    data = plot.parallel_data({"a": ["x", "y"]}, [1, 2], "title", ranges={"a": ["z", "x"]})
    assert data.options["axes"][0]["words"] == ["z", "x", "y"]
    assert data.arrays["column0"].tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("columns", "values", "more", "error"),
    [
        ({}, [1.0], {}, DataError),
        ({"a": []}, [], {}, DataError),
        ({"a": [1, 2]}, [1.0], {}, ShapeError),
        ({"a": [1]}, [[1.0]], {}, DataError),
        ({"a": [0]}, [1.0], {"log": ["a"]}, DataError),
        ({"a": [nan]}, [1.0], {}, DataError),
        ({"a": [1]}, [1.0], {"best": 1}, DataError),
        ({"a": [1]}, [1.0], {"better": "low"}, DataError),
        ({"a": [1]}, [1.0], {"faint": [True, False]}, ShapeError),
    ],
)
def test_what_cannot_be_drawn_is_refused(columns, values, more, error):
    with pytest.raises(error, match=r"plot\.parallel"):
        plot.parallel_data(columns, values, "title", **more)
