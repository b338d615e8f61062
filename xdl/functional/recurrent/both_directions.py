"""The recurrence in both directions, as one node of the tape, so that a device may run the two at the same time.

T steps, N sequences, I inputs, H hidden units, K = H, or the size of the projection
x (T, N, I)   forwards h, c, w_ih, w_hh, b_ih, b_hh, w_hr, p, and the same eight in reverse: see `recurrence.py`

y_t = [h_t forwards, h_t in reverse] (N, 2 K)          dx = dx forwards + dx in reverse
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from xdl.backend import Array, namespaces
from xdl.errors import ShapeError, expect
from xdl.functional.either import Either
from xdl.functional.recurrent.checks import cell_named, check, check_sizes
from xdl.functional.recurrent.parts import cat
from xdl.functional.recurrent.recurrence import Sizes, recurrence_pair, run, run_back
from xdl.kernel import Kernel
from xdl.tape import record
from xdl.tensor import Tensor

ONE = 8  # arrays of a direction beside x
States = tuple[Tensor, Tensor | None]  # the last h and c


class BothDirectionsPair:
    """(y (T, N, 2 K), the last h, or h and c, forwards, and the same in reverse): each by the slot of one direction.

    given: h, c, w_ih, w_hh, b_ih, b_hh, w_hr, p forwards, and in reverse; cell; sizes
    """

    @staticmethod
    def forward(x: Array, *given: Any) -> tuple[tuple[Array, ...], Any]:
        *arrays, cell, sizes = given
        ys, last, saved = [], [], []
        for part, reverse in zip(halves(arrays), (False, True), strict=True):
            version, (y, *states), kept = recurrence_pair(x, *part, cell, sizes, reverse)
            ys.append(y)
            last += states
            saved.append((version, kept))
        return (cat(ys, 2), *last), saved

    @staticmethod
    def backward(g: Sequence[Array | None], saved: Any, needs: Sequence[bool]) -> tuple[Array | None, ...]:
        def one(way: int, part: list[Any]) -> Sequence[Array | None]:
            version, kept = saved[way]
            ds = version.backward(part, kept, (needs[0], *halves(needs[1:])[way]))
            return ds if version.own else [None if d is None else _copy(d) for d in ds]

        return of_both(g, one)


both_directions_pair = Kernel("both_directions", BothDirectionsPair)


def halves(parts: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
    """What is given forwards, and what in reverse."""
    middle = len(parts) // 2
    return parts[:middle], parts[middle:]


def cotangents(g: Sequence[Either | None]) -> list[list[Either | None]]:
    """The gradients of (y, h) or (y, h, c) of each direction, from those of all results."""
    dy, *last = g
    dys: Sequence[Any] = (None, None)
    if dy is not None:
        k = dy.shape[-1] // 2
        dys = dy[..., :k], dy[..., k:]
    return [[d, *states] for d, states in zip(dys, halves(last), strict=True)]


def of_both(g: Sequence[Either | None], one: Callable[[int, list[Any]], Sequence[Any]]) -> tuple[Either | None, ...]:
    """The gradients of x and the eight of each direction; one: gives those of a direction, which are its own.

    A direction whose results nobody used has none.
    """
    dx, all_ds = None, list[Any]()
    for way, part in enumerate(cotangents(g)):
        d, *ds = [None] * (ONE + 1) if all(d is None for d in part) else one(way, part)
        dx = d if dx is None else dx if d is None else dx + d
        all_ds += ds
    return dx, *all_ds


def _both_rule(operation: str, sizes: Sizes, needs: Any, g: Any, y: Any, saved: Any, x: Any, *given: Any) -> Any:
    def one(way: int, d: list[Any]) -> Sequence[Any]:
        h, c, w_ih, w_hh, b_ih, b_hh, w_hr, p = halves(given)[way]
        *_, steps = run(x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr, p, operation, sizes, way == 1)
        return run_back(d, x, w_ih, w_hh, w_hr, p, operation, steps)

    return of_both(g, one)


def both_directions(
    cell: str,
    input: Tensor,
    forwards: Sequence[Any],
    backwards: Sequence[Any],
    sizes: Sizes = None,
) -> tuple[Tensor, States, States]:
    """All steps of a cell in both directions: (outputs (T, N, 2 K), the last (h, c) forwards, and in reverse).

    forwards, backwards: h, c, w_ih, w_hh, b_ih, b_hh, w_hr, p of each, with None for what the cell or layer has not
    cell, sizes:         as in `recurrence`

    Differentiable twice. Raises as `recurrence` does, and ShapeError where the two have other sizes.
    """
    kind = cell_named("both_directions", cell)
    for part in (forwards, backwards):
        expect(len(part) == ONE, ShapeError, "both_directions", f"{ONE} tensors of a direction", len(part))
        check(cell, kind, input, *part)
    shapes = [[None if t is None else t.shape for t in part] for part in (forwards, backwards)]
    expect(shapes[0] == shapes[1], ShapeError, cell, f"{shapes[0]} in reverse too", shapes[1])
    if sizes is not None:
        check_sizes(cell, sizes, *input.shape[:2])
    inputs = (input, *forwards, *backwards)
    version, results, saved = both_directions_pair(*[None if t is None else t.array for t in inputs], cell, sizes)
    keep = (True, *(False for _ in results[1:]))
    y, *last = record(results, inputs, partial(_both_rule, cell, sizes), saved, version, keep_y=keep)
    one, other = ((*states, None)[:2] for states in halves(last))
    return y, one, other


def _copy(x: Array) -> Array:
    return namespaces[type(x)].asarray(x, copy=True)
