"""Texts coloured by a number: where tokens stand, where lines break, and what is refused."""

from math import nan

import pytest

from xdl import plot
from xdl.errors import DataError, ShapeError
from xdl.plot import texts


@pytest.fixture
def drawn(monkeypatch):
    """The Figure objects that were saved, in order."""
    kept = []
    monkeypatch.setattr(texts, "save", lambda *given: kept.append(given[0]))
    return kept


def placed(fig):
    """(row, column, text) of what is written: the row and the column of its middle."""
    return [(int(t.get_position()[1]), t.get_position()[0], t.get_text()) for t in fig.axes[0].texts]


def test_lines_end_where_the_text_and_the_width_say(tmp_path, drawn):
    plot.coloured_text(tmp_path / "a.png", ["ab\ncdef", "x y"], [[0, 1, 2, 3, 4, nan, 6], [1, 1, 1]], "t", width=3)
    assert placed(drawn[0]) == [
        *((0, 0.5, "a"), (0, 1.5, "b"), (0, 2.5, "↵")),
        *((1, 0.5, "c"), (1, 1.5, "d"), (1, 2.5, "e"), (2, 0.5, "f")),
        *((4, 0.5, "x"), (4, 2.5, "y")),
    ]


def test_words_have_blanks_between_and_texts_names_above(tmp_path, drawn):
    words = [["not", "good", "很好"]]
    plot.coloured_text(tmp_path / "a.png", words, [[-3, 1, 0]], "t", names=["a review"], diverging=True, spaced=True)
    assert placed(drawn[0]) == [(1, 1.5, "not"), (1, 6, "good"), (1, 11, "很好"), (0, 0, "a review")]
    cells = drawn[0].axes[0].collections[0]
    assert cells.get_clim() == (-3, 3)
    assert drawn[0].axes[0].texts[0].get_color() == "white"


def test_a_colour_scale_may_end_below_the_largest_value(tmp_path, drawn):
    plot.coloured_text(tmp_path / "a.png", ["abc"], [[1, 2, 100]], "t", most=5)
    assert drawn[0].axes[0].collections[0].get_clim() == (0, 5)


def test_a_long_text_is_drawn(tmp_path):
    plot.coloured_text(tmp_path / "a.png", ["a $b$ " * 100], [range(600)], "long", names=["$x$"], value="nats")
    assert (tmp_path / "a.png").stat().st_size > 0


@pytest.mark.parametrize(
    ("tokens", "values", "more", "error"),
    [
        (["ab"], [[1]], {}, ShapeError),
        (["ab"], [[1, 2], [3]], {}, ShapeError),
        (["ab"], [[1, 2]], {"names": ["a", "b"]}, ShapeError),
        ([""], [[]], {}, DataError),
        (["a"], [[1]], {"width": 0}, DataError),
        (["a"], [[1]], {"most": 0.0}, DataError),
    ],
)
def test_texts_that_do_not_fit_are_refused(tokens, values, more, error):
    with pytest.raises(error, match=r"plot\.coloured_text"):
        plot.coloured_text_data(tokens, values, "title", **more)
