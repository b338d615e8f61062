"""Normalization of a series: each column to mean 0 and std 1, by what the training part alone tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, Self

import numpy as np

from xdl.data.collate import host
from xdl.data.series.columns import as_columns
from xdl.errors import DataError, DtypeError, ShapeError, expect
from xdl.io.json_text import shown


@dataclass(frozen=True)
class Standardize:
    """z = (x - mean) / std, for each of F columns; undone by x = z std + mean.

    mean, std: F numbers each; the std is that of the population, and 1 for a column that never changes

        scale = Standardize.fit(train)  # of the training part alone: the later parts are not known yet
        x, y = windows(scale.apply(train), 50)
        forecast = scale.undo(model(x))

    Dividing by the variance in its place, as 徐彬's public code has it, leaves each column with std 1 / std.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]

    @classmethod
    def fit(cls, train: Any) -> Self:
        """Mean and std of the columns of a training part (T,) or (T, F).

        Raises as `as_columns`, and DataError where a std is beyond all numbers.
        """
        columns = as_columns("Standardize.fit", train).astype(np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            std = columns.std(axis=0)
        finite = bool(np.isfinite(std).all())
        expect(finite, DataError, "Standardize.fit", "numbers whose squares are finite", float(np.abs(columns).max()))
        constant = columns.max(axis=0) == columns.min(axis=0)
        return cls(tuple(columns.mean(axis=0).tolist()), tuple(np.where(constant | (std == 0), 1.0, std).tolist()))

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """From what `state_dict` gave. Raises DataError for anything else."""
        given = dict(state) if isinstance(state, Mapping) else {"state": state}
        mean, std = _numbers(given.get("mean")), _numbers(given.get("std"))
        if not 0 < len(mean) == len(std) or not all(value > 0 for value in std):
            expected = "mean and std: lists of F finite numbers each, std above 0"
            raise DataError("Standardize.from_state", expected, shown(given))
        return cls(mean, std)

    def state_dict(self) -> dict[str, list[float]]:
        """{"mean": F numbers, "std": F numbers}, for a JSON file beside the model."""
        return {"mean": list(self.mean), "std": list(self.std)}

    def apply(self, series: Any) -> np.ndarray:
        """The series (T,) or (..., F) with each column normalized, of its own shape and in float32.

        Raises ShapeError, naming both numbers of columns, where F is another one, DtypeError for no real numbers.
        """
        values = self._checked("Standardize.apply", series)
        z: np.ndarray = (values - np.array(self.mean)) / np.array(self.std)
        return z.reshape(host(series).shape).astype(np.float32)

    def undo(self, series: Any) -> np.ndarray:
        """What `apply` was given, in float64. Raises as `apply`."""
        values = self._checked("Standardize.undo", series)
        x: np.ndarray = values * np.array(self.std) + np.array(self.mean)
        return x.reshape(host(series).shape)

    def columns(self, *numbers: int) -> Standardize:
        """The normalization of some of the columns, as of those that are forecast. Raises ShapeError for others."""
        features = len(self.mean)
        there = all(isinstance(i, int) and -features <= i < features for i in numbers)
        expect(there, ShapeError, "Standardize.columns", f"numbers of {features} columns", numbers)
        return Standardize(tuple(self.mean[i] for i in numbers), tuple(self.std[i] for i in numbers))

    def _checked(self, operation: str, series: Any) -> np.ndarray:
        """In float64, a lone column (T,) as (T, 1)."""
        given, features = host(series), len(self.mean)
        expect(given.dtype.kind in "fiu", DtypeError, operation, "a series of real numbers", given.dtype)
        values = given.astype(np.float64)
        values = values[:, None] if values.ndim == 1 else values
        if not values.ndim or values.shape[-1] != features:
            expected = f"a series of {features} columns, as in the training part"
            raise ShapeError(operation, expected, f"shape {host(series).shape}")
        return values


def _numbers(values: Any) -> tuple[float, ...]:
    """A list of finite numbers; () for anything else."""
    listed = values if isinstance(values, list | tuple) else ()
    right = all(isinstance(v, int | float) and not isinstance(v, bool) and isfinite(v) for v in listed)
    return tuple(map(float, listed)) if right else ()
