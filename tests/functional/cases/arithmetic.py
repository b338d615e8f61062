"""Cases of arithmetic, comparison, elementwise functions, where and conversion."""

# ruff: noqa: ARG005 (every call takes the namespace F)
import numpy as np

from tests.functional.cases.case import apart, case, integers, normal, positive

PAIRS = {
    "": (normal(3, 4), positive(3, 4)),
    "of 0-d": (normal(), positive()),
    "broadcast both": (normal(3, 1), positive(1, 4)),
    "broadcast rank": (normal(4), positive(2, 3, 4)),
    "empty": (normal(0, 3), positive(1, 3)),
    "33 with 1": (normal(33), positive(1)),
}
OPERATIONS = {
    "add": (lambda F, a, b: F.add(a, b), lambda F, a, b: a + b, lambda F, a: 2 + a, lambda F, a: a + 2.5),
    "sub": (lambda F, a, b: F.sub(a, b), lambda F, a, b: a - b, lambda F, a: 2 - a, lambda F, a: a - 2.5),
    "mul": (lambda F, a, b: F.mul(a, b), lambda F, a, b: a * b, lambda F, a: 2 * a, lambda F, a: a * 2.5),
    "div": (lambda F, a, b: F.div(a, b), lambda F, a, b: a / b, lambda F, a: 2 / a, lambda F, a: a / 2.5),
}
TIES = np.array([[1.0, 2.0, np.nan], [np.inf, -np.inf, 0.0]]), np.array([[1.0, 3.0, 1.0], [np.inf, 0.0, -0.0]])


def arithmetic():
    """Operators of two operands and of one with a number."""
    for name, (function, operator, left, right) in OPERATIONS.items():
        yield from (case(f"{name} {label}".strip(), function, *pair) for label, pair in PAIRS.items())
        yield case(f"{name} operator", operator, normal(31), positive(31))
        yield case(f"{name} number first", left, positive(5))
        yield case(f"{name} number last", right, normal(2, 1))
        yield case(f"{name} with itself", lambda F, a, f=operator: f(F, a, a), positive(4))
    yield case("add alpha", lambda F, a, b: F.add(a, b, alpha=2.5) * a, normal(2, 3), normal(3))
    yield case("sub alpha", lambda F, a, b: a.sub(b, alpha=-3) * b, normal(2, 3), normal(2, 1))
    yield case("sub alpha of a number", lambda F, a: F.sub(a, 2.0, alpha=3) * a, normal(2, 3))
    yield case("clone", lambda F, a: F.clone(a) * a.clone(), normal(2, 3))
    yield case("add integers", lambda F, a, b: a + b * 3, integers(9, 4), integers(9, 4))


def powers():
    """pow, whose derivative has corners at exponent 0 and base 0."""
    yield from (case(f"pow {label}".strip(), lambda F, a, b: F.pow(b, a), *pair) for label, pair in PAIRS.items())
    yield case("pow square", lambda F, a: a**2, normal(3, 4))
    yield case("pow negative exponent", lambda F, a: a**-1.5, positive(5))
    yield case("pow root", lambda F, a: F.pow(a, 0.5), positive(5))
    yield case("pow zero exponent", lambda F, a: a**0, np.array([-1.0, 0.0, 2.0]))
    yield case("pow one exponent of zero", lambda F, a: a**1, np.array([-1.0, 0.0, 2.0]))
    yield case("pow square of zero", lambda F, a: a**2, np.array([-1.0, 0.0, 2.0]))
    yield case("pow cube of zero", lambda F, a: a**3.0, np.array([-1.0, 0.0, 2.0]))
    yield case("pow number base", lambda F, b: 2.0**b, normal(5))
    yield case(
        "pow tensors with zeros", lambda F, a, b: a**b, np.array([2.0, 0.0, 3.0]), np.array([0.0, 2.0, 1.0]), fixed=(1,)
    )


def comparisons():
    """Results are bool and have no gradient."""
    calls = {
        "eq": (lambda F, a, b: F.eq(a, b), lambda F, a: a == 1),
        "ne": (lambda F, a, b: F.ne(a, b), lambda F, a: a != 1),
        "lt": (lambda F, a, b: F.lt(a, b), lambda F, a: a < 1),
        "le": (lambda F, a, b: F.le(a, b), lambda F, a: a <= 1),
        "gt": (lambda F, a, b: F.gt(a, b), lambda F, a: a > 1),
        "ge": (lambda F, a, b: F.ge(a, b), lambda F, a: a >= 1),
    }
    for name, (function, number) in calls.items():
        yield case(f"{name} ties and nan", function, *TIES, fixed=(0, 1))
        yield case(f"{name} broadcast", function, integers(3, 3, 1), integers(3, 4))
        yield case(f"{name} number", number, TIES[0], fixed=(0,))


def elementwise():
    """Functions of one operand."""
    calls = {
        "neg": (lambda F, x: F.neg(x), normal),
        "exp": (lambda F, x: F.exp(x), normal),
        "log": (lambda F, x: F.log(x), positive),
        "sqrt": (lambda F, x: F.sqrt(x), positive),
        "abs": (lambda F, x: F.abs(x), apart),
        "tanh": (lambda F, x: F.tanh(x), normal),
        "sigmoid": (lambda F, x: F.sigmoid(x), normal),
        "relu": (lambda F, x: F.relu(x), apart),
    }
    for name, (call, values) in calls.items():
        for shape in ((), (1,), (3, 4), (33,), (2, 0), (2, 3, 2)):
            yield case(f"{name} {shape}", call, values(*shape))
    wide = np.array([-1e4, -100.0, -30.0, 30.0, 100.0, 1e4])
    yield case("sigmoid of extremes", lambda F, x: F.sigmoid(x), wide, smooth=False)
    yield case("tanh of extremes", lambda F, x: F.tanh(x), wide, smooth=False)
    yield case("exp of small", lambda F, x: F.exp(x), np.array([-1e4, -700.0, 0.0]), smooth=False)
    yield case("abs at 0", lambda F, x: F.abs(x), np.array([0.0, -0.0, 1.0]), smooth=False)
    yield case("abs of integers", lambda F, x: F.abs(x), np.array([-3, 0, 2]))
    yield case("relu at 0", lambda F, x: F.relu(x), np.array([0.0, -0.0, 1.0, -1.0]), smooth=False)
    yield case("relu of transposed", lambda F, x: F.relu(x.mT), apart(4, 3))


def choices():
    """where, with tensors and numbers, and conversion."""
    mask = np.array([[True, False, True], [False, False, True]])
    where = lambda F, c, a, b: F.where(c, a, b)  # noqa: E731
    yield case("where", where, mask, normal(2, 3), normal(2, 3))
    yield case("where broadcast", where, mask, normal(3), normal(2, 1))
    yield case("where broadcast condition", where, np.array([True, False]), normal(3, 2), normal())
    yield case("where numbers", lambda F, c, a: F.where(c, a, 0.5), mask, normal(2, 3))
    yield case("where number first", lambda F, c, a: F.where(c, -1.0, a), mask, normal(2, 3))
    yield case("where empty", where, np.zeros((0, 2), bool), normal(0, 2), normal(2))
    yield case("where hides nan", where, mask, np.where(mask, 1.0, np.nan), normal(2, 3), fixed=(1,))
    yield case("to float64", lambda F, x: F.to(x, "float64") * 2, normal(3))
    yield case("to float32 and back", lambda F, x: F.to(F.to(x, "float32"), "float64"), normal(3), smooth=False)
    yield case("to int64", lambda F, x: F.to(x, "int64"), np.array([-1.5, 0.0, 2.7]), fixed=(0,))
    yield case("to float from bool", lambda F, x: F.to(x, "float32"), mask)


def cases():
    """All of this file."""
    for family in (arithmetic, powers, comparisons, elementwise, choices):
        yield from family()
