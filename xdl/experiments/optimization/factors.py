"""Convergence factors: by what a step of a fixed rate multiplies the distance from the minimum of a parabola.

With curvature c, rate r and a = r c, the distances d of descent with momentum m obey

    momentum   d[k + 1] = (1 + m - a) d[k] - m d[k - 1]
    Nesterov   d[k + 1] = (1 + m) (1 - a) d[k] - m (1 - a) d[k - 1]

and the factor is the largest |z| among the roots of z^2 = p z - q, with p and q the two coefficients. It is 1, on the
edge of divergence, at a = 2 (1 + m), and for Nesterov at a = 2 (1 + m) / (1 + 2 m); without momentum it is |1 - a|
(B. Polyak, "Some methods of speeding up the convergence of iteration methods", 1964).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, hypot, log, sqrt
from typing import Any

from xdl import optim
from xdl.experiments.shared.surfaces import Function

LEAST, MOST = 1e-150, 1e150  # distances that are looked at: their squares are numbers
HALVINGS = 16  # of the interval that the edge of divergence lies in


@dataclass(frozen=True)
class Kind:
    """A method of a fixed rate. method: its name in `optim.minimize`; momentum: 0 for plain descent."""

    method: str
    momentum: float

    @property
    def edge(self) -> float:
        """The rate times the curvature beyond which it diverges."""
        m = self.momentum
        return 2 * (1 + m) / (1 + 2 * m) if self.method == "nesterov" else 2 * (1 + m)

    def factor(self, a: float) -> float:
        """The factor by the formula, for the rate times the curvature a."""
        m = self.momentum
        p, q = ((1 + m) * (1 - a), m * (1 - a)) if self.method == "nesterov" else (1 + m - a, m)
        inside = p * p - 4 * q
        return sqrt(q) if inside < 0 else (abs(p) + sqrt(inside)) / 2

    def path(self, function: Function, start: tuple[float, float], rate: float, steps: int) -> list[list[float]]:
        """The points of a search of so many steps; fewer where it overflows or its gradient is 0."""
        options: dict[str, Any] = {"lr": rate} | ({"momentum": self.momentum} if self.momentum else {})
        found = optim.minimize(function, start, method=self.method, tol=0, maxiter=steps, **options)
        points: list[list[float]] = found.path.x.tolist()
        return points

    def measured(self, function: Function, start: tuple[float, float], rate: float, steps: int) -> float:
        """The factor of a search that begins on an axis of the function: the mean one of the later half of its steps.

        Distances swing. So the largest ones of two windows are compared, a quarter of the steps each.
        """
        sizes = [hypot(*point) for point in self.path(function, start, rate, steps)]
        fit = [LEAST < size < MOST for size in sizes]
        kept = sizes[: fit.index(False) if False in fit else len(sizes)]
        half, quarter = len(kept) // 2, len(kept) // 4
        if quarter == 0:
            return 0.0
        early, late = max(kept[-half - quarter : -half]), max(kept[-quarter:])
        return exp((log(late) - log(early)) / half)

    def measured_edge(self, function: Function, start: tuple[float, float], curvature: float, steps: int) -> float:
        """The rate times the curvature from which on the distance grows, searched for between 0.5 and 5."""
        low, high = 0.5, 5.0
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            if self.measured(function, start, middle / curvature, steps) < 1:
                low = middle
            else:
                high = middle
        return (low + high) / 2
