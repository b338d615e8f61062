"""Cases of reductions and of functions that move elements."""

# ruff: noqa: ARG005 (every call takes the namespace F)
import numpy as np

from tests.functional.cases.case import apart, case, integers, normal

TIED = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0], [0.0, -1.0, 0.0]])
X = normal(2, 3, 4)


def reductions():
    """sum, mean, amax, max, argmax."""
    for name, values in (("sum", normal), ("mean", normal), ("amax", apart)):
        call = lambda F, x, dim=None, keepdim=False, name=name: getattr(F, name)(x, dim, keepdim)  # noqa: E731
        every = (lambda F, x: F.amax(x)) if name == "amax" else call
        yield case(f"{name} of all", every, values(3, 4))
        yield case(f"{name} of 0-d", every, values())
        yield case(f"{name} of 33", every, values(33))
        for dim in (0, -1, (0, 2), (-1, -3), (0, 1, 2)):
            yield case(f"{name} over {dim}", lambda F, x, d=dim, f=call: f(F, x, d), values(2, 3, 4))
            yield case(f"{name} over {dim} kept", lambda F, x, d=dim, f=call: f(F, x, d, True), values(2, 3, 4))
        yield case(f"{name} over a full dim of an empty tensor", lambda F, x, f=call: f(F, x, 1), values(0, 3))
    yield case("sum of none", lambda F, x: F.sum(x, 0), normal(0, 3))
    yield case("sum of integers", lambda F, x: F.sum(x, 0), integers(9, 4, 2))
    yield case("sum of bool", lambda F, x: F.sum(x), np.array([True, True, False]))
    yield case("amax of ties", lambda F, x: F.amax(x, 1), TIED, smooth=False)
    yield case("max of ties in all", lambda F, x: F.max(x), TIED, smooth=False)
    yield case("max over 0", lambda F, x: F.max(x, 0), apart(3, 4))
    yield case("max over -1 kept", lambda F, x: F.max(x, -1, keepdim=True), apart(2, 3, 4))
    yield case("max of ties", lambda F, x: F.max(x, 1), TIED, smooth=False)
    yield case("max of 0-d", lambda F, x: F.max(x), apart())
    for label, call in {
        "of all": lambda F, x: F.argmax(x),
        "over 0": lambda F, x: F.argmax(x, 0),
        "over -1 kept": lambda F, x: F.argmax(x, -1, keepdim=True),
    }.items():
        yield case(f"argmax {label}", call, TIED, fixed=(0,))


def forms():
    """reshape, flatten, permute, transpose, expand, squeeze, unsqueeze."""
    yield case("reshape", lambda F, x: F.reshape(x, (4, 6)), X)
    yield case("reshape with -1", lambda F, x: x.reshape(2, -1), X)
    yield case("reshape to 0-d", lambda F, x: x.reshape(()), normal(1, 1))
    yield case("reshape of empty", lambda F, x: x.reshape(0, 5), normal(0, 3))
    yield case("reshape of transposed", lambda F, x: x.mT.reshape(-1) * 2, X)
    for label, call in {
        "": lambda F, x: F.flatten(x),
        "from 1": lambda F, x: F.flatten(x, 1),
        "0 to 1": lambda F, x: F.flatten(x, 0, 1),
        "-2": lambda F, x: x.flatten(-2),
    }.items():
        yield case(f"flatten {label}".strip(), call, X)
    yield case("flatten of 0-d", lambda F, x: F.flatten(x), normal())
    yield case("permute", lambda F, x: F.permute(x, (2, 0, 1)) * 2, X)
    yield case("permute negative", lambda F, x: x.permute(-1, 0, -2), X)
    yield case("transpose", lambda F, x: F.transpose(x, 0, -1) * 2, X)
    yield case("expand", lambda F, x: x.expand(3, 2, 4), normal(2, 1))
    yield case(
        "expand with -1", lambda F, x: F.expand(x, (2, -1, 4)), normal(3, 1), torch=lambda F, x: x.expand(2, -1, 4)
    )
    yield case("squeeze", lambda F, x: F.squeeze(x), normal(1, 3, 1))
    yield case("squeeze -1", lambda F, x: F.squeeze(x, -1), normal(1, 3, 1))
    yield case("squeeze of another size", lambda F, x: F.squeeze(x, 1), normal(1, 3, 1))
    yield case("squeeze two", lambda F, x: F.squeeze(x, (0, 2)), normal(1, 3, 1))
    yield case("unsqueeze 0", lambda F, x: F.unsqueeze(x, 0), normal(3))
    yield case("unsqueeze -1", lambda F, x: F.unsqueeze(x, -1), normal(3))


def parts():
    """getitem, setitem, pad, cat."""
    for label, key in {
        "integer": 1,
        "negative integer": (0, -1),
        "slice": (slice(None), slice(1, 3)),
        "step": (..., slice(None, None, 2)),
        "None": (None, 0, ..., None),
        "past the end": (slice(0, 99), slice(5, 9)),
        "all integers": (0, 1, 2),
        "ellipsis alone": ...,
    }.items():
        yield case(f"getitem {label}", lambda F, x, k=key: F.getitem(x, k) * 2, X)
    yield case("getitem step -2", lambda F, x: x[:, ::-2] * 2, X, torch=lambda F, x: x.flip(1)[:, ::2] * 2)
    yield case("getitem overlapping", lambda F, x: x[:-1] * x[1:], normal(5))
    for label, key, shape in (("row", 1, (3, 4)), ("broadcast", (..., 2), (1, 3)), ("step", (0, slice(0, 3, 2)), (4,))):
        yield case(
            f"setitem {label}", lambda F, x, v, k=key: (F.setitem(x, k, v), x)[1], X, normal(*shape), fixed=(0, 1)
        )
    yield case("setitem number", lambda F, x: (F.setitem(x, (0, ...), 7), x)[1], X, fixed=(0,))
    for amounts in ((1, 2), (0, 1, 2, 0), (1, 1, 0, 0, 2, 0), (-1, 2), (-1, -1, 1, -2), ()):
        yield case(f"pad {amounts}", lambda F, x, p=amounts: F.pad(x, p), X)
    yield case("pad value", lambda F, x: F.pad(x, (1, 1), value=2.5), X)
    yield case("pad of integers", lambda F, x: F.pad(x, (1, 1), value=7), integers(5, 3))
    yield case("cat", lambda F, a, b: F.cat([a, b]), normal(2, 3), normal(1, 3))
    yield case("cat along -1", lambda F, a, b, c: F.cat([a, b, c], dim=-1), normal(2, 3), normal(2, 0), normal(2, 1))
    yield case("cat twice the same", lambda F, a: F.cat([a, a * a, a], 1), normal(2, 3))
    yield case("cat of one", lambda F, a: F.cat((a,)) * 2, normal(3))


def cases():
    """All of this file."""
    for family in (reductions, forms, parts):
        yield from family()
