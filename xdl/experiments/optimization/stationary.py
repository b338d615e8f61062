"""Where a function of one variable is stationary or has a corner, and whether it has an extremum there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

from xdl.errors import SettingError, expect
from xdl.experiments.shared.formula import Function, derivatives, evaluated

SCANNED = 2000  # parts of the interval in which f' is looked at
HALVINGS = 60  # of a part
BESIDE = 1e-3  # of the interval: how far beside a place f' is looked at
JUMP = 1.5  # times what slopes differ by that a quotient may lie beyond them
FLAT = 1e-6  # |f'| and |f''| that count as 0, in the largest of the interval


@dataclass(frozen=True)
class Found:
    """A place: f, f' before it, at it and after it, and f'' there.

    corner: whether f' jumps there, so that it does not exist; kind: "minimum", "maximum" or "no extremum"
    """

    x: float
    f: float
    before: float
    slope: float
    after: float
    second: float
    corner: bool
    flat: float

    @property
    def kind(self) -> str:
        """By the signs of f' beside the place, which decide also where f'' is 0."""
        if self.before < 0 < self.after:
            return "minimum"
        return "maximum" if self.after < 0 < self.before else "no extremum"

    @property
    def row(self) -> tuple[float | str | None, ...]:
        """For a table: f' and f'' are left out where they do not exist; f'' that decides nothing is called so."""
        if self.corner:
            return self.x, self.f, self.before, None, self.after, None, f"{self.kind}, in a corner"
        decided = abs(self.second) > self.flat
        kind = f"{self.kind}, by f''" if decided else f"{self.kind}; f'' = 0 does not tell"
        return self.x, self.f, self.before, self.slope, self.after, self.second, kind


def look(f: Function, low: float, high: float) -> list[Found]:
    """The places between low and high where f' changes its sign, or touches 0.

    Raises SettingError where f or a derivative is not finite, or f jumps: where its quotient over a part is far from
    the slopes at both ends.
    """
    width = (high - low) / SCANNED
    xs = [low + (i + 0.5) * width for i in range(SCANNED)]
    ys, slopes, seconds = derivatives(f, xs, 2)
    finite = all(isfinite(value) for values in (ys, slopes, seconds) for value in values)
    expect(finite, SettingError, "f", f"a function that is finite between {low:g} and {high:g}", "one that is not")
    for i, (one, other) in enumerate(pairwise(slopes)):
        quotient, margin = (ys[i + 1] - ys[i]) / width, JUMP * abs(one - other) + JUMP * (1 + abs(one))
        steady = min(one, other) - margin <= quotient <= max(one, other) + margin
        expect(steady, SettingError, "f", f"a function without jumps from {low:g} to {high:g}", f"one near {xs[i]:g}")
    scale = max(map(abs, slopes)), max(map(abs, seconds))
    places = [_halved(f, 1, *part) for part in _changes(xs, slopes)]
    touching = [_halved(f, 2, *part) for part in _changes(xs, seconds)]
    places += [x for x in touching if abs(derivatives(f, [x])[1][0]) < FLAT * scale[0] and _is_new(x, places, width)]
    return [_found(f, x, BESIDE * (high - low), scale) for x in sorted(places)]


def extrema_of_values(f: Function, low: float, high: float) -> list[float]:
    """The inner points of a fine grid whose value is above or below that of both neighbours: nothing of slopes."""
    parts = 20 * SCANNED
    xs = [low + (high - low) * (i + 0.382) / parts for i in range(parts)]
    ys = evaluated(f, xs)
    return [xs[i] for i in range(1, parts - 1) if (ys[i] - ys[i - 1]) * (ys[i] - ys[i + 1]) > 0]


def _changes(xs: list[float], values: list[float]) -> Iterator[tuple[float, float]]:
    """The pairs of neighbours between which values change their sign; zeros are passed over."""
    last: tuple[float, float] | None = None
    for x, value in zip(xs, values, strict=True):
        if value != 0 and value == value:
            if last is not None and last[1] * value < 0:
                yield last[0], x
            last = x, value


def _halved(f: Function, order: int, left: float, right: float) -> float:
    """Where a derivative changes its sign, by halving."""
    sign = derivatives(f, [left], order)[order][0]
    for _ in range(HALVINGS):
        middle = (left + right) / 2
        value = derivatives(f, [middle], order)[order][0]
        if value == 0:
            return middle
        left, right = (middle, right) if value * sign > 0 else (left, middle)
    return (left + right) / 2


def _is_new(x: float, places: list[float], width: float) -> bool:
    return all(abs(x - place) > width for place in places)


def _found(f: Function, x: float, beside: float, scale: tuple[float, float]) -> Found:
    ys, slopes, seconds = derivatives(f, [x - beside, x, x + beside], 2)
    close = derivatives(f, [x - 1e-9 * max(1.0, abs(x)), x + 1e-9 * max(1.0, abs(x))])[1]
    corner = abs(close[1] - close[0]) > 1e-3 * scale[0]
    return Found(x, ys[1], slopes[0], slopes[1], slopes[2], seconds[1], corner, FLAT * max(scale[1], 1.0))
