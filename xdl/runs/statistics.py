"""How far a result can be trusted: that it is finite, its spread over several runs, the interval of a test set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite, sqrt
from statistics import NormalDist, fmean, stdev
from typing import Any, NamedTuple

from xdl.errors import NonFiniteError, SettingError, expect


class Band(NamedTuple):
    """n values in four numbers. std: of the sample, with n - 1 below; 0 for a single value."""

    n: int
    mean: float
    std: float
    min: float
    max: float


def band(values: Sequence[float]) -> Band:
    """Mean, std, smallest and largest of the values. Raises SettingError for none, and beyond float64."""
    expect(len(values) > 0, SettingError, "band", "at least one value", "none")
    try:
        std = stdev(values) if len(values) > 1 else 0.0
        return Band(len(values), fmean(values), std, min(values), max(values))
    except OverflowError:
        raise SettingError("band", "values whose sum and squares float64 holds", max(map(abs, values))) from None


def wilson_interval(successes: float, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """The shares p that are compatible with so many successes in n independent trials (Wilson 1927).

        |p_found - p| <= z sqrt(p (1 - p) / n),   p_found = successes / n,   solved for p:

        (p_found + z**2 / 2n  -+  z sqrt(p_found (1 - p_found) / n + z**2 / 4n**2)) / (1 + z**2 / n)

    successes:  0 to n; the accuracy of a test set of n samples is successes / n
    confidence: how often such intervals hold the true share; z is the normal quantile of (1 + confidence) / 2

    It stays within 0 to 1 and is right near both ends, where p_found -+ z std is not. It says what the size of the
    test set leaves open, not how another training would end: for that see `band`.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American
    Statistical Association 22 (1927), 209-212. Raises SettingError for numbers out of range.
    """
    expect(n >= 1, SettingError, "wilson_interval", "n >= 1", n)
    expect(0 <= successes <= n, SettingError, "wilson_interval", f"successes from 0 to n = {n}", successes)
    expect(0 < confidence < 1, SettingError, "wilson_interval", "confidence between 0 and 1", confidence)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    p, scale = successes / n, 1 + z * z / n
    centre = (p + z * z / (2 * n)) / scale
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / scale
    return centre - half if successes > 0 else 0.0, centre + half if successes < n else 1.0


def numbers(results: Mapping[str, Any], prefix: str = "") -> dict[str, float]:
    """Every number of a run's results by a name of its own; words, None and plain lists are left out.

    {"test_loss": 0.1}                               test_loss
    {"seconds_per_step": {"xdl": 0.2}}               seconds_per_step xdl
    {"models": [{"model": "linear", "loss": 0.3}]}   models linear loss: a table's row is named by its first column
    """
    found: dict[str, float] = {}
    for key, value in results.items():
        name = f"{prefix}{key}"
        if isinstance(value, int | float) and not isinstance(value, bool):
            found[name] = value
        elif isinstance(value, Mapping):
            found |= numbers(value, f"{name} ")
        elif isinstance(value, list | tuple):
            for row in value:
                if isinstance(row, Mapping) and row:
                    (_, first), *rest = row.items()
                    found |= numbers(dict(rest), f"{name} {first} ")
    return found


def check_finite(operation: str, results: Any, name: str = "") -> None:
    """Raises NonFiniteError, with its name, for a number that is nan or infinite, however deep in dicts and lists."""
    if isinstance(results, float) and not isfinite(results):
        hint = "None is for a value that there is none of, as the loss of a training that diverged"
        raise NonFiniteError(operation, f"a finite {name.strip() or 'result'}", results, hint)
    if isinstance(results, Mapping):
        for key, value in results.items():
            check_finite(operation, value, f"{name} {key}")
    elif isinstance(results, list | tuple):
        for i, value in enumerate(results):
            check_finite(operation, value, f"{name}[{i}]")
