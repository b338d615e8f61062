"""The sets that are generated, and the small ones that are read: each with the panel that shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xdl import data
from xdl.data.food_truck import find_food_truck
from xdl.data.generated import NORMAL
from xdl.data.iris import CLASS_NAMES, FEATURE_NAMES, read_iris
from xdl.plot import Line

SERIES = 200  # steps that are drawn
BINS = 30

Curves = dict[str, Line]


@dataclass(frozen=True)
class Points:
    """Samples x (N, D), with y (N,): labels, numbers, or None. panels: {title: its curves}."""

    x: Any
    y: Any
    panels: dict[str, Curves]


def of_classes(seed: int) -> dict[str, Points]:
    """The sets with labels, of which the points are drawn in two of their coordinates."""
    solid, sides = data.separable_points(seed=seed)
    across = solid @ _unit(NORMAL)
    along = solid @ _unit((-NORMAL[1], NORMAL[0], 0.0))
    found = {"3-D points": Points(solid, sides, {
        "3-D points, from the front": by_class(solid[:, 0], solid[:, 1], sides),
        "3-D points, along their plane": by_class(along, across, sides),
    })}  # fmt: skip
    flat = {
        "XOR": data.xor(),
        "two Gaussian clouds": data.gaussian_clouds(seed=seed),
        "spiral": data.spiral(seed=seed),
    }
    return found | {name: Points(x, y, {name: by_class(x[:, 0], x[:, 1], y)}) for name, (x, y) in flat.items()}


def iris() -> Points:
    """The flowers: one panel for each pair of lengths."""
    x, y = read_iris()
    pairs = [(i, j) for j in range(4) for i in range(j)]
    panels = {
        f"{FEATURE_NAMES[j]} against {FEATURE_NAMES[i]}, cm": by_class(x[:, i], x[:, j], y, CLASS_NAMES)
        for i, j in pairs
    }
    return Points(x.astype("float32"), y, panels)


def of_numbers(seed: int, data_dir: Path | None) -> dict[str, Points]:
    """The sets with a number to predict, and that of the food trucks where it is here."""
    shown = {}
    for name, make in (("noisy sine", data.noisy_sine), ("x + 2 sin(1.5 x)", data.wavy_line)):
        (x, y), (smooth, truth) = make(seed=seed), make(200, noise=0.0, seed=seed)
        shown[name] = Points(
            x, y, {name: {"points": Line(x[:, 0], y, look="dots"), "truth": Line(smooth[:, 0], truth)}}
        )
    x, z = data.plane(seed=seed)
    edge = 3 * x[:, 0] + 2 * x[:, 1] + 5
    shown["plane"] = Points(x, z, {"plane: z against 3 x + 2 y + 5": {"points": Line(edge, z, look="dots")}})
    parts = data.dam_water(seed)
    dam = {name: Line(x[:, 0], y, look="dots") for name, (x, y) in parts.items()}
    shown["dam water (a stand-in)"] = Points(*parts["train"], {"dam water (a stand-in): outflow by level": dam})
    if find_food_truck(data_dir) is not None:
        x, y = data.load_food_truck(data_dir)
        title = "food truck: profit by population, 10,000s"
        shown["food truck"] = Points(x, y, {title: {"cities": Line(x[:, 0], y, look="dots")}})
    return shown


def series(seed: int) -> dict[str, Any]:
    """{name: the values (N,) of a series}."""
    return {
        "AR(4), coefficients by chance": data.autoregression(1000, data.stable_coefficients(4, seed), seed=seed),
        "sin(0.1 t) + cos(0.2 t)": data.sine_mix(),
        "noisy curve": data.noisy_curve(seed=seed),
    }


def unlabelled(seed: int) -> dict[str, Points]:
    """The sets for generative models: points near a circle, and numbers by their histogram."""
    ring, numbers = data.ring_points(seed=seed), data.real_numbers(seed=seed)
    return {
        "points on a ring": Points(ring, None, {"ring": {"points": Line(ring[:, 0], ring[:, 1], look="dots")}}),
        "numbers from N(4, 0.5)": Points(numbers[:, None], None, {"numbers from N(4, 0.5)": histogram(numbers)}),
    }


def by_class(x: Any, y: Any, labels: Any, names: Sequence[str] = ()) -> Curves:
    """Dots (N,) in one colour a class."""
    classes = range(int(labels.max()) + 1)
    called = names or [f"class {k}" for k in classes]
    return {called[k]: Line(x[labels == k], y[labels == k], look="dots") for k in classes}


def histogram(values: Any) -> Curves:
    """How many of the values (N,) lie in each of BINS parts of their range."""
    low, high = float(values.min()), float(values.max())
    width = (high - low) / BINS or 1.0
    counts = [0] * BINS
    for value in values.tolist():
        counts[min(int((value - low) / width), BINS - 1)] += 1
    middles = [low + (i + 0.5) * width for i in range(BINS)]
    return {"how many": Line(middles, counts, look="steps")}


def panels_of(sets: Mapping[str, Points]) -> dict[str, Curves]:
    """All panels of several sets."""
    return {title: curves for one in sets.values() for title, curves in one.panels.items()}


def _unit(vector: Sequence[float]) -> list[float]:
    length = sum(value**2 for value in vector) ** 0.5
    return [value / length for value in vector]
