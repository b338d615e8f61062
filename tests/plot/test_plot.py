"""The figures: what they show, read from matplotlib's own objects, and the PNG that they write."""

import sys
import warnings
from math import nan

import numpy as np
import pytest

import xdl.plot
from xdl.errors import DataError, ShapeError, XdlError
from xdl.plot import figure, images, maps, matrix, training, weights


@pytest.fixture
def drawn(monkeypatch):
    """The Figure objects that were saved, in order; they are still written."""
    kept = []

    def save(fig, path, data):
        kept.append(fig)
        figure.save(fig, path, data)

    for module in (images, maps, matrix, training, weights):
        monkeypatch.setattr(module, "save", save)
    return kept


def is_png(path):
    return path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def texts(axes):
    return [text.get_text() for text in axes.texts]


HISTORY = {
    "train_loss": [1.0, 0.5, 0.3],
    "train_accuracy": [0.5, 0.8, 0.9],
    "validation_loss": [1.1, 0.6, 0.7],
    "validation_accuracy": [0.4, 0.75, nan],
}


def test_curves_shows_two_panels_with_the_best_value_marked(tmp_path, drawn):
    path = tmp_path / "figures" / "curves.png"
    xdl.plot.curves(path, HISTORY, "lenet")
    assert is_png(path)
    assert [entry.name for entry in path.parent.iterdir()] == ["curves.png"]
    loss, accuracy = drawn[0].axes
    assert [loss.get_title(), accuracy.get_title(), drawn[0].get_suptitle()] == ["loss", "accuracy", "lenet"]
    assert [list(line.get_ydata()) for line in loss.lines] == [HISTORY["train_loss"], HISTORY["validation_loss"]]
    assert list(loss.lines[0].get_xdata()) == [1, 2, 3]
    assert loss.collections[0].get_offsets().tolist() == [[2, 0.6]]
    assert accuracy.collections[0].get_offsets().tolist() == [[2, 0.75]]
    assert [t.get_text() for t in loss.get_legend().get_texts()] == [
        "train, mean while the weights move",
        "validation",
        "best validation loss: 0.6 (epoch 2)",
    ]


def test_curves_without_accuracy_has_one_panel(tmp_path, drawn):
    xdl.plot.curves(tmp_path / "c.png", {"train_loss": [1.0], "train_accuracy": []}, "regression")
    assert [axes.get_title() for axes in drawn[0].axes] == ["loss"]


@pytest.mark.parametrize("history", [{}, {"train_loss": []}, {"loss": [1.0]}, {"train_error": [1.0]}])
def test_curves_refuses_other_names_and_empty_histories(tmp_path, history):
    with pytest.raises(DataError, match=r"plot\.curves"):
        xdl.plot.curves(tmp_path / "c.png", history, "")
    assert not list(tmp_path.iterdir())


def draw_predictions(path, count, wrong, shape=(1, 6, 6)):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, count)
    predicted = labels.copy()
    predicted[wrong] = (labels[wrong] + 1) % 3
    xdl.plot.predictions(path, rng.random((count, *shape)), labels, predicted, np.full(count, 0.875), ["a", "b", "c"])
    return labels, predicted


def test_predictions_shows_the_wrong_ones_first(tmp_path, drawn):
    labels, predicted = draw_predictions(tmp_path / "p.png", 40, [7, 30])
    assert is_png(tmp_path / "p.png")
    tiles = drawn[0].axes[0].texts
    assert len(tiles) == 32
    assert drawn[0].get_suptitle() == "38 of 40 right; the wrong ones in red (2 of 2)"
    assert [t.get_color() for t in tiles] == [figure.RED] * 2 + ["black"] * 30
    assert tiles[1].get_text() == f"{'abc'[labels[30]]} → {'abc'[predicted[30]]}\n87.5%"


def test_predictions_keeps_room_for_right_ones(tmp_path, drawn):
    draw_predictions(tmp_path / "p.png", 60, list(range(50)), shape=(3, 4, 4))
    colours = [text.get_color() for text in drawn[0].axes[0].texts]
    assert (colours.count(figure.RED), colours.count("black")) == (24, 8)
    assert "(24 of 50)" in drawn[0].get_suptitle()


def test_predictions_all_right_and_none(tmp_path, drawn):
    draw_predictions(tmp_path / "p.png", 3, [], shape=(5, 5))
    draw_predictions(tmp_path / "p.png", 0, [])
    assert [fig.get_suptitle() for fig in drawn] == ["3 of 3 right", "0 of 0 right"]


def test_predictions_refuses_shapes_that_do_not_fit(tmp_path):
    ones = np.ones(2, int)
    with pytest.raises(ShapeError, match=r"images of \(N, H, W\)"):
        xdl.plot.predictions(tmp_path / "p.png", np.ones((2, 2, 3, 3)), ones, ones, ones, ["a", "b"])
    with pytest.raises(ShapeError, match="2 labels, found"):
        xdl.plot.predictions(tmp_path / "p.png", np.ones((2, 3, 3)), np.ones(3, int), ones, ones, ["a", "b"])


def test_predictions_refuses_classes_without_a_name(tmp_path):
    zeros, ones = np.zeros(2, int), np.ones(2, int)
    for labels, predicted in ((zeros, ones), (ones, zeros)):
        with pytest.raises(DataError, match=r"labels in \[0, 1\), found 1 at index 0"):
            xdl.plot.predictions(tmp_path / "p.png", np.ones((2, 3, 3)), labels, predicted, ones, ["a"])


def test_confusion_writes_counts_and_recall(tmp_path, drawn):
    xdl.plot.confusion(tmp_path / "m.png", [[8, 2, 0], [0, 5, 0], [0, 0, 0]], ["a", "b", "c"])
    assert is_png(tmp_path / "m.png")
    (axes,) = drawn[0].axes
    assert texts(axes) == ["8", "2", "5"]
    assert drawn[0].get_suptitle() == "13 of 15 right"
    (recall,) = axes.child_axes
    assert [t.get_text() for t in recall.get_yticklabels()] == ["80.0%", "100.0%", "-"]
    assert axes.yaxis_inverted()


def test_confusion_refuses_a_matrix_of_another_size(tmp_path):
    with pytest.raises(ShapeError, match=r"matrix of \(3, 3\), found \(2, 2\)"):
        xdl.plot.confusion(tmp_path / "m.png", np.eye(2), ["a", "b", "c"])
    with pytest.raises(ShapeError, match="1 to 100 class_names"):
        xdl.plot.confusion(tmp_path / "m.png", np.zeros((0, 0)), [])


@pytest.mark.parametrize(
    ("shape", "title"),
    [
        ((6, 1, 5, 5), "6 filters"),
        ((70, 3, 7, 7), "64 of 70 filters, 3 channels side by side"),
        ((4, 6, 3, 3), "4 filters, 4 of 6 channels side by side"),
        ((10, 28, 28), "10 filters"),
        ((1, 1, 1, 1), "1 filters"),
    ],
)
def test_filters_share_one_scale_symmetric_about_zero(tmp_path, drawn, shape, title):
    values = np.random.default_rng(0).normal(size=shape)
    xdl.plot.filters(tmp_path / "f.png", values)
    assert is_png(tmp_path / "f.png")
    axes = drawn[0].axes[0]
    shown = (values if values.ndim == 4 else values[:, None])[:64, :4]
    picture = axes.images[0]
    values = np.ma.filled(picture.get_array(), np.nan)
    assert drawn[0].get_suptitle() == title
    assert sorted(values[~np.isnan(values)]) == sorted(shown.ravel())
    assert picture.get_clim() == (-np.abs(shown).max(), np.abs(shown).max())


def test_filters_of_zeros_can_be_drawn(tmp_path):
    xdl.plot.filters(tmp_path / "f.png", np.zeros((2, 1, 3, 3)))
    assert is_png(tmp_path / "f.png")


def test_filters_refuses_a_plain_matrix(tmp_path):
    with pytest.raises(ShapeError, match=r"plot\.filters"):
        xdl.plot.filters(tmp_path / "f.png", np.ones((3, 3)))


def test_no_figure_uses_pyplot(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)  # so that importing it fails
    xdl.plot.curves(tmp_path / "c.png", HISTORY, "")


def test_a_missing_matplotlib_names_the_install_command(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(XdlError, match=r'matplotlib.*pip install "matplotlib>='):
        xdl.plot.curves(tmp_path / "c.png", HISTORY, "")


@pytest.mark.parametrize("name", ["a$\\frac$", "$x$", "纪 \x1b[2J", "\udcff", "_hidden", "%s{}"])
def test_names_are_drawn_as_they_are(tmp_path, name):
    """Of runs, which are names of folders, and of classes: formulas, letters that the font lacks, no letters."""
    history = [{"epoch": 1, "train_loss": 1.0, "validation_loss": 1.0}, {"epoch": 2, "validation_loss": 0.1}]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        xdl.plot.comparison(tmp_path / "a.png", {name: history}, name, ["loss"])
    assert (tmp_path / "a.png").stat().st_size > 1000


def test_a_figure_that_cannot_be_written_leaves_the_old_file(tmp_path):
    path = tmp_path / "c.png"
    path.write_bytes(b"old")

    class Broken:
        axes = ()

        def get_suptitle(self):
            return ""

        def get_figwidth(self):
            return 5.0

        def findobj(self, _):
            return []

        def savefig(self, target, **_options):
            target.write_bytes(b"half")
            raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space"):
        figure.save(Broken(), path, xdl.plot.tiles_data(np.zeros((1, 2, 2))))
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [("c.png", b"old")]


def test_a_caption_stands_below_the_figure(drawn, tmp_path):
    data = xdl.plot.gallery_data(np.zeros((1, 4, 4)), ["one"]).captioned("lenet on digits")
    xdl.plot.draw(data, tmp_path / "figure.png")
    assert drawn[0]._supxlabel.get_text() == "lenet on digits"
    xdl.plot.save_data(data, tmp_path / "figure.safetensors")
    assert xdl.plot.load_data(tmp_path / "figure.safetensors").options["caption"] == "lenet on digits"


def test_heat_lies_over_an_image_in_red():
    grey = np.array([[0.0, 2.0], [4.0, 4.0]])
    colours = xdl.plot.overlaid(grey, np.array([[0.0, 0.0], [0.0, 1.0]]))
    assert colours.shape == (2, 2, 3)
    np.testing.assert_allclose(colours[:, :, 0], [[0, 0.5], [1, 1]])
    assert colours[1, 1, 0] - colours[1, 1, 2] == pytest.approx(0.8)
