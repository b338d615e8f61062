"""What the arguments of a recurrence must be, said before anything is computed."""

from __future__ import annotations

from collections.abc import Sequence

from xdl.errors import SettingError, ShapeError, expect, nearest
from xdl.functional.operands import floating
from xdl.functional.recurrent.cells import CELLS, Cell
from xdl.tensor import Tensor


def cell_named(operation: str, cell: str) -> Cell:
    """The cell of that name. Raises SettingError for another name."""
    if cell not in CELLS:
        raise SettingError(operation, f"a cell among {', '.join(CELLS)}", repr(cell), nearest(cell, CELLS))
    return CELLS[cell]


def check(
    operation: str,
    cell: Cell,
    input: Tensor,
    h: Tensor,
    c: Tensor | None,
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None,
    b_hh: Tensor | None,
    w_hr: Tensor | None,
    p: Tensor | None,
) -> None:
    """Raises ShapeError, naming the argument, unless the sizes fit, DtypeError for mixed dtypes."""
    weights = {"weight_ih": w_ih, "weight_hh": w_hh, "bias_ih": b_ih, "bias_hh": b_hh, "weight_hr": w_hr, "p": p}
    floating(operation, input=input, h=h, **({} if c is None else {"c": c}), **weights)
    if input.ndim != 3 or input.shape[0] < 1:
        raise ShapeError(operation, "input (T, N, I) with T >= 1", input.shape)
    if w_hh.ndim != 2 or w_hh.shape[0] % cell.gates or (w_hr is None and w_hh.shape[0] != cell.gates * w_hh.shape[1]):
        raise ShapeError(operation, f"weight_hh ({cell.gates} H, H)", w_hh.shape)
    n, inputs = input.shape[1:]
    rows, outputs = w_hh.shape
    hidden = rows // cell.gates
    wanted: dict[str, tuple[Tensor | None, tuple[int, ...]]] = {
        "weight_ih": (w_ih, (rows, inputs)),
        "h": (h, (n, outputs)),
        "c": (c, (n, hidden)),
        "bias_ih": (b_ih, (rows,)),
        "bias_hh": (b_hh, (rows,)),
        "weight_hr": (w_hr, (outputs, hidden)),
        "p": (p, (cell.peepholes, hidden)),
    }
    for name, (t, shape) in wanted.items():
        if t is not None and t.shape != shape:
            raise ShapeError(operation, f"{name} {shape} for input {input.shape} and weight_hh {w_hh.shape}", t.shape)
    if (b_ih is None) != (b_hh is None):
        raise ShapeError(operation, "both biases or none", "one")
    given = {"c": (c is not None, cell.remembers), "p": (p is not None, cell.peepholes > 0)}
    for name, (is_there, needed) in given.items():
        expect(
            is_there == needed, SettingError, operation, f"{'a' if needed else 'no'} {name} for {cell.name}", is_there
        )


def check_sizes(operation: str, sizes: Sequence[int], steps: int, sequences: int) -> None:
    """Raises ShapeError unless sizes, the number of sequences at each step, fall from N to at least 1."""
    falling = all(a >= b for a, b in zip(sizes, [*sizes[1:], 1], strict=True))
    right = len(sizes) == steps and falling and sizes[0] == sequences
    expect(right, ShapeError, operation, f"{steps} falling sizes from {sequences} to at least 1", tuple(sizes))
