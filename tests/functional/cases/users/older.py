"""What public scripts use beside: diagonals of batches, trapezoids, bounds, combinations, Cholesky's factors."""

# ruff: noqa: ARG005 (every call takes the namespace F)

import numpy as np

from tests.functional.cases.case import apart, case, integers, normal

PLACES = np.array([0.0, 0.5, 1.7, 2.0, 4.0])


def diagonals():
    """diag_embed, diagflat."""
    for offset in (0, 1, -2):
        call = lambda F, x, o=offset: F.diag_embed(x, o) * 2  # noqa: E731
        yield case(f"diag_embed {offset}", call, normal(2, 3))
        yield case(f"diagflat {offset}", lambda F, x, o=offset: F.diagflat(x, o) * 2, normal(2, 2))
    yield case("diag_embed of a vector", lambda F, x: F.diag_embed(x), normal(3))
    yield case("diag_embed along other dims", lambda F, x: F.diag_embed(x, 1, 0, 2) * 2, normal(2, 2, 3))
    yield case("diag_embed with dims exchanged", lambda F, x: x.diag_embed(1, -1, -2) * 2, normal(2, 3))
    yield case("diag_embed of none", lambda F, x: F.diag_embed(x), normal(2, 0))
    yield case("diagflat of 0-d", lambda F, x: F.diagflat(x), normal())


def integrals():
    """trapezoid, trapz, cumulative_trapezoid."""
    for name in ("trapezoid", "trapz", "cumulative_trapezoid"):
        yield case(name, lambda F, y, n=name: getattr(F, n)(y), normal(3, 5))
        yield case(f"{name} dx", lambda F, y, n=name: getattr(F, n)(y, dx=0.3, dim=0), normal(3, 5))
        yield case(f"{name} places", lambda F, y, x, n=name: getattr(F, n)(y, x), normal(3, 5), PLACES)
        call = lambda F, y, x, n=name: getattr(F, n)(y, x, dim=0)  # noqa: E731
        yield case(f"{name} along 0", call, normal(5, 3), PLACES)
        yield case(f"{name} own places", call, normal(4, 3), normal(4, 3))
        yield case(f"{name} of one", lambda F, y, n=name: getattr(F, n)(y, dim=0), normal(1, 3))


def bounds():
    """aminmax."""
    yield case("aminmax", lambda F, x: tuple(F.aminmax(x)), apart(3, 5))
    yield case("aminmax along 1", lambda F, x: tuple(F.aminmax(x, dim=1)), apart(3, 5))
    yield case("aminmax kept", lambda F, x: tuple(F.aminmax(x, dim=0, keepdim=True)), apart(3, 5))
    yield case("aminmax of integers", lambda F, x: tuple(F.aminmax(x)), integers(9, 3))


def combinations():
    """cartesian_prod."""
    product = lambda F, *vectors: F.cartesian_prod(*vectors) * 2  # noqa: E731
    yield case("cartesian_prod of one", product, normal(3))
    yield case("cartesian_prod of two", product, normal(3), normal(2))
    yield case("cartesian_prod of three", product, normal(2), normal(3), normal(2))
    yield case("cartesian_prod of none", product, normal(0), normal(2))
    yield case("cartesian_prod of integers", product, integers(9, 3), integers(9, 2))


def factors():
    """cholesky_solve, cholesky_inverse."""
    for upper in (False, True):
        half = "triu" if upper else "tril"  # of other factors PyTorch's gradients read what its values do not
        call = lambda F, b, a, u=upper, h=half: F.linalg.cholesky_solve(b, getattr(F, h)(a), u)  # noqa: E731
        torch = lambda F, b, a, u=upper, h=half: F.cholesky_solve(b, getattr(F, h)(a), u)  # noqa: E731
        size = (2, 3, 3)
        far = lambda random, size=size: random.standard_normal(size) + 3 * np.eye(3)  # noqa: E731
        yield case(f"linalg.cholesky_solve upper {upper}", call, normal(2, 3, 2), far, torch=torch)
        call = lambda F, a, u=upper, h=half: F.linalg.cholesky_inverse(getattr(F, h)(a), u)  # noqa: E731
        torch = lambda F, a, u=upper, h=half: F.cholesky_inverse(getattr(F, h)(a), u)  # noqa: E731
        yield case(f"linalg.cholesky_inverse upper {upper}", call, far, torch=torch)


def cases():
    """All of them."""
    for family in (diagonals, integrals, bounds, combinations, factors):
        yield from family()
