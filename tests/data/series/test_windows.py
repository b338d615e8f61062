"""Windows of a series: what consecutive and random sampling give, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from xdl import manual_seed
from xdl.data import DataLoader, NextStep, consecutive_windows, random_windows
from xdl.errors import DataError, SettingError, ShapeError


def test_consecutive_windows_go_on_where_the_row_before_ended() -> None:
    windows = NextStep(np.arange(20), 3)
    batches = list(DataLoader(windows, batch_sampler=consecutive_windows(windows, 2)))
    assert [inputs.tolist() for inputs, _ in batches] == [
        [[0, 1, 2], [9, 10, 11]],
        [[3, 4, 5], [12, 13, 14]],
        [[6, 7, 8], [15, 16, 17]],
    ]
    assert all((targets - inputs == 1).all().item() for inputs, targets in batches)


@pytest.mark.parametrize(("length", "steps", "strands"), [(7, 3, 2), (8, 3, 2), (41, 5, 4), (4, 1, 3)])
def test_no_window_leaves_the_series(length: int, steps: int, strands: int) -> None:
    windows = NextStep(np.arange(length), steps)
    starts = np.concatenate(consecutive_windows(windows, strands))
    assert len(set(starts.tolist())) == len(starts)
    assert starts.max() < len(windows)
    assert len(starts) == strands * ((length - 1) // (steps * strands))


def test_random_windows_are_whole_and_follow_the_seed() -> None:
    windows = NextStep(np.arange(60, dtype=np.float32).reshape(30, 2), 4)

    def drawn() -> list[list[float]]:
        manual_seed(3)
        loader = DataLoader(windows, batch_sampler=random_windows(windows, batches=2, batch_size=3))
        return [inputs.flatten().tolist() for inputs, _ in loader]

    assert drawn() == drawn()
    assert len(drawn()) == 2
    assert np.diff(np.reshape(drawn()[0], (3, 4, 2)), axis=1).tolist() == np.full((3, 3, 2), 2.0).tolist()


@pytest.mark.parametrize(
    ("refused", "error", "word"),
    [
        (lambda: NextStep(np.arange(3), 3), ShapeError, "more than 3"),
        (lambda: NextStep(np.float32(1), 1), ShapeError, "more than 1"),
        (lambda: NextStep(np.arange(3), 0), SettingError, "steps"),
        (lambda: NextStep(np.array([1.0, np.nan, np.inf]), 1), DataError, "2 steps .* first 1"),
        (lambda: consecutive_windows(NextStep(np.arange(20), 3), 7), SettingError, "batch_size <= 6"),
        (lambda: consecutive_windows(NextStep(np.arange(20), 3), 0), SettingError, "batch_size"),
        (lambda: random_windows(NextStep(np.arange(20), 3), 0, 1), SettingError, "batches"),
        (lambda: random_windows(NextStep(np.arange(20), 3), 1, 18), SettingError, "batch_size <= 17"),
        (lambda: NextStep(np.arange(5), 3)[2], IndexError, "2"),
    ],
)
def test_refusals(refused, error, word) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=word):
        refused()
