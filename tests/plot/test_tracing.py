"""The figures of traces and snapshots, and plain pictures of weights."""

import struct
import zlib

import numpy as np
import pytest

from xdl import plot
from xdl.errors import DataError, ShapeError
from xdl.plot import figure, tracing
from xdl.plot.tiles import BETWEEN, HIGH, LOW, MIDDLE


@pytest.fixture
def drawn(monkeypatch):
    kept = []

    def save(fig, path, data):
        kept.append(fig)
        figure.save(fig, path, data)

    monkeypatch.setattr(tracing, "save", save)
    return kept


def line(step, **norms):
    five = {"mean": 0.1 * step, "std": 1.0, "norm": 2.0, "min": -1.0, "max": 1.0}
    parameters = {
        name: {"value": five, "gradient": None if norm is None else {**five, "norm": norm}}
        for name, norm in norms.items()
    }
    return {"step": step, "gradient_norm": 5.0, "parameters": parameters}


def test_trace_has_three_panels_and_a_line_for_each_parameter(tmp_path, drawn):
    lines = [line(1, a=1.0, b=2.0), line(2, a=0.5, b=None)]
    plot.trace(tmp_path / "t.png", lines, "lenet")
    mean, std, gradients = drawn[0].axes
    assert [axes.get_title() for axes in drawn[0].axes] == [
        "values: mean",
        "values: std",
        "gradients: norm",
    ]
    assert [list(line.get_ydata()) for line in mean.lines] == [[0.1, 0.2]] * 2
    assert list(mean.lines[0].get_xdata()) == [1, 2]
    np.testing.assert_array_equal(gradients.lines[1].get_ydata(), [2.0, np.nan])
    assert [line.get_label() for line in gradients.lines] == ["a", "b", "all together"]
    assert (gradients.get_yscale(), std.get_yscale()) == ("log", "linear")
    assert (tmp_path / "t.png").read_bytes().startswith(b"\x89PNG")


def test_trace_says_what_it_leaves_out(tmp_path, drawn):
    plot.trace(tmp_path / "t.png", [line(1, **{f"p{i}": 1.0 for i in range(20)})])
    assert "12 of 20 parameters" in drawn[0].get_suptitle()
    with pytest.raises(DataError, match="at least one line"):
        plot.trace(tmp_path / "t.png", [])


def test_snapshots_has_a_row_for_each_step_on_one_scale(tmp_path, drawn):
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=(3, 1, 8, 8)), rng.normal(size=(3, 1, 8, 8)) * 4]
    plot.snapshots(tmp_path / "s.png", [0, 50], weights)
    axes = drawn[0].axes[0]
    picture = axes.images[0]
    values = np.ma.filled(picture.get_array(), np.nan)
    assert values.shape == (17, 26)
    np.testing.assert_array_equal(values[:8, 9:17], weights[0][1, 0])
    np.testing.assert_array_equal(values[9:, 18:], weights[1][2, 0])
    assert picture.get_clim()[1] == np.abs(weights[1]).max()
    assert [text.get_text() for text in axes.get_yticklabels()] == ["step 0", "step 50"]


def test_snapshots_refuses_what_does_not_fit(tmp_path):
    with pytest.raises(DataError):
        plot.snapshots(tmp_path / "s.png", [], [])
    for weights in ([np.ones((3, 3))], [np.ones((2, 3, 3)), np.ones((2, 4, 4))]):
        with pytest.raises(ShapeError, match="all alike"):
            plot.snapshots(tmp_path / "s.png", range(len(weights)), weights)


def pixels(path):
    """(H, W, 3) of a PNG as `save_tiles` writes it, every checksum proved."""
    data, found = path.read_bytes()[8:], {}
    while data:
        (length,), kind = struct.unpack(">I", data[:4]), data[4:8]
        body = data[8 : 8 + length]
        assert struct.unpack(">I", data[8 + length : 12 + length])[0] == zlib.crc32(kind + body)
        found[kind], data = body, data[12 + length :]
    width, height = struct.unpack(">II", found[b"IHDR"][:8])
    rows = np.frombuffer(zlib.decompress(found[b"IDAT"]), np.uint8).reshape(height, 1 + 3 * width)
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(height, width, 3)


def test_tiles_show_signs_in_colours(tmp_path):
    plot.save_tiles(tmp_path / "w.png", [[[2.0, 0.0], [-2.0, 1.0]], [[0.0, 0.0], [0.0, 0.0]]])
    image = pixels(tmp_path / "w.png")
    scale = image.shape[0] // 2 if image.shape[0] < image.shape[1] else image.shape[1] // 2
    assert tuple(image[0, 0]) == HIGH
    assert tuple(image[scale, 0]) == LOW
    assert tuple(image[0, scale]) == MIDDLE
    assert (image == np.array(BETWEEN)).all(-1).any()
    assert image.shape[0] > 300


def test_tiles_are_a_picture_that_others_read(tmp_path):
    from matplotlib.image import imread

    plot.save_tiles(tmp_path / "w.png", np.random.default_rng(0).normal(size=(6, 1, 5, 5)))
    np.testing.assert_array_equal((imread(tmp_path / "w.png") * 255).round(), pixels(tmp_path / "w.png"))


def test_tiles_refuses_a_matrix(tmp_path):
    with pytest.raises(ShapeError, match=r"plot\.save_tiles"):
        plot.save_tiles(tmp_path / "w.png", np.ones((3, 3)))
