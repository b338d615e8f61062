"""Cases of tests of values, logic and bits: results without gradients."""

# ruff: noqa: ARG005 (every call takes the namespace F)
import operator

import numpy as np

from tests.functional.cases.case import case, integers

VALUES = np.array([[1.0, 0.0, -0.0], [np.inf, -np.inf, np.nan]])
CLOSE = (
    np.array([1.0, 1.0, 1.0, 0.0, np.inf, np.inf, np.nan, 1e-9]),
    np.array([1.0, 1.0 + 1e-6, 1.1, 1e-9, np.inf, -np.inf, np.nan, np.inf]),
)
TRUE = np.array([[True, False], [True, True]])


def tests_of_values():
    """isnan, isinf, isfinite, isclose, allclose."""
    for name in ("isnan", "isinf", "isfinite"):
        call = lambda F, x, name=name: getattr(F, name)(x)  # noqa: E731
        yield case(name, call, VALUES, fixed=(0,))
        yield case(f"{name} of integers", call, integers(5, 3))
    fixed = (0, 1)
    yield case("isclose", lambda F, a, b: F.isclose(a, b), *CLOSE, fixed=fixed)
    yield case("isclose equal nan", lambda F, a, b: F.isclose(a, b, equal_nan=True), *CLOSE, fixed=fixed)
    yield case("isclose wide", lambda F, a, b: F.isclose(a, b, rtol=0.1, atol=0.5), *CLOSE, fixed=fixed)
    yield case("isclose broadcast", lambda F, a, b: F.isclose(a, b), VALUES, np.array([[1.0], [np.inf]]), fixed=fixed)
    yield case("isclose of integers", lambda F, a, b: F.isclose(a, b), integers(3, 4), integers(3, 4))


def logic():
    """Logical functions of any dtype, bits and their operators."""
    yield case("logical_not", lambda F, x: F.logical_not(x), VALUES, fixed=(0,))
    yield case("logical_not of bools", lambda F, x: x.logical_not(), TRUE)
    for name in ("logical_and", "logical_or", "logical_xor"):
        call = lambda F, a, b, name=name: getattr(F, name)(a, b)  # noqa: E731
        yield case(f"{name} of bools", call, TRUE, np.array([False, True]))
        yield case(f"{name} of floats and integers", call, VALUES, integers(2, 3), fixed=(0,))
    for name in ("bitwise_and", "bitwise_or", "bitwise_xor"):
        call = lambda F, a, b, name=name: getattr(F, name)(a, b)  # noqa: E731
        sign = getattr(operator, name.removeprefix("bitwise_") + ("_" if name != "bitwise_xor" else ""))
        yield case(f"{name} of bools", call, TRUE, np.array([False, True]))
        yield case(f"{name} of integers", call, integers(99, 3, 1), integers(99, 4))
        yield case(f"{name} operator", lambda F, a, b, sign=sign: sign(a, b), TRUE, ~TRUE)
        yield case(f"{name} number", lambda F, a, sign=sign: sign(a, 6), integers(99, 5))
        yield case(f"{name} number first", lambda F, a, sign=sign: sign(6, a), integers(99, 5))
    yield case("bitwise_not of integers", lambda F, x: F.bitwise_not(x), np.array([-3, 0, 5]))
    yield case("bitwise_not operator", lambda F, x: ~x, TRUE)


def cases():
    """All of this file."""
    yield from tests_of_values()
    yield from logic()
