"""Files that are no figures, or say what no figure can: typed errors, and no picture."""

import gc
import json
import time
from contextlib import suppress

import numpy as np
import pytest

from tests.plot.examples import EXAMPLES, build
from xdl import nn, plot
from xdl.errors import CheckpointError, DataError, StorageError, XdlError
from xdl.io import load_state, save_model
from xdl.io.tensor_file import write_tensors
from xdl.plot import FigureData

KINDS = sorted(EXAMPLES)
SPEC = {"format": 1, "kind": "curves", "title": "", "options": {}}


@pytest.fixture
def _without_collections():
    """No garbage collection, which takes seconds where thousands of tests have left their objects."""
    gc.disable()
    yield
    gc.enable()


def write(path, spec, **arrays):
    """A whole file, with a right checksum, that says it is a figure."""
    write_tensors("test", path, "figure", arrays, {"xdl.figure": spec if isinstance(spec, str) else json.dumps(spec)})
    return path


def test_another_kind_of_file_is_named(tmp_path):
    path = tmp_path / "model.safetensors"
    save_model(nn.Linear(1, 1), path, {})
    with pytest.raises(CheckpointError, match=r"the data of a figure.*'model'.*figures/\*"):
        plot.load_data(path)
    with pytest.raises(CheckpointError, match="no file"):
        plot.load_data(tmp_path / "none")
    plot.draw(build("tiles"), tmp_path / "a.png")
    with pytest.raises(CheckpointError, match="a whole safetensors file"):
        plot.load_data(tmp_path / "a.png")
    plot.save_data(build("tiles"), path)
    with pytest.raises(CheckpointError, match="'figure'"):
        load_state(path)


def test_every_flipped_byte_is_found(tmp_path):
    path = tmp_path / "a.safetensors"
    plot.save_data(build("graph"), path)
    whole = path.read_bytes()
    for at in range(0, len(whole), 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(CheckpointError):
            plot.load_data(path)
    path.write_bytes(whole[:-1])
    with pytest.raises(CheckpointError):
        plot.load_data(path)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("", "no JSON"),
        ("{", "no JSON"),
        ('{"a":' * 100_000, "no JSON"),
        ("[1]", "no format"),
        (SPEC | {"format": 2}, "format 1 .* format 2.* newer"),
        (SPEC | {"format": "1"}, "no format"),
        (SPEC | {"kind": 1}, "lacks"),
        (SPEC | {"title": None}, "lacks"),
        (SPEC | {"options": []}, "lacks"),
        ('{"format": 1, "kind": "curves", "title": "", "options": {"a": NaN}}', "JSON"),
    ],
)
def test_a_spec_that_is_none_is_refused(tmp_path, spec, said):
    with pytest.raises(CheckpointError, match=said):
        plot.load_data(write(tmp_path / "a", spec))


def test_an_unknown_kind_loads_and_is_not_drawn(tmp_path):
    data = plot.load_data(write(tmp_path / "a", SPEC | {"kind": "curve"}))
    with pytest.raises(DataError, match=r"'curve'.*Did you mean 'curves'"):
        plot.draw(data, tmp_path / "a.png")
    assert not (tmp_path / "a.png").exists()


def without(content, name):
    return {key: value for key, value in content.items() if key != name}


def mutants(data):
    """The data with one option or array taken away, replaced, or of another shape."""
    for name in data.options:
        yield data.arrays, without(data.options, name)
        for other in (None, 10**9, [{}]):
            yield data.arrays, {**data.options, name: other}
    for key in ("title", "curves", "legend", "best", "log"):
        panels = data.options.get("panels", [])
        yield data.arrays, {**data.options, "panels": [without(panel, key) for panel in panels]}
    for name, array in list(data.arrays.items())[:5]:
        yield without(data.arrays, name), data.options
        for other in (array[None], np.full(array.shape, -(10**9))):
            yield {**data.arrays, name: other}, data.options
        yield {**data.arrays, name: np.zeros((10**6, *[0] * (array.ndim - 1)))}, data.options


@pytest.mark.usefixtures("_without_collections")
@pytest.mark.parametrize("kind", KINDS)
def test_mutants_are_refused_by_a_typed_error_or_drawn(tmp_path, kind, monkeypatch):
    """What is drawn is not rendered here: that takes a third of a second, and is tried with strange texts below."""
    monkeypatch.setattr("matplotlib.figure.Figure.savefig", lambda _self, part, **_: part.write_bytes(b"png"))
    refused = []
    for arrays, options in mutants(build(kind)):
        started = time.thread_time()
        try:
            plot.draw(FigureData(kind, "", arrays, options), tmp_path / "a.png")
        except XdlError as error:
            refused.append(str(error))
        assert time.thread_time() - started < 2
    assert len(refused) >= 3
    assert all(len(said) < 400 for said in refused)


@pytest.mark.filterwarnings("ignore:Glyph 0")
@pytest.mark.parametrize("title", ["$\\frac{1}{$", "\ud800", "\x00", "$" * 99])
def test_strange_texts_are_drawn_or_refused(tmp_path, title, monkeypatch):
    monkeypatch.setattr("xdl.plot.figure.DPI", 40)
    data = build("lines")
    write(tmp_path / "a", {"format": 1, "kind": "lines", "title": title, "options": data.options}, **data.arrays)
    with suppress(DataError, CheckpointError):
        plot.draw(plot.load_data(tmp_path / "a"), tmp_path / "a.png")
    assert {path.name for path in tmp_path.iterdir()} <= {"a", "a.png"}


def test_a_figure_larger_than_memory_is_refused(tmp_path):
    data = build("graph")
    with pytest.raises(DataError, match="square inches"):
        plot.draw(FigureData("graph", "", data.arrays, {**data.options, "columns": 10**6}), tmp_path / "a.png")


def test_a_place_that_cannot_be_written_to(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        plot.save_data(build("tiles"), tmp_path / "file" / "a")
    (tmp_path / "folder").mkdir()
    with pytest.raises(CheckpointError):
        plot.save_data(build("tiles"), tmp_path / "folder")
