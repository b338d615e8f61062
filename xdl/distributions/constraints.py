"""What parameters and values have to be. `check(x)` tells for each element, or event, of a Tensor whether it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xdl import backend
from xdl.backend import Array, namespaces
from xdl.tensor import Tensor


class Constraint:
    """A condition, in words: "greater than 0"."""

    def __init__(self, words: str, holds: Callable[[Any, Array], Array], event_dim: int = 0) -> None:
        """holds(xp, x): a bool array; event_dim: of how many last dimensions it needs all."""
        self.words, self._holds, self.event_dim = words, holds, event_dim

    def check(self, value: Tensor) -> Tensor:
        """Whether each element fulfils it: bool, of value's shape without its last event_dim dimensions."""
        return Tensor(self._holds(namespaces[type(value.array)], value.array))

    def require(self, operation: str, name: str, value: Tensor) -> None:
        """Raises DataError unless all fulfil it; on a device where values are read next."""
        owner = backend.of(value.array)
        owner.check_values(operation, f"{name} {self.words}", ~self.check(value).array)

    def __repr__(self) -> str:
        return f"Constraint({self.words})"


def greater_than_eq(low: float) -> Constraint:
    """x >= low."""
    return Constraint(f"of at least {low}", lambda _, x: x >= low)


def interval(low: float | Tensor, high: float | Tensor) -> Constraint:
    """low <= x <= high, for numbers or for Tensors that broadcast."""
    a, b = [bound.array if isinstance(bound, Tensor) else bound for bound in (low, high)]
    words = "inside [low, high]" if isinstance(low, Tensor) else f"in [{low}, {high}]"
    return Constraint(words, lambda _, x: (x >= a) & (x <= b))


def integer_interval(low: int, high: int) -> Constraint:
    """Whole numbers from low to high."""
    return Constraint(
        f"among the whole numbers {low} to {high}",
        lambda xp, x: (x >= low) & (x <= high) & (x == xp.astype(xp.astype(x, xp.int64), x.dtype)),
    )


def independent(base: Constraint, ndims: int) -> Constraint:
    """A condition that all of the last ndims dimensions fulfil."""
    if not ndims:
        return base
    axes = tuple(range(-ndims, 0))
    return Constraint(base.words, lambda xp, x: xp.all(base._holds(xp, x), axis=axes), base.event_dim + ndims)


def _is_simplex(xp: Any, x: Array) -> Array:
    return xp.all(x >= 0, axis=-1) & (xp.abs(xp.sum(x, axis=-1) - 1) < 1e-6)


def _is_lower_cholesky(xp: Any, x: Array) -> Array:
    lower = xp.all(xp.reshape(xp.tril(x) == x, (*x.shape[:-2], -1)), axis=-1)
    return lower & xp.all(xp.linalg.diagonal(x) > 0, axis=-1)


def _is_symmetric(xp: Any, x: Array) -> Array:
    near = xp.abs(x - xp.matrix_transpose(x)) <= 1e-6 * (1 + xp.abs(x))
    return xp.all(xp.reshape(near, (*x.shape[:-2], -1)), axis=-1)


real = Constraint("that is a number, not nan", lambda _, x: x == x)
positive = Constraint("greater than 0", lambda _, x: x > 0)
nonnegative = greater_than_eq(0)
unit_interval = interval(0.0, 1.0)
boolean = Constraint("of 0 and 1", lambda _, x: (x == 0) | (x == 1))
real_vector = independent(real, 1)
nonnegative_vector = Constraint(
    "of at least 0, not all 0", lambda xp, x: xp.all(x >= 0, axis=-1) & (xp.sum(x, axis=-1) > 0), 1
)
simplex = Constraint("of at least 0 that sum to 1", _is_simplex, 1)
lower_cholesky = Constraint("that is lower triangular with a positive diagonal", _is_lower_cholesky, 2)
symmetric = Constraint("that is symmetric", _is_symmetric, 2)
