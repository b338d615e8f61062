"""Graphs: every edge is drawn, ends at its boxes, and runs behind no other box."""

import random

import pytest

from xdl import plot
from xdl.errors import ShapeError
from xdl.plot.layers import arrange


def segments(places, bends, edges):
    """For each edge the points that it goes through, from column to column."""
    for number, (start, end) in enumerate(edges):
        yield [places[start], *[(x, y) for edge, x, y in bends if edge == number], places[end]]


def drawn_from(count, rng):
    edges = [(rng.randrange(end), end) for end in range(1, count) for _ in range(rng.choice((1, 2, 2)))]
    return count, edges


@pytest.mark.parametrize("seed", range(20))
def test_no_edge_runs_behind_a_box(seed):
    count, edges = drawn_from(12, random.Random(seed))
    places, bends = arrange(count, edges)
    everything = [*places, *[(x, y) for _, x, y in bends]]
    for x, y in places:
        near = [v for u, v in everything if u == x]
        assert sum(abs(v - y) < 0.61 for v in near) == 1
    for points in segments(places, bends, edges):
        assert [x for x, _ in points] == [points[0][0] + i for i in range(len(points))]


def test_places_are_near_and_ordered():
    places, bends = arrange(6, [(0, 2), (1, 2), (2, 4), (3, 4), (4, 5), (0, 5)])
    assert [x for x, _ in places] == [0, 0, 1, 1, 2, 3]
    assert [(edge, x) for edge, x, _ in bends] == [(5, 1), (5, 2)]
    heights = [y for _, y in places]
    assert heights[0] > heights[1]
    assert max(heights) - min(heights) < 4


def test_equal_edges_are_drawn_apart_and_end_at_boxes(tmp_path, monkeypatch):
    kept = []
    monkeypatch.setattr("xdl.plot.graphs.save", lambda figure, *_: kept.append(figure))
    plot.graph(tmp_path / "a.png", ["d", "d * d"], [(0, 1), (0, 1)], "title", ["one", "two"], [1])
    (axes,) = kept[0].axes
    arrows = [patch for patch in axes.patches if type(patch).__name__ == "FancyArrowPatch"]
    boxes = [patch for patch in axes.patches if type(patch).__name__ == "FancyBboxPatch"]
    assert (len(arrows), len(boxes)) == (2, 2)
    (left, right) = ((box.get_x(), box.get_x() + box.get_width()) for box in boxes)
    paths = [arrow._path_original.vertices for arrow in arrows]
    assert all(path[0][0] == pytest.approx(left[1]) and path[-1][0] == pytest.approx(right[0]) for path in paths)
    assert abs(paths[0][-1][1] - paths[1][-1][1]) > 0.09
    assert len({arrow.get_edgecolor() for arrow in arrows}) == 2
    texts = {text.get_text() for text in axes.texts}
    assert texts == {"d", "d * d", "one", "two"}
    assert kept[0]._suptitle.get_text() == "title"


@pytest.mark.parametrize(("labels", "marked", "said"), [(["a"], [], "2 labels"), ([], [2], "marked edges below 2")])
def test_labels_and_marks_that_do_not_fit_are_refused(labels, marked, said):
    with pytest.raises(ShapeError, match=said):
        plot.graph_data(["a", "b"], [(0, 1), (0, 1)], "", labels, marked)


def test_a_long_caption_is_broken_into_lines_and_the_figure_grows(tmp_path):
    data = plot.graph_data(["a", "b"], [(0, 1)])
    heights = []
    for name, caption in {"short": "graph", "long": "graph\n" + "many words " * 40}.items():
        plot.draw(data.captioned(caption), tmp_path / name)
        heights.append(int.from_bytes((tmp_path / name).read_bytes()[20:24], "big"))
    assert heights[1] > heights[0] + 60
