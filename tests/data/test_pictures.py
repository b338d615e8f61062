"""Pictures of users: read, made light on dark, square and of the right size; wrong files are named."""

import sys

import numpy as np
import pytest

from xdl.data import light_on_dark, prepare, read_pictures
from xdl.errors import DataError, SettingError

Image = pytest.importorskip("PIL.Image")


def stroke(height=40, width=30, ink=255, paper=0):
    pixels = np.full((height, width), paper, dtype=np.uint8)
    pixels[5:-5, width // 2 - 2 : width // 2 + 2] = ink
    return pixels


@pytest.mark.parametrize("suffix", ["png", "jpg", "PNG", "jpeg"])
def test_pictures_are_read_as_grey(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    kind = "PNG" if suffix.lower() == "png" else "JPEG"
    Image.fromarray(np.stack([stroke()] * 3, axis=-1)).save(path, kind)
    ((name, pixels),) = read_pictures(path)
    assert name == str(path)
    assert pixels.shape == (40, 30)
    assert pixels == pytest.approx(stroke() / 255, abs=0.2)


def test_transparent_paper_is_white(tmp_path):
    path = tmp_path / "a.png"
    rgba = np.zeros((10, 10, 4), dtype=np.uint8)
    rgba[4:6, 4:6, 3] = 255
    Image.fromarray(rgba).save(path)
    ((_, pixels),) = read_pictures(path)
    assert (pixels[0, 0], pixels[4, 4]) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("shape", "names"), [((8, 6), [""]), ((3, 8, 6), ["[0]", "[1]", "[2]"]), ((2, 1, 8, 6), ["[0]", "[1]"])]
)
def test_arrays_hold_one_picture_or_several(tmp_path, shape, names):
    path = tmp_path / "a.npy"
    np.save(path, np.arange(np.prod(shape)).reshape(shape).astype(np.uint8))
    found = read_pictures(path)
    assert [name for name, _ in found] == [f"{path}{end}" for end in names]
    assert all(pixels.shape == (8, 6) for _, pixels in found)
    assert found[-1][1][0, 0] == 48 * (len(names) - 1)


def wrong_files(folder):
    rows = {
        "missing.png": None,
        "missing.npy": None,
        "text.png": b"no picture",
        "text.npy": b"no array",
        "empty.npy": b"",
        "notes.txt": b"hello",
        "noending": b"hello",
    }
    for name, content in rows.items():
        if content is not None:
            (folder / name).write_bytes(content)
    picture = folder / "whole.png"
    Image.fromarray(stroke(400, 300)).save(picture)
    (folder / "cut.png").write_bytes(picture.read_bytes()[:-60])
    np.save(folder / "line.npy", np.zeros(5))
    np.save(folder / "colour.npy", np.zeros((2, 3, 8, 8)))
    np.save(folder / "huge.npy", np.zeros((40, 700, 700), np.uint8))
    np.save(folder / "beyond.npy", np.full((8, 8), 1e300))
    np.save(folder / "complex.npy", np.zeros((8, 8), complex))
    with open(folder / "archive.npy", "wb") as archive:
        np.savez(archive, a=np.zeros((8, 8)))
    np.save(folder / "words.npy", np.array(["a", "b"]))
    np.save(folder / "nothing.npy", np.zeros((0, 8, 8)))
    np.save(folder / "nan.npy", np.full((8, 8), np.nan))
    np.save(folder / "object.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    arrays = ["huge.npy", "beyond.npy", "complex.npy", "archive.npy"]
    return [*rows, *arrays, "cut.png", "line.npy", "colour.npy", "words.npy", "nothing.npy", "nan.npy", "object.npy"]


def test_wrong_files_are_named(tmp_path):
    for name in wrong_files(tmp_path):
        with pytest.raises(DataError) as caught:
            read_pictures(tmp_path / name)
        assert name in str(caught.value)


def test_without_pillow_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(DataError, match="pip install pillow"):
        read_pictures(tmp_path / "a.png")


def test_dark_on_light_is_seen_by_the_border():
    light, dark = stroke(ink=255, paper=10) / 255, stroke(ink=10, paper=255) / 255
    same, said = light_on_dark(light, "auto")
    assert said == "light on dark"
    assert np.array_equal(same, light)
    turned, said = light_on_dark(dark, "auto")
    assert said == "dark on light, inverted"
    assert turned == pytest.approx(light)
    assert light_on_dark(light, "light")[0] == pytest.approx(dark)
    assert light_on_dark(dark, "dark")[0] is dark
    with pytest.raises(SettingError, match="one of auto, dark, light"):
        light_on_dark(light, "white")


def test_pictures_become_square_and_of_the_models_size():
    prepared, said = prepare(stroke(56, 28) / 255, (1, 28, 28), "auto")
    assert prepared.shape == (1, 28, 28)
    assert said == "light on dark, 28x56 pixels made 28x28"
    assert (prepared.min(), prepared.max()) == (0, 1)
    assert prepared[0, :, :7].max() == prepared[0, :, -7:].max() == 0  # the paper beside a narrow picture
    assert prepared[0, 14, 13:15].min() > 0.9
    small, _ = prepare(stroke(8, 8) / 255, (1, 28, 28), "auto")
    assert small.shape == (1, 28, 28)


def test_thin_lines_survive_shrinking():
    pixels = np.zeros((600, 600))
    pixels[:, 300:302] = 1
    prepared, _ = prepare(pixels, (1, 8, 8), "auto")
    assert prepared[0, 4, :].max() > 0.5


def test_a_picture_of_the_right_size_stays_as_it_is():
    pixels = stroke(8, 8) / 255
    prepared, said = prepare(pixels, (1, 8, 8), "auto")
    assert said == "light on dark"
    assert np.array_equal(prepared[0], pixels)


def test_an_even_picture_is_not_divided_by_zero():
    assert np.isfinite(prepare(np.full((8, 8), 0.3), (1, 8, 8), "auto")[0]).all()


def test_coloured_models_are_refused():
    with pytest.raises(DataError, match="a model of grey images"):
        prepare(np.zeros((8, 8)), (3, 8, 8), "auto")
