"""`xdl plot`: the figures of a run, drawn again from their data."""

import io
import json

import pytest

from tests.cli.command import refused, xdl
from xdl import nn, plot
from xdl.io import save_model
from xdl.runs.start import RunRequest, start


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    """The folder with the figures of a run that takes a moment."""
    out = tmp_path_factory.mktemp("runs")
    request = RunRequest({"hidden": "8", "trace": "4", "epochs": "2", "batch_size": "256"})
    start("mlp", request, out=out, stream=io.StringIO()).perform()
    (folder,) = (out / "mlp").iterdir()
    return folder / "figures"


def test_every_figure_of_a_run_is_there_as_data_and_drawn(figures):
    found = {path.name for path in figures.iterdir()}
    names = ("confusion", "curves", "filters", "predictions", "trace")
    assert found == {f"{name}.{kind}" for name in names for kind in ("png", "safetensors")}
    loaded = {path.stem: plot.load_data(path) for path in figures.glob("*.safetensors")}
    assert {name: data.kind for name, data in loaded.items()} == {name: name for name in names}
    assert loaded["curves"].title == "mlp on digits"
    assert loaded["curves"].arrays["y0"].shape == (2,)


def test_data_are_drawn_as_the_run_drew_them(figures, tmp_path):
    data = sorted(figures.glob("*.safetensors"))
    result = xdl("plot", *data, "--out", "again", "--json", cwd=tmp_path)
    said = json.loads(result.stdout)["figures"]
    assert [(one["data"], one["kind"]) for one in said] == [(str(path), path.stem) for path in data]
    for one in said:
        drawn = tmp_path / one["figure"]
        assert drawn.parent == tmp_path / "again"
        assert drawn.read_bytes() == (figures / drawn.name).read_bytes()


def test_without_out_a_figure_goes_beside_its_data(figures, tmp_path):
    data = tmp_path / "curves.safetensors"
    data.write_bytes((figures / "curves.safetensors").read_bytes())
    assert xdl("plot", data, cwd=tmp_path).stdout == f"figure: {tmp_path / 'curves.png'}\n"
    assert (tmp_path / "curves.png").read_bytes() == (figures / "curves.png").read_bytes()


def test_wrong_files_get_one_clear_line(figures, tmp_path):
    curves = figures / "curves.safetensors"
    save_model(nn.Linear(1, 1), tmp_path / "model.safetensors", {})
    plot.save_data(plot.FigureData("curves", "", {}, {"panels": [{}]}), tmp_path / "a.safetensors")
    for arguments, parts in (
        (("none.safetensors",), ("none.safetensors", "no file")),
        ((figures / "curves.png",), ("curves.png", "a whole safetensors file")),
        ((curves, "model.safetensors"), ("model.safetensors", "the data of a figure", "'model'")),
        (("a.safetensors",), ("xdl plot a.safetensors", "options of curves", "KeyError")),
        ((curves, curves, "--out", "here"), ("here/curves.png twice", "--out")),
    ):
        refused(xdl("plot", *arguments, cwd=tmp_path), *parts)
    assert list(tmp_path.glob("*.png")) == []
