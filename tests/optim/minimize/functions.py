"""Functions with known minima, their gradients by hand, and the evaluations that SciPy 1.17.1 needs for them."""

from dataclasses import dataclass

import numpy as np


def rosenbrock(x):
    """Minimum 0 at (1, 1), in a bent valley."""
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


def rosenbrock_gradient(x):
    a, b = np.asarray(x)
    return np.array([-400 * a * (b - a * a) - 2 * (1 - a), 200 * (b - a * a)])


def beale(x):
    """Minimum 0 at (3, 0.5), with plains around."""
    a, b = x[0], x[1]
    return (1.5 - a + a * b) ** 2 + (2.25 - a + a * b**2) ** 2 + (2.625 - a + a * b**3) ** 2


def beale_gradient(x):
    a, b = np.asarray(x)
    r = 1.5 - a + a * b, 2.25 - a + a * b**2, 2.625 - a + a * b**3
    by_a = sum(2 * r[i] * (b ** (i + 1) - 1) for i in range(3))
    return np.array([by_a, sum(2 * r[i] * (i + 1) * a * b**i for i in range(3))])


@dataclass(frozen=True)
class Problem:
    """A function from a start; SciPy's evaluations of value and gradient by method."""

    f: object
    gradient: object
    start: tuple
    minimum: tuple
    scipy: dict


PROBLEMS = {
    "rosenbrock": Problem(
        rosenbrock, rosenbrock_gradient, (-1.2, 1.0), (1.0, 1.0), {"bfgs": 39, "cg": 78, "l-bfgs": 44}
    ),
    "beale near": Problem(beale, beale_gradient, (1.0, 1.5), (3.0, 0.5), {"bfgs": 20, "cg": 34, "l-bfgs": 21}),
    "beale far": Problem(beale, beale_gradient, (3.0, 4.0), (3.0, 0.5), {"bfgs": 50, "cg": 33, "l-bfgs": 24}),
}

# a quadratic function x^T A x / 2 - b^T x
A = np.array([[4.0, 1.0, 0.0], [1.0, 3.0, -1.0], [0.0, -1.0, 2.0]])
B = np.array([1.0, 2.0, 3.0])


def bowl(F):
    """The quadratic function of A and B over a namespace's Tensors."""
    a, b = F.tensor(A), F.tensor(B)
    return lambda x: (x * (a @ x)).sum() / 2 - (b * x).sum()
