"""Integrals by trapezoids: between two samples the function counts as straight.

sum of (x_{i+1} - x_i) (y_{i+1} + y_i) / 2
"""

from __future__ import annotations

from xdl.errors import ShapeError
from xdl.functional.reduce.cumulative import cumsum
from xdl.functional.reduce.order_statistics import diff
from xdl.functional.reduce.reduce import dims_of, sum
from xdl.observe import composite
from xdl.tensor import Tensor


@composite
def trapezoid(y: Tensor, x: Tensor | None = None, *, dx: float = 1.0, dim: int = -1) -> Tensor:
    """The integral of samples y along dim, which goes.

    x: where they are, (n,) or of a shape that broadcasts with y; without it their distance is dx

    Raises ShapeError.
    """
    return sum(_parts("trapezoid", y, x, dx, dim), dim)


def trapz(y: Tensor, x: Tensor | None = None, *, dx: float = 1.0, dim: int = -1) -> Tensor:
    """`trapezoid`, by its older name."""
    return trapezoid(y, x, dx=dx, dim=dim)


@composite
def cumulative_trapezoid(y: Tensor, x: Tensor | None = None, *, dx: float = 1.0, dim: int = -1) -> Tensor:
    """The integral up to each sample but the first, as `trapezoid`: one less along dim than y."""
    return cumsum(_parts("cumulative_trapezoid", y, x, dx, dim), dim)


def _parts(operation: str, y: Tensor, x: Tensor | None, dx: float, dim: int) -> Tensor:
    """The area between each two samples."""
    (d,) = dims_of(operation, y.ndim, dim)
    n = y.shape[d]
    middle = y.narrow(d, 0, max(n - 1, 0)) + y.narrow(d, min(n, 1), max(n - 1, 0))
    if x is None:
        return middle * (dx / 2)
    if x.ndim == 1 and x.shape != (n,):
        raise ShapeError(operation, f"{n} places x, one for each sample", x.shape)
    after = y.ndim - d - 1
    steps = diff(x.reshape(n, *[1] * after), 1, 0) if x.ndim == 1 else diff(x, 1, dim)
    return middle * steps * 0.5
