"""Figures of several curves, pictures, regions and graphs: PNGs of the right outline, or a clear refusal."""

from importlib import import_module
from itertools import pairwise

import numpy as np
import pytest

from xdl import plot
from xdl.errors import DataError, ShapeError

RECORDS = [{"epoch": i, "train_loss": 1 / i, "validation_loss": 2 / i, "train_accuracy": 0.5} for i in (1, 2, 3)]


def size_of(path):
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG")
    return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")


def test_lines_are_panels_side_by_side(tmp_path):
    curve = {"a": ([1, 2, 3], [1.0, np.nan, 3.0]), "b": (range(2), [1, 2])}
    plot.lines(tmp_path / "1.png", {"one": curve}, "title", "x", log=True, x_log=True)
    plot.lines(tmp_path / "2.png", {"one": curve, "two": curve}, "title", "x", log=True, x_log=True)
    plot.lines(tmp_path / "4.png", dict.fromkeys("abcd", curve), "title", "x")
    (one, _), (two_wide, two_high), (wide, high) = (size_of(tmp_path / f"{panels}.png") for panels in (1, 2, 4))
    assert one < two_wide < 2 * one
    assert wide == pytest.approx(1.5 * two_wide, rel=0.05)
    assert high > 1.5 * two_high


def test_lines_refuse_what_does_not_fit(tmp_path):
    with pytest.raises(ShapeError, match="lists of one length for 'a'"):
        plot.lines(tmp_path / "a.png", {"one": {"a": ([1, 2], [1])}}, "title")
    for panels in ({}, {"one": {}}):
        with pytest.raises(DataError, match="at least one curve"):
            plot.lines(tmp_path / "a.png", panels, "title")
    assert list(tmp_path.iterdir()) == []


def test_comparison_has_a_panel_for_each_measure(tmp_path):
    plot.comparison(tmp_path / "2.png", {"a": RECORDS, "b": RECORDS[:1], "c": []}, "title")
    bare = [{"epoch": 1, "train_loss": 0.5}]
    plot.comparison(tmp_path / "1.png", {"a": bare}, "title")
    assert size_of(tmp_path / "2.png")[0] == 2 * size_of(tmp_path / "1.png")[0]


@pytest.mark.parametrize("histories", [{}, {"a": []}, {"a": [{"epoch": 1, "train_error": 3}]}])
def test_a_comparison_of_nothing_is_refused(tmp_path, histories):
    with pytest.raises(DataError, match=r"plot\.comparison"):
        plot.comparison(tmp_path / "a.png", histories, "title")


def test_galleries_are_rows_of_pictures(tmp_path):
    images = np.random.default_rng(0).normal(size=(11, 1, 8, 8))
    plot.gallery(tmp_path / "a.png", images, [str(i) for i in range(11)])
    plot.gallery(tmp_path / "b.png", images[:3, 0], ["x"] * 3)
    (_, high), (_, low) = size_of(tmp_path / "a.png"), size_of(tmp_path / "b.png")
    assert high == pytest.approx(2 * low, rel=0.05)
    with pytest.raises(ShapeError, match="3 titles"):
        plot.gallery(tmp_path / "c.png", images[:3], ["x"] * 4)
    with pytest.raises(ShapeError, match="images of"):
        plot.gallery(tmp_path / "c.png", np.zeros((2, 3, 8, 8)), ["x"] * 2)


def test_feature_maps_have_a_tile_a_layer(tmp_path):
    image, maps = np.zeros((8, 8)), {"one": np.ones((5, 4, 4)), "two": np.zeros((40, 2, 2))}
    plot.feature_maps(tmp_path / "a.png", image, maps)
    wide, high = size_of(tmp_path / "a.png")
    assert wide == pytest.approx(3 * high, rel=0.15)
    with pytest.raises(ShapeError, match=r"maps of \(C, H, W\) for one"):
        plot.feature_maps(tmp_path / "b.png", image, {"one": np.zeros((4, 4))})
    with pytest.raises(ShapeError, match="an image"):
        plot.feature_maps(tmp_path / "b.png", np.zeros(8), maps)


def test_a_grid_covers_the_points_with_a_margin():
    points = np.array([[0, 0], [2, 4]], dtype=np.float32)
    on = plot.grid(points, side=11)
    assert on.shape == (121, 2)
    assert on.min(axis=0) == pytest.approx([-0.2, -0.4])
    assert on.max(axis=0) == pytest.approx([2.2, 4.4])
    assert on[1][0] > on[0][0]
    assert on[1][1] == on[0][1]


def test_regions(tmp_path):
    points, labels = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([0, 1])
    on = plot.grid(points, side=20)
    classes = np.eye(2)[(on.sum(axis=1) > 1).astype(int)]
    plot.regions(tmp_path / "a.png", {"one": classes, "two": 1 - classes}, on, points, labels)
    assert size_of(tmp_path / "a.png")[0] > 1.8 * size_of(tmp_path / "a.png")[1]
    with pytest.raises(ShapeError, match=r"on of \(side\*\*2, 2\)"):
        plot.regions(tmp_path / "b.png", {"one": classes}, on[:-1], points, labels)
    with pytest.raises(ShapeError, match="400, K"):
        plot.regions(tmp_path / "b.png", {"one": classes[:-1]}, on, points, labels)
    with pytest.raises(ShapeError, match="points of"):
        plot.regions(tmp_path / "b.png", {"one": classes}, on, points, labels[:1])


def test_graphs_go_from_left_to_right(tmp_path):
    plot.graph(tmp_path / "long.png", ["a", "b", "c", "d"], [(0, 1), (1, 2), (2, 3)])
    plot.graph(tmp_path / "wide.png", ["a", "b", "c", "d"], [(0, 3), (1, 3), (2, 3)])
    (long, low), (short, high) = size_of(tmp_path / "long.png"), size_of(tmp_path / "wide.png")
    assert long > short
    assert high > low


@pytest.mark.parametrize(("labels", "edges"), [([], []), (["a"], [(0, 0)]), (["a", "b"], [(1, 0)]), (["a"], [(0, 1)])])
def test_graphs_with_wrong_edges_are_refused(tmp_path, labels, edges):
    with pytest.raises(ShapeError, match=r"plot\.graph"):
        plot.graph(tmp_path / "a.png", labels, edges)


def test_lines_have_bands_looks_and_one_range(tmp_path):
    xs = [1, 4, 16]
    curves = {
        "seeds": plot.Line.of_seeds(xs, [[1.0, 2.0, 3.0], [3.0, 2.0, np.nan]]),
        "rate": plot.Line(xs, [1, 2, 3], look="steps"),
        "none": plot.Line(xs[:1], [np.nan], look="diverged"),
        "open": plot.Line(xs[:1], [0.5], look="circles", colour=1),
    }
    data = plot.lines_data({"one": curves, "two": {"a": (xs, [9, 9, 9])}}, "title", "x", x_log=True, share=True)
    seeds, rate, *_ = data.options["panels"][0]["curves"]
    assert data.arrays[seeds["y"]].tolist()[:2] == [2.0, 2.0]
    assert np.isnan(data.arrays[seeds["y"]][2])
    assert data.arrays[seeds["low"]].tolist()[:2] == [1.0, 2.0]
    assert data.arrays[seeds["high"]].tolist()[:2] == [3.0, 2.0]
    assert rate["look"] == "steps"
    assert data.options["share"] is True
    plot.draw(data, tmp_path / "a.png")
    size_of(tmp_path / "a.png")


@pytest.mark.parametrize(
    ("xs", "names"),
    [([1, 4, 16], ["1", "4", "16"]), ([47, 442, 512, 1389], ["47", "442", "1389"]), ([0, 1, 10], ["1", "10"])],
)
def test_few_values_of_a_logarithmic_axis_are_named_where_there_is_room(xs, names, monkeypatch, tmp_path):
    drawn = []
    monkeypatch.setattr(import_module("xdl.plot.lines"), "save", lambda figure, *_: drawn.append(figure))
    plot.draw(plot.lines_data({"one": {"a": (xs, xs)}}, "title", x_log=True), tmp_path / "a.png")
    (axes,) = drawn[0].axes
    assert [label.get_text() for label in axes.get_xticklabels()] == names


def test_a_logarithmic_axis_of_less_than_a_decade_has_numbers_where_the_other_one_names_few(monkeypatch, tmp_path):
    drawn = []
    monkeypatch.setattr(import_module("xdl.plot.lines"), "save", lambda figure, *_: drawn.append(figure))
    plot.draw(plot.lines_data({"one": {"a": ([2, 8], [0.054, 0.024])}}, "t", log=True, x_log=True), tmp_path / "a.png")
    (axes,) = drawn[0].axes
    drawn[0].draw_without_rendering()
    low, high = axes.get_ylim()
    labels = axes.get_yticklabels(minor=True)
    assert len([one for one in labels if one.get_text() and low <= one.get_position()[1] <= high]) >= 2
    assert not [one for one in axes.get_xticklabels(minor=True) if one.get_text()]


@pytest.mark.parametrize(
    ("places", "across"), [((2015.1, 2016.0, 2018.66), 2), ((-0.7, 0.3, 1.3), 3), ((-1.0, 0.0, 1.0), 2)]
)
def test_names_along_an_axis_do_not_touch(monkeypatch, tmp_path, places, across):
    drawn = []
    monkeypatch.setattr(import_module("xdl.plot.lines"), "save", lambda figure, *_: drawn.append(figure))
    panels = {str(i): {"close": (places, [1, 2, 3])} for i in range(across)}
    plot.draw(plot.lines_data(panels, "title", "x"), tmp_path / "a.png")
    figure, axes = drawn[0], drawn[0].axes[0]
    figure.draw_without_rendering()
    boxes = [label.get_window_extent() for label in axes.get_xticklabels() if label.get_text()]
    assert len(boxes) > 2
    assert all(left.x1 + 4 < right.x0 for left, right in pairwise(boxes))


def test_faint_lines_are_many_thin_and_not_in_the_legend(monkeypatch, tmp_path):
    drawn = []
    monkeypatch.setattr(import_module("xdl.plot.lines"), "save", lambda figure, *_: drawn.append(figure))
    many = {f"fit {i}": plot.Line([1, 2], [i, i + 1], look="faint", colour=0) for i in range(30)}
    data = plot.lines_data({"one": {**many, "mean": ([1, 2], [15, 16]), "truth": ([1, 2], [0, 9])}}, "title")
    plot.draw(data, tmp_path / "a.png")
    (axes,) = drawn[0].axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["mean", "truth"]
    assert max(line.get_linewidth() for line in axes.lines[:30]) < axes.lines[30].get_linewidth()


def test_specks_are_pale_points_without_a_line(monkeypatch, tmp_path):
    drawn = []
    monkeypatch.setattr(import_module("xdl.plot.lines"), "save", lambda figure, *_: drawn.append(figure))
    cloud = {look: plot.Line(range(50), range(50), look=look, colour=1) for look in ("specks", "dots")}
    plot.draw(plot.lines_data({"one": cloud}, "title"), tmp_path / "a.png")
    specks, dots = drawn[0].axes[0].lines
    assert (specks.get_linestyle(), specks.get_marker()) == ("None", "o")
    assert specks.get_markersize() < dots.get_markersize() / 2
    assert specks.get_alpha() < 1


def test_points_have_bars_and_a_circle_can_be_round(monkeypatch, tmp_path):
    drawn = []
    monkeypatch.setattr(import_module("xdl.plot.lines"), "save", lambda figure, *_: drawn.append(figure))
    dots = plot.Line([0.5, 1], [0, 3], low=[-1, 2], high=[1, 4], look="dots")
    plot.draw(plot.lines_data({"one": {"found": dots}}, "title", equal=True), tmp_path / "a.png")
    (axes,) = drawn[0].axes
    assert axes.get_aspect() == 1
    panels = {title: {"found": dots} for title in ("flat", "round")}
    plot.draw(plot.lines_data(panels, "title", equal=["round"], width=4.0), tmp_path / "a.png")
    assert [axes.get_aspect() for axes in drawn[1].axes] == ["auto", 1]
    assert drawn[1].get_figwidth() == 8.0
    (bars,) = axes.collections
    assert [segment.tolist() for segment in bars.get_segments()] == [[[0.5, -1], [0.5, 1]], [[1, 2], [1, 4]]]


@pytest.mark.parametrize(
    ("line", "error", "said"),
    [
        (plot.Line([1, 2], [1, 2], look="wavy"), DataError, "a look among"),
        (plot.Line([1, 2], [1, 2], low=[0, 1]), DataError, "both low and high"),
        (plot.Line([1, 2], [1, 2], low=[0], high=[3]), ShapeError, "lists of one length"),
        (plot.Line([[1]], [[2]]), ShapeError, "lists of one length"),
    ],
)
def test_lines_refuse_looks_and_bounds_that_do_not_fit(line, error, said):
    with pytest.raises(error, match=said):
        plot.lines_data({"one": {"a": line}}, "title")


def test_points_between_whole_numbers_may_lie_on_an_axis_of_whole_ones(tmp_path, monkeypatch):
    """As those of several systems, side by side at each lag."""
    module, named = import_module("xdl.plot.lines"), []
    monkeypatch.setattr(module, "count_in_whole_numbers", named.append)
    beside = {"one": {"a": plot.Line([0.9, 1.9], [1, 2], look="dots"), "b": plot.Line([1.1, 2.1], [1, 2], look="dots")}}
    plot.lines(tmp_path / "a.png", beside, "title", "lag")
    assert not named
    plot.lines(tmp_path / "b.png", beside, "title", "lag", whole=True)
    assert len(named) == 1
