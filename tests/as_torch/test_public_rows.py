"""What the tables of public files rest on: how rounding is told from an error."""

import numpy as np
import pytest

from tests.as_torch.public import worker
from tests.as_torch.public.run import share, verdicts
from tests.as_torch.public.worker import apart, moves, neighbours


def test_neighbours_are_the_next_numbers_on_either_side():
    x = np.array([1.0, -2.5, 0.0, 3e20] * 10, dtype="float32")
    y = neighbours(x, np.random.RandomState(1))
    up, down = np.nextafter(x, np.float32(np.inf)), np.nextafter(x, np.float32(-np.inf))
    assert y.dtype == x.dtype
    assert bool(np.all((y == up) | (y == down)))
    assert 0 < int((y == up).sum()) < x.size
    assert neighbours(np.arange(3), np.random.RandomState(1)).tolist() == [0, 1, 2]


def test_pytorch_runs_until_it_is_as_far_from_itself(monkeypatch):
    found = iter([[1.0, 2.0], [1.0, 2.0002], [1.0, 1.9998], [1.0, 3.0]])
    monkeypatch.setattr(worker, "losses", lambda *_: next(found))
    assert moves(None, {}, "", "float32", 1.5e-4) == pytest.approx(2e-4, rel=1e-3)
    assert next(found)[1] == 3.0


@pytest.mark.parametrize(
    ("ours", "exact", "moved", "verdict"),
    [
        ([1.0, 2.0], [1.0, 2.0], 1.0, "yes"),
        ([1.0, 2.001], [1.0, 2.0], 1e-3, "rounding"),
        ([1.0, 2.001], [1.0, 2.0], 1e-4, "no"),
        ([1.0, 2.001], [1.0, 2.0001], 1e-3, "no"),
        ("an error", [1.0, 2.0], 1.0, "no"),
    ],
)
def test_a_row_is_rounding_where_float64_agrees_and_pytorch_moves_as_much(monkeypatch, ours, exact, moved, verdict):
    def losses(library, folders, weights, rows, dtype="float32", distances=None):
        if distances:
            return dict.fromkeys(distances, moved)
        return {0: ours if library == "xdl" and dtype == "float32" else exact if library == "xdl" else [1.0, 2.0]}

    monkeypatch.setattr("tests.as_torch.public.run.losses", losses)
    assert verdicts([], "", [(0, {})])[0][1] == verdict


def test_what_fails_counts_and_what_pytorch_does_not_run_does_not():
    text = share(["yes", "yes", "no", "rounding", "-"], 3, "model files")
    assert text.startswith("2 of 4 model files of 3 sources run as they are")
    assert text.endswith("rounding alone: 3.")
    assert apart([1.0, 2.2], [1.0, 2.0]) == pytest.approx(0.1)
