"""Cases of matrix products, softmax, embedding and dropout."""

# ruff: noqa: ARG005 (every call takes the namespace F)
import numpy as np

from tests.functional.cases.case import case, integers, normal

HUGE = np.array([[1e4, -1e4, 0.0], [-1e30, 0.0, 1e30], [5.0, 5.0, 5.0]])


def products():
    """linear and matmul."""
    linear = lambda F, x, w, b: F.linear(x, w, b)  # noqa: E731
    for n, i, o in ((4, 3, 2), (1, 1, 1), (5, 33, 3), (0, 3, 2), (2, 31, 32)):
        yield case(f"linear {n}x{i} to {o}", linear, normal(n, i), normal(o, i), normal(o))
    yield case("linear without bias", lambda F, x, w: F.linear(x, w), normal(4, 3), normal(2, 3))
    yield case("linear of a vector", linear, normal(3), normal(2, 3), normal(2))
    yield case("linear of 4-d", linear, normal(2, 1, 3, 3), normal(2, 3), normal(2))
    yield case("linear with a constant weight", linear, normal(4, 3), normal(2, 3), normal(2), fixed=(1,))
    for label, a, b in (
        ("", (3, 4), (4, 5)),
        ("of vectors", (4,), (4,)),
        ("vector first", (4,), (4, 5)),
        ("vector last", (3, 4), (4,)),
        ("batch", (2, 3, 4), (2, 4, 5)),
        ("batch broadcast", (2, 1, 3, 4), (3, 4, 2)),
        ("batch with a matrix", (2, 3, 4), (4, 5)),
        ("matrix with a batch", (3, 4), (2, 4, 5)),
        ("vector with a batch", (4,), (2, 4, 3)),
        ("batch with a vector", (2, 3, 4), (4,)),
        ("empty", (0, 4), (4, 5)),
        ("over nothing", (3, 0), (0, 2)),
    ):
        yield case(f"matmul {label}".strip(), lambda F, a, b: F.matmul(a, b), normal(*a), normal(*b))
    yield case("matmul operator", lambda F, a, b: a @ b.mT, normal(3, 4), normal(5, 4))
    yield case("matmul with itself", lambda F, a: a @ a, normal(3, 3))


def softmaxes():
    """softmax and log_softmax."""
    for name in ("softmax", "log_softmax"):
        call = lambda F, x, dim=-1, name=name: getattr(F, name)(x, dim=dim)  # noqa: E731
        for shape, dim in (
            ((3, 5), 1),
            ((3, 5), 0),
            ((2, 3, 4), -2),
            ((2, 3, 4), -1),
            ((33,), 0),
            ((4, 1), 1),
            ((0, 3), 1),
        ):
            yield case(f"{name} {shape} over {dim}", lambda F, x, d=dim, f=call: f(F, x, d), normal(*shape))
        yield case(f"{name} of 0-d", lambda F, x, f=call: f(F, x, 0), normal())
        yield case(f"{name} of large", call, np.array([[100.0, 1000.0], [-1000.0, -100.0]]), smooth=False)
        yield case(f"{name} of huge", call, HUGE, smooth=False)
        yield case(f"{name} with -inf", call, np.array([[0.0, -np.inf, 1.0]]), smooth=False)


def tables():
    """embedding and dropout."""
    lookup = lambda F, ids, w: F.embedding(ids, w)  # noqa: E731
    yield case("embedding repeated ids", lookup, np.array([1, 4, 1, 1, 0]), normal(5, 3))
    yield case("embedding 2-d ids", lookup, integers(5, 2, 3), normal(5, 3))
    yield case("embedding 0-d id", lookup, np.array(2), normal(5, 3))
    yield case("embedding no ids", lookup, np.zeros((0, 2), np.int64), normal(5, 3), oracle=False)
    yield case("embedding int32 ids", lookup, np.array([1, 0], np.int32), normal(2, 1))
    yield case("dropout in evaluation", lambda F, x: F.dropout(x, 0.5, training=False) * 2, normal(3, 4))
    yield case("dropout of none", lambda F, x: F.dropout(x, p=0.0) * 2, normal(3, 4))
    yield case("dropout of all", lambda F, x: F.dropout(x, 1.0), normal(3, 4))
    yield case("dropout", lambda F, x: F.seeded().dropout(x, 0.25), normal(5, 7), oracle=False)
    yield case("dropout 0-d", lambda F, x: F.seeded().dropout(x), normal(), oracle=False)
    yield case("dropout empty", lambda F, x: F.seeded().dropout(x), normal(0, 2), oracle=False)


def cases():
    """All of this file."""
    for family in (products, softmaxes, tables):
        yield from family()
