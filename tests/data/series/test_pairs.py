"""Windows for forecasts, parts in the order of time, normalization: values by hand, no leaks, and what is refused."""

import json

import numpy as np
import pytest

from xdl import data
from xdl.errors import DataError, DtypeError, SettingError, ShapeError

COUNT = np.arange(10.0)


def test_windows_of_a_lone_column():
    x, y = data.windows(COUNT, 3, 2, stride=2)
    assert x[:, :, 0].tolist() == [[0, 1, 2], [2, 3, 4], [4, 5, 6]]
    assert y[:, :, 0].tolist() == [[3, 4], [5, 6], [7, 8]]
    assert (x.shape, y.shape) == ((3, 3, 1), (3, 2, 1))


def test_windows_of_several_columns_keep_their_dtype():
    series = np.stack([COUNT, -COUNT], 1).astype(np.float32)
    x, y = data.windows(series, 9)
    assert (x.shape, y.shape, x.dtype) == ((1, 9, 2), (1, 1, 2), np.float32)
    assert y[0].tolist() == [[9, -9]]
    assert data.windows(np.arange(4), 1)[0].dtype == np.float64


@pytest.mark.parametrize(
    ("series", "given", "error", "message"),
    [
        (COUNT, (8, 3), ShapeError, r"at least inputs \+ outputs = 8 \+ 3 = 11 steps, found 10 in shape \(10,\)"),
        (COUNT, (0, 1), SettingError, "inputs, outputs and stride >= 1, found 0, 1, 1"),
        (np.array([0, np.nan, 1, np.inf]), (1, 1), DataError, "2 steps with nan or infinity, first 1"),
        (np.zeros((4, 2, 1)), (1, 1), ShapeError, r"\(T,\) or \(T, F\), F >= 1, found \(4, 2, 1\)"),
        (np.zeros((4, 0)), (1, 1), ShapeError, r"found \(4, 0\)"),
        (np.zeros(0), (1, 1), DataError, "at least one step"),
        (np.array(["a", "b"]), (1, 1), DtypeError, "real numbers"),
    ],
)
def test_series_that_give_no_windows(series, given, error, message):
    with pytest.raises(error, match=message):
        data.windows(series, *given)


def test_parts_are_in_the_order_of_time():
    train, validation, test = data.chronological_split(np.arange(100), (0.5, 0.25, 0.25), gap=2)
    assert (train[-1], validation[0], validation[-1], test[0], test[-1]) == (47, 50, 73, 76, 99)
    assert data.chronological_split(np.arange(3), (0.4, 0.6))[1].tolist() == [1, 2]


@pytest.mark.parametrize(("inputs", "outputs", "stride"), [(3, 1, 1), (5, 2, 3), (1, 1, 2), (4, 4, 4)])
def test_windows_that_are_cut_before_they_are_split_share_nothing_across_the_gap(inputs, outputs, stride):
    gap = data.overlapping(inputs, outputs, stride)
    pairs = data.windows(np.arange(200), inputs, outputs, stride)
    parts = data.chronological_split(pairs, (0.6, 0.4), gap)
    seen = [{*x.ravel(), *y.ravel()} for x, y in parts]
    assert not seen[0] & seen[1]
    if gap:
        closer = data.chronological_split(pairs, (0.6, 0.4), gap - 1)
        assert {*closer[0][1].ravel()} & {*closer[1][0].ravel(), *closer[1][1].ravel()}


@pytest.mark.parametrize(
    ("samples", "given", "error", "message"),
    [
        (np.arange(10), ((0.5, 0.4),), SettingError, "shares above 0 that add up to 1"),
        (np.arange(10), ((1.5, -0.5),), SettingError, "shares above 0"),
        (np.arange(10), ((0.5, 0.5), -1), SettingError, "gap >= 0"),
        (
            np.arange(10),
            ((0.5, 0.5), 9),
            SettingError,
            r"at least one sample in each of 2 parts.* found \[0, 1\] of 10",
        ),
        (np.arange(10), ((0.5, 0.5), 40), SettingError, "of 10 samples"),
        ((np.arange(10), np.arange(9)), (), ShapeError, r"arrays of one length, found \[\(10,\), \(9,\)\]"),
    ],
)
def test_splits_that_are_refused(samples, given, error, message):
    with pytest.raises(error, match=message):
        data.chronological_split(samples, *given)
    with pytest.raises(SettingError, match="stride >= 1"):
        data.overlapping(1, 1, 0)


def test_normalization_is_that_of_the_training_part_and_can_be_undone():
    series = np.stack([COUNT, 100 + 5 * COUNT, np.full(10, 0.1)], 1)
    scale = data.Standardize.fit(series[:5])
    assert scale.mean == pytest.approx((2, 110, 0.1))
    assert scale.std == pytest.approx((2**0.5, 5 * 2**0.5, 1))
    z = scale.apply(series)
    assert (z.dtype, z.shape) == (np.float32, series.shape)
    assert z[:5].mean(0) == pytest.approx([0, 0, 0], abs=1e-6)
    assert scale.undo(z) == pytest.approx(series, rel=1e-6, abs=1e-6)
    assert scale.undo(scale.apply(series[None])).shape == (1, 10, 3)
    assert scale.columns(1).undo([0.0]).tolist() == pytest.approx([110])
    assert data.Standardize.from_state(json.loads(json.dumps(scale.state_dict()))) == scale


def test_normalization_that_does_not_fit():
    scale = data.Standardize.fit(np.stack([COUNT, COUNT], 1))
    with pytest.raises(ShapeError, match=r"2 columns, as in the training part, found shape \(10,\)"):
        scale.apply(COUNT)
    with pytest.raises(DataError, match="without gaps"):
        data.Standardize.fit([0.0, np.nan])
    for state in ({}, {"mean": [1], "std": [0]}, {"mean": [1], "std": [1, 2]}, {"mean": "a", "std": "b"}):
        with pytest.raises(DataError, match="lists of F finite numbers"):
            data.Standardize.from_state(state)
    with pytest.raises(DataError, match="lists of F finite numbers"):
        data.Standardize.from_state({"mean": [True], "std": [float("inf")]})
