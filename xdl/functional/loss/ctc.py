"""Connectionist temporal classification: labels of a sequence without their times.

    x (T, N, C) log-probabilities   z (N, S) labels   b the blank   z' = b z_1 b z_2 ... z_S b, of L = 2 S + 1 states
    e_t(s) = x_t(z'_s)              s' -> s: s' = s, s - 1, or s - 2 where z'_s is neither b nor z'_(s - 2)

    alpha_t(s) = e_t(s) + log sum over s' -> s of e**alpha_(t - 1)(s')            from the states 0 and 1
    beta_t(s)  = log sum over s -> s' of e**(beta_(t + 1)(s') + e_(t + 1)(s'))    up to the last two states
    y = -log sum over s of e**(alpha_t(s) + beta_t(s))  at any t
    de_t(s) = -g e**(alpha_t(s) + beta_t(s) + y)        the probability of being in s at t, given the labels

alpha stays as it is after the last step of a sequence, beta before it. LOWEST stands for log 0, so that nothing is
infinite but the loss of what cannot be. Graves, Fernandez, Gomez and Schmidhuber 2006, section 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import inf, nan
from typing import Any

from xdl import backend
from xdl.backend import Array, kinds, namespaces
from xdl.errors import DataError, DtypeError, SettingError, ShapeError
from xdl.functional import either
from xdl.functional.index.select import take
from xdl.functional.loss.reduction import check_reduction, reduce_loss
from xdl.functional.operands import check_indices, floating, same_backend
from xdl.functional.shape.rearrange import stack
from xdl.observe import composite
from xdl.tape import record
from xdl.tensor import Tensor

LOWEST = -1e30
IMPOSSIBLE = 1e29  # a loss from here on is that of labels which no path gives
Lengths = Tensor | Sequence[int] | int


@composite
def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Lengths,
    target_lengths: Lengths,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Tensor:
    """y of the module docstring for x = log_probs (T, N, C) or, of one sequence, (T, C), as `log_softmax` gives them.

    targets: integer labels other than blank: (N, S), or all end to end (sum of target_lengths,); of one sequence (S,)
    input_lengths, target_lengths: how many steps and labels of each sequence count (N,); a number of one sequence
    reduction: "mean" divides each loss by its number of labels first, and is the mean of those
    zero_infinity: 0 for the loss of labels that no path gives, and for its gradient, in place of infinity and nan

    The gradient of x is that of y alone, which sums to -1 at each step; PyTorch's has softmax(x) added, as if x came
    from `log_softmax`. Behind `log_softmax` both agree. Lengths on a device are waited for. Raises ShapeError,
    DtypeError, SettingError, and on NumPy DataError for labels outside [0, C) or equal to blank.
    """
    floating("ctc_loss", log_probs=log_probs)
    same_backend("ctc_loss", log_probs=log_probs, targets=targets)
    check_reduction("ctc_loss", reduction)
    if kinds[targets.array.dtype] != "int":
        raise DtypeError("ctc_loss", "integer labels as targets", targets.dtype)
    if log_probs.ndim == 2:
        one = (log_probs.unsqueeze(1), targets.reshape(1, -1), input_lengths, target_lengths)
        return ctc_loss(*one, blank, reduction, zero_infinity).reshape(())
    if log_probs.ndim != 3 or not log_probs.shape[0]:
        raise ShapeError("ctc_loss", "log_probs (T, N, C) or (T, C) of at least one step", log_probs.shape)
    steps, n, c = log_probs.shape
    if not 0 <= blank < c:
        raise SettingError("ctc_loss", f"blank in [0, {c})", blank)
    steps_of = _lengths("input_lengths", input_lengths, n, steps)
    count = targets.shape[1] if targets.ndim == 2 else targets.numel()
    labels_of = _lengths("target_lengths", target_lengths, n, count)
    z = _labels(targets, labels_of, n, c, blank)
    xp, size = namespaces[type(z)], 2 * z.shape[1] + 1
    states = xp.full((n, size), blank, dtype=z.dtype, device=z.device)
    states[:, 1::2] = z
    places = xp.reshape(states + xp.arange(n, dtype=z.dtype, device=z.device)[:, None] * c, (n * size,))
    e = take(log_probs.reshape(steps, n * c), places, 1).reshape(steps, n, size).clamp(LOWEST)
    lattice = _Lattice(states, blank, steps_of, labels_of)
    alphas = lattice.alphas(e.array)
    y = lattice.loss(alphas[-1])
    loss = record(y, (e,), partial(_ctc_rule, lattice, 0.0 if zero_infinity else nan), alphas)
    loss = loss.where(Tensor(y < IMPOSSIBLE), 0.0 if zero_infinity else inf)
    if reduction == "mean":
        loss = loss / Tensor(backend.of(y).asarray([max(k, 1) for k in labels_of], log_probs.dtype))
    return reduce_loss("ctc_loss", loss, reduction)


class _Lattice:
    """The states of all sequences, which follow which, and where each sequence ends: for arrays and Tensors alike."""

    def __init__(self, states: Array, blank: int, steps_of: list[int], labels_of: list[int]) -> None:
        xp, (n, size), b = namespaces[type(states)], states.shape, backend.of(states)
        s = xp.arange(size, device=states.device)
        self.steps = b.asarray(steps_of, "int64")[:, None]
        last = 2 * b.asarray(labels_of, "int64")[:, None]
        self.first = (s < 2) & (s <= last) & ((self.steps > 0) | (last == 0))
        self.final = (s == last) | (s == last - 1)
        self.back = [xp.where(s >= k, s - k, xp.zeros_like(s)) for k in (1, 2)]
        self.ahead = [xp.where(s < size - k, s + k, s) for k in (1, 2)]
        skips = (s >= 2) & (states != blank) & (states != xp.take(states, self.back[1], axis=1))
        self.came = [xp.broadcast_to(s >= 1, (n, size)), skips]
        self.goes = [xp.broadcast_to(s < size - 1, (n, size)), (s < size - 2) & xp.take(skips, self.ahead[1], axis=1)]

    def alphas(self, e: Any) -> list[Any]:
        """alpha for every step of e (T, N, L)."""
        alpha = either.where(self.first, either.where(self.steps > 0, e[0, ...], 0.0), LOWEST)
        found = [alpha]
        for t in range(1, e.shape[0]):
            alpha = _choose(self.steps > t, self._sum(alpha, self.back, self.came) + e[t, ...], alpha)
            found.append(alpha)
        return found

    def betas(self, e: Any) -> list[Any]:
        """beta for every step of e (T, N, L)."""
        end = beta = either.where(self.final, e[0, ...] * 0, LOWEST)
        found = [beta]
        for t in range(e.shape[0] - 2, -1, -1):
            beta = _choose(self.steps > t + 1, self._sum(beta + e[t + 1, ...], self.ahead, self.goes), end)
            found.append(beta)
        return found[::-1]

    def loss(self, alpha: Any) -> Any:
        """y (N,) for the last alpha; above IMPOSSIBLE where no path ends in the last two states."""
        ends = either.where(self.final, alpha, LOWEST)
        values = either.raw(ends)
        largest = namespaces[type(values)].max(values, axis=1, keepdims=True)
        shifted = ends - either.constant(largest, ends)
        return -(either.log(either.sum(either.exp(shifted), 1)) + either.constant(largest[:, 0], ends))

    def _sum(self, a: Any, neighbours: list[Array], allowed: list[Array]) -> Any:
        """log (e**a + the e**a of the allowed neighbours)."""
        terms = [a, *[either.where(ok, take(a, ids, 1), LOWEST) for ids, ok in zip(neighbours, allowed, strict=True)]]
        own, one, two = [either.raw(term) for term in terms]
        xp = namespaces[type(own)]
        largest = either.constant(xp.maximum(own, xp.maximum(one, two)), a)
        own, one, two = [either.exp(term - largest) for term in terms]
        return either.log(own + one + two) + largest


def _ctc_rule(lattice: _Lattice, impossible: float, needs: Any, g: Any, y: Any, saved: Any, e: Any) -> tuple[Any]:
    alphas = lattice.alphas(e) if saved is None else saved
    possible = either.raw(lattice.loss(alphas[-1])) < IMPOSSIBLE
    weight = either.reshape(either.where(possible, -g, impossible), (e.shape[1], 1))
    gradients = []
    for t, (alpha, beta) in enumerate(zip(alphas, lattice.betas(e), strict=True)):
        z = alpha + beta
        largest = namespaces[type(either.raw(z))].max(either.raw(z), axis=1, keepdims=True)
        inside = either.exp(z - either.constant(largest, z))
        share = inside / either.sum(inside, 1, True)  # the sum is e**-y, but for rounding
        gradients.append(either.where(lattice.steps > t, weight * share, 0.0))
    return (stack(gradients) if isinstance(e, Tensor) else namespaces[type(e)].stack(gradients),)


def _choose(condition: Array, a: Any, b: Any) -> Any:
    """a where the raw condition holds, else b: two arrays, or two Tensors."""
    return a.where(Tensor(condition), b) if isinstance(a, Tensor) else namespaces[type(a)].where(condition, a, b)


def _lengths(name: str, given: Lengths, n: int, most: int) -> list[int]:
    """n lengths as Python numbers. Raises ShapeError, DtypeError, DataError."""
    values = given.tolist() if isinstance(given, Tensor) else given
    values = [values] if isinstance(values, int) else list(values)
    if len(values) != n:
        raise ShapeError("ctc_loss", f"{n} {name}", len(values))
    if not all(isinstance(k, int) for k in values):
        raise DtypeError("ctc_loss", f"whole numbers as {name}", values)
    if values and not (min(values) >= 0 and max(values) <= most):
        raise DataError("ctc_loss", f"{name} in [0, {most}]", values)
    return values


def _labels(targets: Tensor, lengths: list[int], n: int, c: int, blank: int) -> Array:
    """The labels (N, S) int64; what lies beyond a length is another label than blank, or blank, and never read."""
    xp, most = namespaces[type(targets.array)], max(lengths, default=0)
    z = xp.astype(targets.array, xp.int64)
    if z.ndim == 2:
        if z.shape[0] != n:
            raise ShapeError("ctc_loss", f"targets ({n}, S)", targets.shape)
        z = z[:, :most]
    elif z.ndim != 1 or z.shape[0] != sum(lengths):
        raise ShapeError("ctc_loss", f"targets ({n}, S), or ({sum(lengths)},) end to end", targets.shape)
    b = backend.of(z)
    within = b.asarray([[s < k for s in range(most)] for k in lengths], "bool")
    within = xp.reshape(within, (n, most))
    if z.ndim == 1:
        starts = [sum(lengths[:i]) for i in range(n)]
        ids = b.asarray([min(i + s, max(sum(lengths) - 1, 0)) for i in starts for s in range(most)], "int64")
        z = xp.reshape(xp.take(z, ids, axis=0), (n, most))
    z = xp.where(within, z, xp.full_like(z, blank))
    if b.host_values and bool(xp.any((z == blank) & within)):
        raise DataError("ctc_loss", "labels other than blank", blank)
    check_indices("ctc_loss", "targets", z, c)
    return z
