"""Back propagation through time by hand: right where it is right, and caught where it is wrong."""

import io
from types import SimpleNamespace

import pytest

import xdl
from xdl import plot
from xdl.experiments.recurrent.hand_cells import HAND_CELLS
from xdl.experiments.recurrent.stack import ARCHITECTURES, Stack
from xdl.runs.start import RunRequest, start

SIZES = SimpleNamespace(inputs=2, hidden=3)


def run(out, **given):
    stream = io.StringIO()
    request = RunRequest({key: str(value) for key, value in given.items()})
    summary = start("recurrent-by-hand", request, out=out, stream=stream).perform()
    (folder,) = (out / "recurrent-by-hand").iterdir()
    return summary, folder, stream.getvalue()


def test_recurrent_cells_by_hand(tmp_path, without_figures):
    summary, folder, said = run(tmp_path, steps=3)
    assert summary["largest_difference"] < 1e-13
    assert summary["largest_numerical_error"] < 1e-7
    assert len(summary["checks"]) == len(HAND_CELLS) * len(ARCHITECTURES)
    assert {name: len(rows) for name, rows in summary["steps"].items()} == dict.fromkeys(HAND_CELLS, 3)
    assert all(row["gradients"] < 1e-13 and row["state after the steps"] < 1e-13 for row in summary["classes"])
    for row in summary["mistakes"]:
        assert row["error, right formula"] < 1e-7
        assert row["error, the book's"] > 1e-3
        assert row["gradient check"] == "WRONG"
    figure = plot.load_data(folder / "figures" / "unrolled.safetensors")
    assert "N-to-N" in figure.title
    assert "N-to-1, not drawn here" in figure.options["caption"]
    drawn = " ".join(figure.options["labels"])
    assert all(row["h"].replace(" ", ", ") in drawn for row in summary["steps"]["RNN"])
    assert "the gradient check catches 2 of 2 mistakes" in said


@pytest.mark.parametrize("name", HAND_CELLS)
def test_every_number_of_the_gradients_is_the_tapes(name):
    xdl.manual_seed(3)
    stack = Stack.of(name, SIZES, (2, 2))
    xs, targets = xdl.randn(5, 2, dtype="float64"), xdl.randn(5).tolist()
    for every in (True, False):
        assert stack.difference(xs, targets, every) < 1e-12
    found, _ = stack.by_hand(xs, targets, True)
    assert all(g.abs().max().item() > 1e-4 for g in found)


def test_the_wrong_direction_changes_the_reversed_weights_alone():
    xdl.manual_seed(1)
    stack = Stack.of("RNN", SIZES, (1, 2))
    xs, targets = xdl.randn(4, 2, dtype="float64"), [0.0] * 4
    right, wrong = (one.by_hand(xs, targets, True)[0] for one in (stack, stack.as_the_book()))
    differ = [(a - b).abs().max().item() > 1e-6 for a, b in zip(right, wrong, strict=True)]
    assert differ == [False] * 4 + [True] * 4 + [True]
