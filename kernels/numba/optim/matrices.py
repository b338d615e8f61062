"""Steps of Adafactor and of Muon, compiled: few passes over each parameter, which stays in the cache if it is small."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np

from xdl.optim.adafactor import Place, adafactor_update
from xdl.optim.flat import gradient_at
from xdl.optim.muon import MuonPlace, muon_update
from xdl.threads import parallel

from ...common.buffers import empty
from .. import sharing
from ..compiled import Compiled
from ..products import LOOPS, product, symmetric
from ..sharing import over, plain
from ..slots import register
from .clip import scale
from .steps import WHY, flat

MATRICES, ROWS = "T[:, :, ::1]", "T[:, ::1]"
adafactor = Compiled("optim.matrices.adafactor", ", ".join([MATRICES] * 2 + [ROWS] * 3 + ["T"] * 11))
adafactor_vector = Compiled("optim.matrices.adafactor_vector", ", ".join(["T[::1]"] * 3 + ["T"] * 8))
direction = Compiled("optim.matrices.muon_direction", f"{ROWS}, {ROWS}, {ROWS}, T, T, boolean", "T")
polynomial = Compiled("optim.matrices.muon_polynomial", f"{ROWS}, {ROWS}, T, T, T")
last = Compiled("optim.matrices.muon_step", "T[::1], T[::1] | T, T")
COST, STEP_COST = 1.0, 0.2  # nanoseconds a value of Adafactor's step, and of one pass
SMALL = 1 << 23  # multiplications of a product from which its own parts are shared out, not whole matrices


@register(
    adafactor_update,
    adafactor,
    adafactor_vector,
    when=lambda p, grads, row, col, whole, *_: flat(p, grads, row, col, whole),
    why=WHY,
)
class adafactor_compiled:
    """One step of Adafactor on each of the places of flat p, in place; threads share the places."""

    @staticmethod
    def forward(
        p: np.ndarray,
        grads: list[np.ndarray],
        row: np.ndarray,
        col: np.ndarray,
        whole: np.ndarray,
        places: tuple[Place, ...],
        share: float,
        rate: float,
        shrink: float,
        eps1: float,
        eps2: float,
        d: float,
        maximize: bool,
    ) -> tuple[None, None]:
        floor, sign = p.dtype.type(eps1) ** 2, -1.0 if maximize else 1.0

        def part(low: int, high: int, thread: int) -> None:
            for start, batch, rows, columns, row_at, col_at in places[low:high]:
                n = batch * rows * columns
                own, g = p[start : start + n], plain(gradient_at(grads, start, n))
                if col_at < 0:
                    v = whole[row_at : row_at + n]
                    adafactor_vector[p.dtype](own, g, v, 1 / n, share, rate, shrink, floor, eps2, d, sign)
                    continue
                shape, room = (batch, rows, columns), np.empty((2, columns), p.dtype)
                r = row[row_at : row_at + batch * rows].reshape(batch, rows)
                c = col[col_at : col_at + batch * columns].reshape(batch, columns)
                means = 1 / columns, 1 / rows, 1 / n
                settings = share, rate, shrink, eps1, floor, eps2, d, sign
                adafactor[p.dtype](own.reshape(shape), g.reshape(shape), r, c, room, *means, *settings)

        if len(p) * COST < sharing.WORTH:
            part(0, len(places), 0)
        else:
            parallel(part, len(places))
        return None, None


@register(muon_update, direction, polynomial, last, *LOOPS, when=lambda p, grads, b, *_: flat(p, grads, b), why=WHY)
class muon_compiled:
    """One step of Muon on each of the places of flat p and b, in place.

    a X + (b A + c A A) X is one product with a I + b A + c A A. Of A = X X^T and of A A one half is computed. Threads
    share small matrices, and the products of large ones.
    """

    @staticmethod
    def forward(
        p: np.ndarray,
        grads: list[np.ndarray],
        b: np.ndarray,
        places: tuple[MuonPlace, ...],
        momentum: float,
        nesterov: bool,
        shrink: float,
        lr: float,
        match_rms: bool,
        coefficients: tuple[float, float, float],
        steps: int,
        eps: float,
    ) -> tuple[None, None]:
        small = [place for place in places if place.rows * place.columns * min(place[1:]) < SMALL]
        large = [place for place in places if place not in small]

        def part(low: int, high: int, thread: int, chosen: Sequence[MuonPlace] = small) -> None:
            for start, rows, columns in chosen[low:high]:
                n, shape = rows * columns, (rows, columns)
                own, past, g = p[start : start + n], b[start : start + n], plain(gradient_at(grads, start, n))
                u, options = empty(shape, p.dtype), (1 - momentum, momentum, bool(nesterov))
                squares = direction[p.dtype](g.reshape(shape), past.reshape(shape), u, *options)
                norm = np.maximum(np.sqrt(p.dtype.type(squares)), eps)
                over(scale[p.dtype], STEP_COST, [u.reshape(-1)], 1 / norm)
                x, ratio = _orthogonal(u, coefficients, steps), _ratio(match_rms, *shape)
                over(last[p.dtype], STEP_COST, [own, x.reshape(-1)], shrink, lr * ratio)

        parallel(part, len(small))
        part(0, len(large), 0, large)
        return None, None


def _ratio(match_rms: bool, rows: int, columns: int) -> float:
    return 0.2 * sqrt(max(rows, columns)) if match_rms else sqrt(max(1.0, rows / columns))


def _orthogonal(x: np.ndarray, coefficients: tuple[float, float, float], steps: int) -> np.ndarray:
    """x (R, C), whose norm is 1 at most, after that many steps; a high one is multiplied from the right."""
    high = x.shape[0] > x.shape[1]
    for _ in range(steps):
        gram = symmetric(x.T if high else x)
        square = symmetric(gram)
        polynomial[x.dtype](gram, square, *coefficients)
        x = product(x, square) if high else product(square, x)
    return x
