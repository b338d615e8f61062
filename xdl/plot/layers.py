"""Places for the boxes of a graph: in columns from left to right, so that no arrow runs behind a box.

The method is that of Sugiyama, Tagawa and Toda (1981): a column for each box to the right of all that lead to it; an
arrow over several columns bends at a place of its own in each; places of a column are ordered by the mean of their
neighbours, back and forth, which leaves few crossings; heights are as near to the neighbours' as the order allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

Edge = tuple[int, int]
SWEEPS = 12
APART, BEND_APART = 1.0, 0.62  # between two boxes of a column, and between a bend and what is next to it


@dataclass
class _Place:
    """A box, or a bend of an arrow, with the places before and after it."""

    column: int
    is_box: bool
    height: float
    before: list[int] = field(default_factory=list)
    after: list[int] = field(default_factory=list)


def arrange(count: int, edges: Sequence[Edge]) -> tuple[list[tuple[float, float]], list[tuple[int, float, float]]]:
    """(x, y) of each box, and (number of the edge, x, y) of each bend, along each edge from left to right.

    edges: (from, to) as numbers of boxes, each to a later box; x is the number of the column, y goes upwards
    """
    columns = _columns(count, edges)
    places = [_Place(column, True, -float(i)) for i, column in enumerate(columns)]
    bends: list[tuple[int, int]] = []
    for number, (start, end) in enumerate(edges):
        last = start
        for column in range(columns[start] + 1, columns[end]):
            places.append(_Place(column, False, places[start].height))
            bends.append((number, len(places) - 1))
            _join(places, last, len(places) - 1)
            last = len(places) - 1
        _join(places, last, end)
    rows = [[i for i, place in enumerate(places) if place.column == c] for c in range(max(columns) + 1)]
    _order(places, rows)
    for sweep in range(SWEEPS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            _set_heights(places, row)
    at = [(float(place.column), place.height) for place in places]
    return at[:count], [(number, *at[i]) for number, i in bends]


def _columns(count: int, edges: Sequence[Edge]) -> list[int]:
    """The length of the longest way to each box; boxes that nothing leads to are next to where they lead."""
    columns = [0] * count
    for start, end in sorted(edges, key=lambda edge: edge[1]):
        columns[end] = max(columns[end], columns[start] + 1)
    for box in range(count):
        after = [columns[end] for start, end in edges if start == box]
        if after and all(end != box for _, end in edges):
            columns[box] = min(after) - 1
    return columns


def _join(places: list[_Place], start: int, end: int) -> None:
    places[start].after.append(end)
    places[end].before.append(start)


def _order(places: list[_Place], rows: list[list[int]]) -> None:
    """Orders each column from the top, and sets heights to match: the order with the fewest crossings."""
    best, fewest = [list(row) for row in rows], _crossings(places, rows)
    for sweep in range(SWEEPS):
        forwards = sweep % 2 == 0
        for row in rows if forwards else rows[::-1]:
            near = {i: places[i].before if forwards else places[i].after for i in row}
            means = {i: _mean([places[j].height for j in near[i]], places[i].height) for i in row}
            row.sort(key=lambda i: (-means[i], i))
            for position, i in enumerate(row):
                places[i].height = len(row) / 2 - position
        if (crossings := _crossings(places, rows)) < fewest:
            best, fewest = [list(row) for row in rows], crossings
    for row, kept in zip(rows, best, strict=True):
        row[:] = kept
        for position, i in enumerate(row):
            places[i].height = len(row) / 2 - position


def _crossings(places: list[_Place], rows: list[list[int]]) -> int:
    """How many pairs of arrows between neighbouring columns cross."""
    position = {i: p for row in rows for p, i in enumerate(row)}
    total = 0
    for row in rows:
        lines = sorted((position[i], position[j]) for i in row for j in places[i].after)
        total += sum(b[1] < a[1] for k, a in enumerate(lines) for b in lines[k + 1 :] if b[0] > a[0])
    return total


def _set_heights(places: list[_Place], row: list[int]) -> None:
    """Heights as near as can be to the means of the neighbours, in the column's order and far enough apart.

    The least squares of a monotone sequence, by pooling neighbours that violate the order.
    """
    offsets = [0.0]
    for one, other in pairwise(row):
        both = places[one].is_box and places[other].is_box
        offsets.append(offsets[-1] + (APART if both else BEND_APART))
    pools: list[list[float]] = []
    for i, offset in zip(row, offsets, strict=True):
        near = [places[j].height for j in (*places[i].before, *places[i].after)]
        pools.append([_mean(near, places[i].height) + offset])
        while len(pools) > 1 and _mean(pools[-2]) < _mean(pools[-1]):
            lower = pools.pop()
            pools[-1] += lower
    heights = [_mean(pool) for pool in pools for _ in pool]
    for i, offset, height in zip(row, offsets, heights, strict=True):
        places[i].height = height - offset


def _mean(values: Sequence[float], otherwise: float = 0.0) -> float:
    return sum(values) / len(values) if values else otherwise
