"""The recurrence: any cell of `cells.py` over the steps of a sequence, in one direction, as one node of the tape.

T steps, N sequences, I inputs, H hidden units, G gates, K = H, or the size of the projection
x (T, N, I)   h (N, K)   c (N, H)   w_ih (G H, I)   w_hh (G H, K)   b_ih, b_hh (G H,)   w_hr (K, H)   p (P, H)

a_t = x_t w_ih^T + b_ih                      h', c' = cell(a_t, h, c)              y_t = h = h' (w_hr^T)

The backward pass goes through the steps the other way: dh = dy_t + what the step after gave; the cell gives da_t and
the gradients of h and c before; dx_t = da_t w_ih, and the weights' gradients are sums over the steps (back propagation
through time: Werbos, "Backpropagation through time: what it does and how to do it", Proceedings of the IEEE 78 (1990)).

Sequences of several lengths lie in falling order of length, so that at step t the first n_t of them are there: only
these rows are computed, the state of the others stays as it is, and their outputs are 0. In reverse the steps are
those from the last to the first, so a sequence begins, with its first state, where its own last step is.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from xdl.backend import Array, namespaces
from xdl.functional import either
from xdl.functional.either import Either, mT
from xdl.functional.recurrent.cells import CELLS
from xdl.functional.recurrent.checks import cell_named, check, check_sizes
from xdl.functional.recurrent.parts import cat, over, with_zeros
from xdl.kernel import Kernel
from xdl.tape import record
from xdl.tensor import Tensor

Sizes = tuple[int, ...] | None


class RecurrencePair:
    """(y (T, N, K), h (N, K), c (N, H) or None): cell is a name in CELLS; sizes: n_t for each t, None for N always."""

    @staticmethod
    def forward(
        x: Array, h: Array, c: Array | None, w_ih: Array, w_hh: Array, b_ih: Any, b_hh: Any, w_hr: Any, p: Any,
        cell: str, sizes: Sizes, reverse: bool,
    ) -> tuple[tuple[Array, ...], Any]:  # fmt: skip
        y, *last, steps = run(x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr, p, cell, sizes, reverse)
        copies = [namespaces[type(x)].asarray(state, copy=True) for state in last if state is not None]
        weights = (x, w_ih, w_hh, w_hr, p)
        return (y, *copies), (weights, steps, cell)

    @staticmethod
    def backward(g: Any, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        (x, w_ih, w_hh, w_hr, p), steps, cell = saved
        return run_back(g, x, w_ih, w_hh, w_hr, p, cell, steps)


recurrence_pair = Kernel("recurrence", RecurrencePair)


def order(steps: int, sequences: int, sizes: Sizes, reverse: bool) -> list[tuple[int, int]]:
    """(t, n_t) of each step, in the order in which they are computed."""
    every = [(t, sequences if sizes is None else sizes[t]) for t in range(steps)]
    return every[::-1] if reverse else every


def run(
    x: Either, h: Either, c: Either, w_ih: Either, w_hh: Either, b_ih: Either, b_hh: Either, w_hr: Either, p: Either,
    cell: str, sizes: Sizes, reverse: bool,
) -> tuple[Either, Either, Either, list[Any]]:  # fmt: skip
    """The outputs, the last state, and for each step what its backward pass needs."""
    kind, (total, sequences, _) = CELLS[cell], x.shape
    rows = kind.products(w_hh.shape[0] // kind.gates)
    a = x @ mT(w_ih)
    a = a if b_ih is None else a + b_ih
    outputs: list[Any] = [None] * total
    steps = []
    for t, n in order(total, sequences, sizes, reverse):
        multiplied: list[Any] = []

        def product(k: int, v: Either, multiplied: list[Any] = multiplied) -> Either:
            multiplied.append(v)
            z = v @ mT(w_hh[rows[k], ...])
            return z if b_hh is None else z + b_hh[rows[k]]

        before = h[:n, ...], None if c is None else c[:n, ...]
        new, new_c, saved = kind.forward(a[t, :n, ...], product, *before, p)
        steps.append((t, n, before, saved, multiplied, new if w_hr is not None else None))
        new = new if w_hr is None else new @ mT(w_hr)
        outputs[t] = with_zeros(new, sequences)
        h, c = over(new, h), None if c is None else over(new_c, c)
    return _stack(outputs), h, c, steps


def run_back(
    g: Sequence[Either | None], x: Either, w_ih: Either, w_hh: Either, w_hr: Either, p: Either,
    cell: str, steps: list[Any],
) -> tuple[Either | None, ...]:  # fmt: skip
    """The gradients of x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr, p; g: those of y, of the last h, and of the last c.

    There are gradients of both biases where there are none, too.
    """
    kind, (total, sequences, _) = CELLS[cell], x.shape
    hidden = w_hh.shape[0] // kind.gates
    rows = kind.products(hidden)
    dy, dh, *rest = g
    dh = _zeros(x, sequences, w_hh.shape[1]) if dh is None else dh
    dc: Any = None
    if kind.remembers:
        dc = _zeros(x, sequences, hidden) if rest[0] is None else rest[0]
    das: list[Any] = [None] * total
    dw_hh: list[Any] = [None] * len(rows)
    db_hh: list[Any] = [None] * len(rows)
    dw_hr = dp = None
    for t, n, before, saved, multiplied, new in reversed(steps):

        def back(k: int, db: Either, multiplied: list[Any] = multiplied) -> Either:
            dw_hh[k] = _plus(dw_hh[k], mT(db) @ multiplied[k])
            db_hh[k] = _plus(db_hh[k], either.sum(db, 0))
            return db @ w_hh[rows[k], ...]

        d = dh[:n, ...] if dy is None else dh[:n, ...] + dy[t, :n, ...]
        if w_hr is not None:
            dw_hr = _plus(dw_hr, mT(d) @ new)
            d = d @ w_hr
        da, d, d_c, d_p = kind.backward(d, dc[:n, ...] if kind.remembers else None, saved, back, *before, p)
        das[t] = with_zeros(da, sequences)
        dh = over(d, dh)
        dc = over(d_c, dc) if kind.remembers else None
        dp = None if d_p is None else _plus(dp, d_p)
    da = _stack(das)
    flat, flat_x = (either.reshape(v, (total * sequences, v.shape[2])) for v in (da, x))
    biases = either.sum(flat, 0), cat(db_hh, 0)
    return da @ w_ih, dh, dc, mT(flat) @ flat_x, cat(dw_hh, 0), *biases, dw_hr, dp


def _rule(operation: str, sizes: Sizes, reverse: bool, needs: Any, g: Any, y: Any, saved: Any, *inputs: Any) -> Any:
    x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr, p = inputs
    *_, steps = run(x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr, p, operation, sizes, reverse)
    return run_back(g, x, w_ih, w_hh, w_hr, p, operation, steps)


def recurrence(
    cell: str,
    input: Tensor,
    h: Tensor,
    c: Tensor | None,
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None = None,
    b_hh: Tensor | None = None,
    w_hr: Tensor | None = None,
    p: Tensor | None = None,
    sizes: Sizes = None,
    reverse: bool = False,
) -> tuple[Tensor, Tensor, Tensor | None]:
    """All steps of a cell: (outputs (T, N, K), last h (N, K), last c (N, H) or None), as one node of the tape.

    cell:    a name in `xdl.functional.recurrent.cells.CELLS`; the other letters are those of the module
    sizes:   how many sequences are there at each step, falling from N; None: all of them at each
    reverse: from the last step to the first

    Differentiable twice. Raises SettingError for another cell, and for c or p where the cell has none or needs one;
    ShapeError naming the argument that does not fit, DtypeError for mixed dtypes.
    """
    kind = cell_named("recurrence", cell)
    check(cell, kind, input, h, c, w_ih, w_hh, b_ih, b_hh, w_hr, p)
    if sizes is not None:
        check_sizes(cell, sizes, *input.shape[:2])
    inputs = (input, h, c, w_ih, w_hh, b_ih, b_hh, w_hr, p)
    arrays = [None if t is None else t.array for t in inputs]
    version, results, saved = recurrence_pair(*arrays, cell, sizes, reverse)
    keep = (True, *(False for _ in results[1:]))
    y, last, *rest = record(results, inputs, partial(_rule, cell, sizes, reverse), saved, version, keep_y=keep)
    return y, last, rest[0] if rest else None


def _plus(total: Either | None, d: Either) -> Either:
    return d if total is None else total + d


def _zeros(like: Either, *shape: int) -> Either:
    x = either.raw(like)
    return either.constant(namespaces[type(x)].zeros(shape, dtype=x.dtype, device=x.device), like)


def _stack(parts: list[Either]) -> Either:
    return cat([either.reshape(part, (1, *part.shape)) for part in parts], 0)
