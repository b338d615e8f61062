"""Figures of autoregressions: coefficients, roots in the unit circle, forecasts, errors by horizon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from typing import Any

from xdl import plot
from xdl.data import characteristic_roots
from xdl.runs.run import Run


@dataclass
class System:
    """A generated autoregression with what was found. errors: as parts of the noise; ahead: for 1, 2, ... steps."""

    seed: int
    true: list[float]
    found: list[float]
    deviations: list[float]  # standard errors of `found`
    errors: dict[str, float]
    ahead: dict[str, list[float]]
    std: float  # of the series
    drawn: dict[str, dict[str, list[float]]]  # panel -> line -> values
    kept: dict[str, Any]

    @property
    def off(self) -> float:
        """How far the worst coefficient is from the true one."""
        return max(abs(a - b) for a, b in zip(self.true, self.found, strict=True))


def draw(run: Run, short: Sequence[System], long: Sequence[System], said: Sequence[str]) -> None:
    """The four figures; the sentences are about coefficients, one step of both kinds, and running free."""
    coefficients, least_squares, network, free = said
    panels = {f"AR({len(one[0].true)}), system {one[0].seed}": _coefficients(one[0]) for one in (short, long)}
    panels |= {f"AR({len(several[0].true)}): found less true": _differences(several) for several in (short, long)}
    title = "Coefficients of autoregressions by least squares (bars: two standard errors each way)"
    data = plot.lines_data(panels, title, "lag", columns=2, whole=True)
    run.figure("coefficients", data, f"{coefficients}\n{least_squares}")
    orders = {f"AR({len(several[0].true)})": several for several in (short, long)}
    circle = [2 * pi * i / 100 for i in range(101)]
    roots = {
        f"{order}, imaginary part upwards": {
            "unit circle": plot.Line([cos(t) for t in circle], [sin(t) for t in circle], colour=7),
            **{f"system {one.seed}": _roots(one, i) for i, one in enumerate(several)},
        }
        for order, several in orders.items()
    }
    most = max(abs(root) for several in orders.values() for one in several for root in characteristic_roots(one.true))
    see = f"the largest root has the absolute value {most:.3f}: " + ("all stay bounded" if most < 1 else "not all stay")
    title = "Characteristic roots of the true coefficients"
    run.figure("roots", plot.lines_data(roots, title, "real part", equal=True), run.see(see))
    forecasts: dict[str, Any] = {}
    for panel, lines in long[0].drawn.items():
        forecasts[panel] = {
            name: plot.Line(_count(values), values, look="thick" if name == "truth" else "line")
            for name, values in lines.items()
        }
    title = f"AR({len(long[0].true)}), system {long[0].seed}: forecasts and truth"
    run.figure("forecasts", plot.lines_data(forecasts, title, "step", share=True), network)
    horizons = {f"RMSE running free, system {one.seed}": _horizon(one) for one in long}
    title = f"AR({len(long[0].true)}): error by horizon on the test part, in parts of the noise"
    run.figure("horizon", plot.lines_data(horizons, title, "steps ahead", log=True), free)


def _coefficients(one: System) -> dict[str, plot.Line]:
    lags = _count(one.true)
    dots = plot.Line(lags, one.found, look="dots", colour=0)
    return {"found": dots, "true": plot.Line(lags, one.true, look="line", colour=1)}


def _differences(several: Sequence[System]) -> dict[str, plot.Line]:
    """Found less true of each system, side by side at each lag, beside 0."""
    lines = {"true": plot.Line([0.5, len(several[0].true) + 0.5], [0.0, 0.0], look="dashed", colour=7)}
    for i, one in enumerate(several):
        off = [b - a for a, b in zip(one.true, one.found, strict=True)]
        low, high = ([d + side * 2 * s for d, s in zip(off, one.deviations, strict=True)] for side in (-1, 1))
        lags = [lag + 0.6 * (i + 0.5) / len(several) - 0.3 for lag in _count(one.true)]
        lines[f"system {one.seed}"] = plot.Line(lags, off, low, high, look="dots", colour=i)
    return lines


def _roots(one: System, colour: int) -> plot.Line:
    roots = characteristic_roots(one.true)
    return plot.Line(roots.real, roots.imag, look="dots", colour=colour)


def _horizon(one: System) -> dict[str, plot.Line]:
    looks = {name: "dashed" if "floor" in name else "thick" if "true" in name else "line" for name in one.ahead}
    return {name: plot.Line(_count(errors), errors, look=looks[name]) for name, errors in one.ahead.items()}


def _count(values: Sequence[float]) -> list[int]:
    return list(range(1, len(values) + 1))
