"""Points in space as they are seen from a side, and along a plane, where it is a line (徐彬 figures 1.4, 3.1.1, 3.1.2).

A view is two directions of length 1 at right angles, to the right and up; a point is drawn where its products with
them are. Along the plane w x + b = 0 the direction up is w, so that all of the plane lies at the height -b / |w|.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

from xdl.experiments.perceptron.learning import Learning
from xdl.plot import Line

Vector = list[float]
SHOWN = 6  # mistakes
OTHER, ONE, PLANE, MISTAKE = 0, 1, 2, 3  # colours


def dot(a: Vector, b: Vector) -> float:
    """The product of two vectors."""
    return sum(p * q for p, q in zip(a, b, strict=True))


def unit(a: Vector) -> Vector:
    """The vector with the length 1."""
    length = sqrt(dot(a, a))
    return [p / length for p in a]


def cross(a: Vector, b: Vector) -> Vector:
    """The vector at right angles to both."""
    return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]


def in_the_plane(normal: Vector) -> tuple[Vector, Vector]:
    """Two directions at right angles to the normal and to each other."""
    axis = [0.0, 0.0, 0.0]
    axis[min(range(3), key=lambda i: abs(normal[i]))] = 1.0  # that is farthest from the normal
    right = unit(cross(axis, normal))
    return right, cross(normal, right)


def seen(points: Any, labels: Any, right: Vector, up: Vector) -> dict[str, Line]:
    """The points of the two classes, from this side."""
    places: dict[int, list[tuple[float, float]]] = {0: [], 1: []}
    for point, label in zip(points.tolist(), labels.tolist(), strict=True):
        places[label].append((dot(point, right), dot(point, up)))
    looks = {0: ("class 0", "circles", OTHER), 1: ("class 1", "dots", ONE)}
    return {
        name: Line([x for x, _ in places[k]], [y for _, y in places[k]], look=look, colour=colour)
        for k, (name, look, colour) in looks.items()
    }


def from_the_side(points: Any, labels: Any, weights: Vector) -> dict[str, Line]:
    """The points, and the part of the plane that is near them, from a side where neither hides the other."""
    normal = unit(weights[:3])
    one, other = in_the_plane(normal)
    toward = unit([0.9 * a + 0.35 * b + 0.45 * n for a, b, n in zip(one, other, normal, strict=True)])
    right, up = in_the_plane(toward)
    foot = [-weights[3] / sqrt(dot(weights[:3], weights[:3])) * part for part in normal]
    corners = [(1, 1), (1, -1), (-1, -1), (-1, 1), (1, 1)]
    outline = [[f + 1.3 * (a * p + b * q) for f, p, q in zip(foot, one, other, strict=True)] for a, b in corners]
    drawn = Line([dot(c, right) for c in outline], [dot(c, up) for c in outline], colour=PLANE)
    return {**seen(points, labels, right, up), "plane": drawn}


def edge_on(points: Any, labels: Any, weights: Vector) -> dict[str, Line]:
    """The points seen along the plane, which is a line then."""
    normal = unit(weights[:3])
    right, _ = in_the_plane(normal)
    height = -weights[3] / sqrt(dot(weights[:3], weights[:3]))
    views = seen(points, labels, right, normal)
    along = [dot(point, right) for point in points.tolist()]
    return {**views, "plane": Line([min(along), max(along)], [height, height], colour=PLANE)}


def frames(points: Any, labels: Any, learnt: Learning) -> dict[str, dict[str, Line]]:
    """One panel for each of up to six mistakes, from the second to the last: before the first there is no plane."""
    count = len(learnt.mistakes)
    chosen = sorted({round(1 + i * (count - 2) / (SHOWN - 1)) for i in range(SHOWN)}) if count > 1 else []
    panels = {}
    for number in chosen:
        mistake = learnt.mistakes[number]
        normal = unit(mistake.weights[:3])
        right, _ = in_the_plane(normal)
        point = points[mistake.point].tolist()
        marked = Line([dot(point, right)], [dot(point, normal)], look="dots", colour=MISTAKE)
        views = edge_on(points, labels, mistake.weights)
        panels[f"mistake {number + 1} of {count}: {mistake.wrong} wrong"] = {**views, "the mistake": marked}
    return panels
