"""Functions of two variables with known minima, on which methods are compared (hwdong 2.2, 2.3; 徐彬 5.6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xdl.creation import linspace
from xdl.tensor import Tensor

Place = tuple[float, float]


@dataclass(frozen=True)
class Function:
    """f:      of x and y, Tensors of one shape, element by element
    start:  where searches begin
    minima: all of them
    x, y:   ends of the part that is drawn
    """

    f: Callable[[Tensor, Tensor], Tensor]
    start: Place
    minima: tuple[Place, ...]
    x: Place
    y: Place

    def __call__(self, point: Tensor) -> Tensor:
        """The value at a point (2,)."""
        return self.f(point[0], point[1])

    def distance(self, points: Tensor) -> Tensor:
        """How far points (..., 2) are from the nearest minimum."""
        far = [((points[..., 0] - a).square() + (points[..., 1] - b).square()).sqrt() for a, b in self.minima]
        nearest = far[0]
        for other in far[1:]:
            nearest = nearest.minimum(other)
        return nearest

    def grid(self, side: int) -> tuple[Tensor, Tensor]:
        """x (side,) and y (side,), evenly over the part that is drawn."""
        xs, ys = (linspace(*ends, side, dtype="float64") for ends in (self.x, self.y))
        return xs, ys

    def heights(self, side: int) -> Tensor:
        """The values (side, side) on the grid, row by row of y."""
        xs, ys = self.grid(side)
        return self.f(xs.reshape(1, -1) + 0 * ys.reshape(-1, 1), ys.reshape(-1, 1) + 0 * xs.reshape(1, -1))


def beale(x: Tensor, y: Tensor) -> Tensor:
    """A bent valley between plains, minimum 0 at (3, 0.5)."""
    first, second, third = 1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3
    return first.square() + second.square() + third.square()


def bowl(x: Tensor, y: Tensor) -> Tensor:
    """A bowl that is 144 times as steep along y as along x, minimum 0 at the origin."""
    return x.square() / 16 + 9 * y.square()


def saddle(x: Tensor, y: Tensor) -> Tensor:
    """A saddle at the origin between two minima of -1 at (0, -1) and (0, 1)."""
    return x.square() - 2 * y.square() + y**4


FUNCTIONS = {
    "Beale from (1, 1.5)": Function(beale, (1.0, 1.5), ((3.0, 0.5),), (-1.0, 4.2), (-1.2, 2.0)),
    "Beale from (3, 4)": Function(beale, (3.0, 4.0), ((3.0, 0.5),), (-1.0, 4.5), (-1.0, 4.2)),
    "bowl": Function(bowl, (-2.4, 0.2), ((0.0, 0.0),), (-2.8, 1.0), (-0.6, 0.6)),
    "saddle": Function(saddle, (-1.5, 1e-4), ((0.0, 1.0), (0.0, -1.0)), (-1.8, 1.2), (-1.5, 1.5)),
}
