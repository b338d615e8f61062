"""The experiment on arrays: every value that it shows is NumPy's, and what is typed is read, never executed."""

import io

import numpy as np
import pytest

from xdl import plot
from xdl.errors import SettingError
from xdl.experiments.mathematics import tensors
from xdl.experiments.mathematics.tensor_cases import CREATED, RANDOM, difference, read_index
from xdl.runs.start import RunRequest, start

X, Y = np.arange(1, 7).reshape(2, 3), np.array([[7, 8, 9]])
NUMPY_MAKES = {
    "tensor([[1, 2], [3, 4]])": np.array([[1, 2], [3, 4]]),
    "as_tensor([1.5, 2, 4])": np.asarray([1.5, 2, 4]),
    "arange(0, 12, 3)": np.arange(0, 12, 3),
    "linspace(0, 1, 5)": np.linspace(0, 1, 5),
    "full((2, 3), 7)": np.full((2, 3), 7),
    "zeros(2, 3)": np.zeros((2, 3)),
    "ones(2, 2)": np.ones((2, 2)),
    "eye(3)": np.eye(3),
}
NUMPY_JOINS = {
    "x.reshape(3, 2)": X.reshape(3, 2),
    "x.T": X.T,
    "x.flip(1)": np.flip(X, 1),
    "repeat_interleave(x, 2, 1)": np.repeat(X, 2, 1),
    "tile(x, (2, 2))": np.tile(X, (2, 2)),
    "cat((x, y), 0)": np.concatenate((X, Y), 0),
    "cat((x, x), 1)": np.concatenate((X, X), 1),
    "stack((x[0], y[0]), 1)": np.stack((X[0], Y[0]), 1),
    "split(x, 2, 1)[0]": np.split(X, [2], 1)[0],
    "split(x, 2, 1)[1]": np.split(X, [2], 1)[1],
    "pad(x, (1, 2, 1, 0))": np.pad(X, ((1, 0), (1, 2))),
}


def run(name, out, **given):
    stream = io.StringIO()
    plan = start(name, RunRequest(given, seed=0), out=out, stream=stream)
    summary = plan.perform()
    return summary, lambda figure: plot.load_data(plan.run.folder.path / "figures" / f"{figure}.safetensors")


def test_every_value_is_numpys(tmp_path):
    summary, figure = run("tensors", tmp_path)
    created = {row["code"]: row for row in summary["created"]}
    assert set(created) == {*NUMPY_MAKES, *RANDOM} == set(CREATED)
    for code, expected in NUMPY_MAKES.items():
        assert (created[code]["shape"], created[code]["values"]) == (str(expected.shape), str(expected.tolist()))
    joined = {row["code"]: row["values"] for row in summary["joined"]}
    assert joined == {code: str(expected.tolist()) for code, expected in NUMPY_JOINS.items()}
    assert summary["largest_difference"] == 0
    (last,) = [row for row in summary["indexed"] if row["code"] == "x[1:, -2:]"]
    assert last["values"] == "[[10, 11], [16, 17], [22, 23]]"
    drawn = figure("indexing")
    number = [panel["title"] for panel in drawn.options["panels"]].index("x[1:, -2:]\nshape (3, 2)")
    grid = np.arange(24).reshape(4, 6)
    assert (grid[drawn.arrays[f"colours{number}"] > 0] == grid[1:, -2:].ravel()).all()


@pytest.mark.parametrize("code", RANDOM)
def test_random_numbers_lie_in_their_bounds(code):
    low, high = RANDOM[code]
    values = np.array([CREATED[code]().numpy() for _ in range(50)])
    assert low <= values.min() < values.max() <= high


def test_a_result_has_the_colours_of_the_elements_that_make_it(tmp_path, without_figures):
    summary, figure = run("tensors", tmp_path, left="2,1", right="3")
    drawn = figure("broadcasting")
    titles = [panel["title"] for panel in drawn.options["panels"]]
    assert titles[-5:] == [
        "a\n(2, 1)",
        "b\n(3,)",
        "a stretched\n(2, 3)",
        "b stretched\n(2, 3)",
        "a + b\n(2, 3)",
    ]
    a, b, wide_a, _, both = (drawn.arrays[f"values{i}"] for i in range(len(titles) - 5, len(titles)))
    assert (both == a + b).all()
    assert (wide_a == np.broadcast_to(a, (2, 3))).all()
    last = len(titles) - 1
    assert (drawn.arrays[f"colours{last}"] == np.broadcast_to(drawn.arrays[f"colours{last - 4}"], (2, 3))).all()
    assert (drawn.arrays[f"second{last}"] == np.broadcast_to(drawn.arrays[f"colours{last - 3}"], (2, 3))).all()
    assert drawn.arrays[f"pale{last - 2}"].tolist() == [[False, True, True]] * 2
    assert drawn.arrays[f"pale{last - 1}"].tolist() == [[False] * 3, [True] * 3]
    assert [row["fits"] for row in summary["broadcast"]] == [True] * 4 + [False] * 2 + [True]


def test_a_wrong_result_is_seen(tmp_path, without_figures, monkeypatch):
    right = tensors.indexed
    monkeypatch.setattr(tensors, "indexed", lambda x: right(x if isinstance(x, np.ndarray) else x.flip(0)))
    summary, _ = run("tensors", tmp_path)
    assert summary["largest_difference"] == 20


def test_a_result_of_another_shape_is_infinitely_far():
    assert difference(CREATED["eye(3)"](), np.eye(3)[:1]) == float("inf")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("1", 1),
        (" -2 , :", (-2, slice(None))),
        ("1:3, ::2", (slice(1, 3), slice(None, None, 2))),
        ("..., None", (..., None)),
        ("::-1", slice(None, None, -1)),
    ],
)
def test_an_index_is_read(text, key):
    assert read_index(text) == key


@pytest.mark.parametrize("text", ["", "a", "1:2:3:4", "__import__('os')", "1,,2", "1.5", "٣", "9999999", "1,2,3,4,5"])
def test_what_is_no_index_is_refused(text):
    with pytest.raises(SettingError, match="index"):
        read_index(text)


def test_shapes_of_three_axes_are_refused(tmp_path):
    with pytest.raises(SettingError, match="left: expected at most two axes"):
        run("tensors", tmp_path, left="2,3,4")
