"""Figures of what a classifier of images has learned: named tiles, gaps that no map has, predictions of all classes."""

import sys

import numpy as np
import pytest

from xdl import plot
from xdl.errors import ShapeError
from xdl.plot import figure


@pytest.fixture
def drawn(monkeypatch):
    kept = []

    def save(fig, path, data):
        kept.append(fig)
        figure.save(fig, path, data)

    for name in ("weights", "maps", "training"):
        monkeypatch.setattr(sys.modules[f"xdl.plot.{name}"], "save", save)
    return kept


def test_filters_have_their_names_and_what_they_were_before(tmp_path, drawn):
    weights = np.random.default_rng(0).normal(size=(3, 1, 4, 4))
    plot.filters(tmp_path / "a.png", weights, "mlp on digits", ["x", "y", "z"], weights / 2)
    before, after, _ = drawn[0].axes
    assert [axes.get_title() for axes in (before, after)] == ["before training", "after training"]
    assert before.images[0].get_clim() == after.images[0].get_clim()
    assert [text.get_text() for text in after.texts] == ["x", "y", "z"]
    assert drawn[0].get_suptitle() == "mlp on digits: 3 filters"
    with pytest.raises(ShapeError, match="0 or 3 names"):
        plot.filters_data(weights, names=["x"])
    with pytest.raises(ShapeError, match="before training"):
        plot.filters_data(weights, before=weights[:2])


def test_gaps_between_maps_have_a_colour_that_no_map_has(tmp_path, drawn):
    plot.feature_maps(
        tmp_path / "a.png", np.zeros((4, 4)), {"a": np.ones((4, 2, 2)) * [[0, 1], [1, 1]]}, "lenet on digits"
    )
    picture = drawn[0].axes[1].images[0]
    values = picture.get_array()
    assert values.shape == (7, 7)
    assert values.mask[0].all()  # a frame around all of them, so that bright borders are seen as such
    red, green, blue, _ = picture.cmap(np.ma.masked_all(1))[0]
    assert not red == green == blue
    assert drawn[0].get_suptitle() == "lenet on digits"


def test_predictions_are_from_all_over_the_images():
    labels = np.repeat(np.arange(10), 100)
    predicted = np.where(np.arange(1000) % 4 == 0, (labels + 1) % 10, labels)
    data = plot.predictions_data(
        np.zeros((1000, 2, 2)), labels, predicted, np.ones(1000), list("0123456789"), "mlp on x"
    )
    wrong = data.arrays["labels"] != data.arrays["predicted"]
    assert wrong.sum() == 24
    assert set(data.arrays["labels"][wrong]) == set(range(10))
    assert len(set(data.arrays["labels"][~wrong])) == 8
    assert data.title == "mlp on x: 750 of 1000 right; the wrong ones in red (24 of 250)"


def test_curves_mark_the_epoch_that_is_tested(tmp_path, drawn):
    plot.curves(tmp_path / "a.png", {"train_loss": [2.0, 1.0, 0.5], "validation_loss": [2.0, 1.0, 1.5]}, "title", 3)
    axes = drawn[0].axes[0]
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels[1:] == ["validation", "best validation loss: 1 (epoch 2)", "tested and saved: epoch 3"]


def test_a_gallery_has_a_title_and_a_size(tmp_path, drawn):
    for size in (1.0, 2.0):
        plot.gallery(tmp_path / "a.png", np.zeros((2, 4, 4)), ["a", "b"], 2, "look at it", size=size)
    small, large = drawn
    assert small.get_suptitle() == large.get_suptitle() == "look at it"
    assert large.get_figwidth() == 2 * small.get_figwidth()
