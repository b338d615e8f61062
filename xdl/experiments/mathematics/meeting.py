"""Which element meets which: in products, in sums along an axis, and by broadcasting."""

from __future__ import annotations

from math import prod
from typing import Any

import xdl
from xdl import plot
from xdl.errors import ShapeError
from xdl.experiments.mathematics.tensor_cases import difference
from xdl.plot import Cells
from xdl.runs.run import Run
from xdl.tensor import Tensor

Shape = tuple[int, ...]
FITTING: tuple[tuple[Shape, Shape], ...] = (((3, 1), (4,)), ((3, 4), (4,)), ((3, 4), (3, 1)), ((2, 3), ()))
MISFITS: tuple[tuple[Shape, Shape], ...] = (((3, 4), (3,)), ((2, 3), (3, 2)))
LEFT, RIGHT = (1, 5), (6, 4)  # the first colour of an operand's elements, and how many colours they take in turns


def products(x: Tensor, y: Tensor) -> plot.FigureData:
    """The product by elements, the matrix product, and sums along an axis, of x and y (R, C)."""
    rows, columns = x.shape
    places = _numbers(x.shape) + 1
    by_row = (xdl.arange(rows).reshape(rows, 1) + 1 + 0 * places).numpy()
    by_column = (xdl.arange(columns) + 6 + 0 * places).numpy()
    elements = [
        Cells(x.numpy(), places.numpy(), "x"),
        Cells(y.numpy(), places.numpy(), "y", "*"),
        Cells((x * y).numpy(), places.numpy(), "x * y", "="),
    ]
    left, right = (xdl.arange(rows) + 1).reshape(rows, 1), xdl.arange(rows) + 3
    square = xdl.zeros(rows, rows, dtype="int64")
    matrix = [
        Cells(x.numpy(), by_row, "x"),
        Cells(y.T.numpy(), (right + 0 * places.T).numpy(), "y.T", "@"),
        Cells((x @ y.T).numpy(), (left + square).numpy(), "x @ y.T", "=", (right + square).numpy()),
    ]
    sums = [
        Cells(x.numpy(), by_column, "x"),
        Cells(x.sum(0).numpy(), by_column[0], "x.sum(0)", "→"),
        Cells(x.numpy(), by_row, "x"),
        Cells(x.mean(1).numpy(), by_row[:, 0], "x.mean(1)", "→"),
    ]
    return plot.cells_data([elements, matrix, sums], "which elements make a result: those of its colours")


def broadcast(run: Run, left: Shape, right: Shape) -> list[dict[str, Any]]:
    """A table of pairs of shapes, the given one last, and a figure of those that fit."""
    pairs = [*FITTING, *MISFITS]
    if (left, right) not in pairs:
        pairs.append((left, right))
    rows: list[tuple[Any, ...]] = []
    panels = []
    for one, other in pairs:
        a, b = 10 * (_numbers(one) + 1), _numbers(other) + 1
        try:
            both = a + b
        except ShapeError as error:
            rows.append((str(one), str(other), "none", False, None, str(error)))
            continue
        apart = difference(both, a.numpy() + b.numpy())
        rows.append((str(one), str(other), str(tuple(both.shape)), True, apart, ""))
        panels.append(_meeting(a, b))
    run.say("broadcasting: shapes are compared from the last axis on; 1 or nothing is stretched")
    table = run.table(("left", "right", "result", "fits", "from NumPy's", "what is said"), rows)
    see = run.see(
        f"{sum(row[3] for row in rows)} of {len(rows)} pairs of shapes fit: an axis of 1, or one that is missing, is "
        "stretched (pale: its copies)"
    )
    run.figure("broadcasting", plot.cells_data(panels, "broadcasting: which element meets which", size=0.34), see)
    return table


def _meeting(a: Tensor, b: Tensor) -> list[Cells]:
    """a + b, the two as they are stretched, and the result, whose cells have the colours of what they are made of."""
    shape = tuple((a + b).shape)
    colours = {name: _numbers(x.shape) % many + first for name, x, (first, many) in (("a", a, LEFT), ("b", b, RIGHT))}
    stretched = {name: xdl.broadcast_to(found, shape).numpy() for name, found in colours.items()}
    found = [
        Cells(x.numpy(), colours[name].numpy(), f"{name}\n{tuple(x.shape)}", sign)
        for name, x, sign in (("a", a, ""), ("b", b, "+"))
    ]
    for name, x, sign in (("a", a, "="), ("b", b, "+")):
        wide = xdl.broadcast_to(x, shape).numpy()
        title = f"{name} stretched\n{shape}" if tuple(x.shape) != shape else f"{name}\n{shape}"
        found.append(Cells(wide, stretched[name], title, sign, pale=_copies(x, shape)))
    found.append(Cells((a + b).numpy(), stretched["a"], f"a + b\n{shape}", "=", stretched["b"]))
    return found


def _copies(x: Tensor, shape: Shape) -> Any:
    """Which elements of x, stretched to a shape, are there for a second time."""
    places, seen, found = xdl.broadcast_to(_numbers(x.shape), shape), set(), []
    for place in places.reshape(-1).tolist():
        found.append(place in seen)
        seen.add(place)
    return xdl.tensor(found).reshape(shape).numpy()


def _numbers(shape: Any) -> Tensor:
    """0, 1, 2, ... in a shape."""
    return xdl.arange(prod(shape)).reshape(tuple(shape))
