"""Arrays: made, taken apart, and computed with, as coloured cells (hwdong 1.2.2 to 1.2.4).

Broadcasting compares shapes from the last axis on. Two axes fit where they are equal or one of them is 1 or missing;
this one is stretched: its only element meets every element of the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import xdl
from xdl import plot
from xdl.errors import SettingError, expect
from xdl.experiments.mathematics.meeting import broadcast, products
from xdl.experiments.mathematics.tensor_cases import (
    CREATED,
    computed,
    differences,
    indexed,
    joined,
    read_index,
)
from xdl.plot import Cells
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor

QUICK: dict[str, Any] = {}
ROWS, COLUMNS = 4, 6  # of the array that is indexed
NUMPY = "from NumPy's"  # the heading of differences
TAKEN = 2  # the colour of elements that an index takes


@dataclass(frozen=True)
class Settings:
    """One index and one pair of shapes of your own, beside those that are always shown."""

    index: str = setting("1:, -2:", "of an array x of 4 x 6, as 1:3, ::2; also ... and None")
    left: tuple[int, ...] = setting((1, 5), "shape of the left operand, at most two axes", low=1, high=8, empty=True)
    right: tuple[int, ...] = setting((4, 1), "shape of the right one", low=1, high=8, empty=True)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Tables of what each piece of code gives, and figures of which element goes or meets where."""
    for name, shape in (("left", settings.left), ("right", settings.right)):
        expect(len(shape) <= 2, SettingError, name, "at most two axes", shape)
    key = read_index(settings.index)
    run.say("making arrays")
    created = run.table(("code", "shape", "dtype", "values"), [_line(text, make()) for text, make in CREATED.items()])
    x, y = xdl.arange(1, 7).reshape(2, 3), xdl.arange(7, 10).reshape(1, 3)
    run.say("putting them together and apart, of x = [[1, 2, 3], [4, 5, 6]] and y = [[7, 8, 9]]")
    made = joined(x, y)
    together = run.table(("code", "shape", "dtype", "values"), [_line(text, one) for text, one in made.items()])
    run.figure("joined", _joined({"x": x, "y": y, **made}), "colours follow the elements: where each one goes")

    grid = xdl.arange(ROWS * COLUMNS).reshape(ROWS, COLUMNS)
    own = f"x[{settings.index}]"
    taken = indexed(grid) | {own: grid[key]}
    run.say(f"taking elements of x = arange({ROWS * COLUMNS}).reshape({ROWS}, {COLUMNS})")
    parts = _compared(run, taken, indexed(grid.numpy()) | {own: grid.numpy()[key]})
    see = run.see(
        f"a number takes its axis away, x[1] has shape {tuple(grid[1].shape)}; a slice keeps it, x[1:2] has "
        f"{tuple(grid[1:2].shape)}; lists beside each other are pairs of places"
    )
    run.figure("indexing", _indexed(grid, taken), see)

    x, y = (xdl.tensor(v, dtype="float64") for v in ([[1, 2, 3], [4, 5, 6]], [[2, 0.5, 1], [1, 3, 8]]))
    run.say(f"computing with x = {x.tolist()} and y = {y.tolist()}")
    results = _compared(run, computed(x, y), computed(x.numpy(), y.numpy()))
    run.figure("products", products(x, y), "upper left: the element or row of x; lower right: of y")
    met = broadcast(run, settings.left, settings.right)
    apart = [row[NUMPY] for row in [*parts, *results, *met] if row[NUMPY] is not None]
    run.see(f"the largest difference of {len(apart)} results from NumPy's is {max(apart):g}")
    return {
        "created": created,
        "joined": together,
        "indexed": parts,
        "computed": results,
        "broadcast": met,
        "largest_difference": max(apart),
    }


def _compared(run: Run, found: dict[str, Tensor], expected: dict[str, Any]) -> list[dict[str, Any]]:
    """A table of what each piece of code gives, and how far it is from what NumPy gives."""
    apart = differences(found, expected)
    rows = [(text, *_short(one), apart[text]) for text, one in found.items()]
    return run.table(("code", "shape", "values", NUMPY), rows)


def _line(text: str, made: Tensor) -> tuple[str, str, str, str]:
    shape, values = _short(made)
    return text, shape, str(made.dtype), values


def _short(made: Tensor) -> tuple[str, str]:
    """Shape and values as they stand in tables."""
    values = made.tolist()
    return str(tuple(made.shape)), str(_rounded(values))


def _rounded(values: Any) -> Any:
    if isinstance(values, list):
        return [_rounded(value) for value in values]
    return round(values, 3) if isinstance(values, float) else values


def _joined(made: dict[str, Tensor]) -> plot.FigureData:
    """Each element in a colour of its own, its value, wherever it goes; zeros that are put around are grey."""
    panels = [Cells(one.numpy(), one.numpy(), text) for text, one in made.items()]
    return plot.cells_data([panels[:5], panels[5:9], panels[9:]], "new arrays from the elements of x and y")


def _indexed(grid: Tensor, taken: dict[str, Tensor]) -> plot.FigureData:
    """The elements that are taken, which are their own places, in another colour."""
    panels = []
    for text, found in taken.items():
        marks = xdl.zeros(ROWS * COLUMNS, dtype="int64")
        marks[found.reshape(-1)] = TAKEN
        panels.append(Cells(grid.numpy(), marks.reshape(ROWS, COLUMNS).numpy(), f"{text}\nshape {tuple(found.shape)}"))
    rows = [panels[i : i + 5] for i in range(0, len(panels), 5)]
    return plot.cells_data(rows, "which elements an index takes", size=0.3)
