"""Figures as data: every kind goes through a file and is drawn the same, by others' readers too."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.image import imread
from safetensors import safe_open

from tests.house.source import ROOT
from tests.plot.examples import CURVES, EXAMPLES, build
from xdl import plot
from xdl.errors import DataError, XdlError
from xdl.plot import FigureData, figure

KINDS = sorted(EXAMPLES)


def test_there_is_an_example_of_every_kind():
    assert sorted(plot.KINDS) == KINDS
    assert all(f"    {kind} " in plot.__doc__ for kind in KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_figure_is_drawn_the_same_from_its_arguments_and_its_file(tmp_path, kind, monkeypatch):
    monkeypatch.setattr(figure, "DPI", 40)
    draws, arguments = EXAMPLES[kind]
    data = build(kind)
    assert data.kind == kind
    plot.save_data(data, tmp_path / "deep" / "data.safetensors")
    loaded = plot.load_data(tmp_path / "deep" / "data.safetensors")
    draws(tmp_path / "arguments.png", *arguments)
    plot.draw(loaded, tmp_path / "file.png")
    assert (tmp_path / "arguments.png").read_bytes() == (tmp_path / "file.png").read_bytes()

    assert (loaded.kind, loaded.title, loaded.options) == (kind, data.title, data.options)
    assert {name: (array.dtype, array.shape) for name, array in loaded.arrays.items()} == {
        name: (array.dtype, array.shape) for name, array in data.arrays.items()
    }
    assert all(np.array_equal(loaded.arrays[name], data.arrays[name], equal_nan=True) for name in data.arrays)


@pytest.mark.parametrize("kind", KINDS)
def test_equal_data_give_equal_bytes(tmp_path, kind):
    for name in "ab":
        plot.save_data(build(kind), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_reads_without_xdl(tmp_path, kind):
    plot.save_data(build(kind), tmp_path / "a.safetensors")
    with safe_open(tmp_path / "a.safetensors", "np") as file:
        metadata, names = file.metadata(), set(file.keys())
        spec = json.loads(metadata["xdl.figure"])
        assert metadata["xdl.kind"] == "figure"
        assert {"format", "kind", "title", "options"} == set(spec)
        assert (spec["format"], spec["kind"]) == (1, kind)
        for panel in spec["options"].get("panels", []):
            for curve in panel.get("curves", []):
                arrays = [curve[name] for name in ("x", "y", "low", "high") if name in curve]
                shapes = {file.get_tensor(name).shape for name in arrays}
                assert [len(shape) for shape in shapes] == [1]
                names -= set(arrays)
        names -= {one["values"] for panel in spec["options"].get("panels", []) for one in panel.get("series", [])}
        names -= {axis["values"] for axis in spec["options"].get("axes", [])}
        names -= {layer["maps"] for layer in spec["options"].get("layers", [])}
    assert all(name in plot.__doc__ for name in names)
    assert all(option in plot.__doc__ for option in spec["options"])


def test_figures_keep_what_is_shown_and_no_more():
    images, labels = np.zeros((1000, 1, 8, 8), np.float32), np.zeros(1000, int)
    shown = plot.predictions_data(images, labels, labels, np.ones(1000), ["a"])
    assert shown.arrays["images"].shape == (32, 8, 8)
    assert plot.filters_data(np.zeros((100, 9, 3, 3))).arrays["weights"].shape == (64, 4, 3, 3)
    assert plot.feature_maps_data(images[0, 0], {"a": np.zeros((50, 2, 2))}).arrays["maps0"].shape == (32, 2, 2)


def test_data_do_not_change_with_what_they_were_made_from():
    weights = np.ones((2, 3, 3), np.float32)
    data = plot.filters_data(weights)
    weights[:] = 0
    assert data.arrays["weights"].min() == 1
    with pytest.raises(ValueError, match="read-only"):
        data.arrays["weights"][:] = 0
    with pytest.raises(AttributeError):
        data.title = "another"


def test_arrays_get_a_dtype_that_files_hold():
    given = {"half": np.ones(2, np.float16), "long": np.ones(2, np.longdouble), "gap": [1, None], "yes": [True]}
    kept = FigureData("lines", "", given, {}).arrays
    assert [array.dtype.name for array in kept.values()] == ["float32", "float64", "float64", "bool"]
    np.testing.assert_array_equal(kept["gap"], [1.0, np.nan])


@pytest.mark.parametrize("values", [["a"], [1j], [object()], [[1], [1, 2]]])
def test_other_arrays_are_refused(values):
    with pytest.raises((DataError, ValueError), match=r"numbers in the array 'a'|inhomogeneous"):
        FigureData("lines", "", {"a": values}, {})


@pytest.mark.parametrize("value", [np.nan, np.float32(1), {1, 2}, np.zeros(2)])
def test_options_are_json(value):
    with pytest.raises(DataError, match="JSON"):
        FigureData("lines", "", {}, {"a": value})
    assert FigureData("lines", "", {}, {"a": (1, 2)}).options == {"a": [1, 2]}


def test_the_places_of_a_row_that_are_left_over_stay_empty(tmp_path):
    plot.lines(tmp_path / "a.png", dict.fromkeys("abcd", CURVES), "title")
    pixels = imread(tmp_path / "a.png")
    height, width, _ = pixels.shape
    below = pixels[height * 6 // 10 :]
    assert (below[:, : width // 3] < 1).any()
    assert (below[:, width * 4 // 10 :] == 1).all()


def test_building_and_keeping_need_no_matplotlib(tmp_path):
    code = (
        "import sys; sys.modules['matplotlib'] = None; from tests.plot.examples import EXAMPLES, build; "
        "from xdl import plot; [plot.save_data(build(kind), f'{sys.argv[1]}/{kind}') for kind in EXAMPLES]"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, check=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == KINDS
    assert all(plot.load_data(path).kind == path.name for path in tmp_path.iterdir())


def test_drawing_without_matplotlib_names_the_install_command(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    for kind in KINDS:
        if kind != "tiles":
            with pytest.raises(XdlError, match="pip install"):
                plot.draw(build(kind), tmp_path / "a.png")
    plot.draw(build("tiles"), tmp_path / "a.png")


def test_the_files_of_equal_figures_are_equal_whatever_seed_python_hashes_with(tmp_path):
    program = (
        "import sys; from tests.plot.examples import EXAMPLES, build; from xdl import plot; "
        "[plot.save_data(build(kind), f'{sys.argv[1]}/{kind}.safetensors') for kind in EXAMPLES]"
    )
    for seed in ("1", "2"):
        folder = tmp_path / seed
        command = [sys.executable, "-c", program, str(folder)]
        subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed})
    for kind in KINDS:
        one, other = (tmp_path / seed / f"{kind}.safetensors" for seed in ("1", "2"))
        assert one.read_bytes() == other.read_bytes(), kind
