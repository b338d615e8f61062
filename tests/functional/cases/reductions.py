"""Cases of reductions: sums, means, products, extremes, norms, and running sums and products."""

# ruff: noqa: ARG005 (every call takes the namespace F)
import numpy as np

from tests.functional.cases.case import apart, case, integers, normal, positive

INF, NAN = np.inf, np.nan
HOLES = np.array([[1.0, NAN, 3.0], [NAN, NAN, NAN], [-2.0, 0.5, 0.0]])
TIES = np.array([[1.0, 3.0, 3.0], [-2.0, -2.0, -2.0], [0.0, 5.0, 5.0]])
ZEROS = np.array([[2.0, 0.0, -3.0, 4.0], [0.0, 5.0, 0.0, 1.0], [1.5, -2.0, 3.0, 0.5]])
WAYS = {"all": {}, "last": {"dim": -1}, "kept": {"dim": 1, "keepdim": True}, "two": {"dim": (0, -1)}}
OVER_ONE = {"first": {"dim": 0}, "kept": {"dim": -1, "keepdim": True}}


def over(name, values, ways, **options):
    """The function in several ways over (2, 3, 4), and of a 0-d and a transposed tensor."""
    for label, settings in ways.items():
        call = lambda F, x, s=settings: getattr(F, name)(x, **s)  # noqa: E731
        yield case(f"{name} {label}", call, values(2, 3, 4), **options)
    yield case(f"{name} of transposed", lambda F, x: getattr(F, name)(x.mT, **ways[next(iter(ways))]), values(4, 3))


def sums():
    """nansum, nanmean, logsumexp, var, std, all, any, count_nonzero."""
    for name in ("nansum", "nanmean", "var", "std"):
        yield from over(name, normal, WAYS)
    for name in ("nansum", "nanmean"):
        call = lambda F, x, name=name: getattr(F, name)(x, 1)  # noqa: E731
        yield case(f"{name} of holes", call, HOLES[[0, 2]], smooth=False)
        yield case(f"{name} of nothing but holes", call, HOLES, fixed=(0,))
        yield case(f"{name} 0-d", lambda F, x, name=name: getattr(F, name)(x), normal())
        yield case(f"{name} empty", call, normal(2, 0), smooth=False)
    for name in ("var", "std"):
        for correction in (0, 2, 0.5):
            call = lambda F, x, n=name, c=correction: getattr(F, n)(x, 1, correction=c)  # noqa: E731
            yield case(f"{name} correction {correction}", call, normal(3, 5))
        call = lambda F, x, name=name: getattr(F, name)(x, dim=1)  # noqa: E731
        yield case(f"{name} of one", call, normal(3, 1), smooth=False, fixed=(0,))
        yield case(f"{name} of large", lambda F, x, n=name: getattr(F, n)(x + 30, 0), normal(5, 2), smooth=False)
    yield case("std of constant", lambda F, x: F.std(x, 1), np.full((2, 3), 0.5), smooth=False, oracle=False)
    yield from over("logsumexp", normal, {k: v for k, v in WAYS.items() if v})
    yield case("logsumexp 0-d", lambda F, x: F.logsumexp(x, 0), normal())
    far = np.array([[1e4, 1e4, -1e4], [-1e4, -1e4, -1e4], [-INF, 0.0, 1.0]])
    yield case("logsumexp far out", lambda F, x: F.logsumexp(x, 1), far, fixed=(0,))
    yield case("logsumexp extremes", lambda F, x: F.logsumexp(x, 1), np.clip(far, -100, 100), smooth=False)
    yield case("logsumexp of -inf", lambda F, x: F.logsumexp(x, 1), np.full((2, 3), -INF), fixed=(0,))
    infinite = np.array([[INF, 0.0], [INF, -INF], [NAN, 1.0]])
    yield case("logsumexp infinite", lambda F, x: F.logsumexp(x, 1), infinite, fixed=(0,))
    yield case("logsumexp empty", lambda F, x: F.logsumexp(x, 1), normal(2, 0), smooth=False)
    for name in ("all", "any"):
        yield from over(name, lambda *shape: integers(3, *shape), WAYS)
        yield case(f"{name} of bools", lambda F, x, name=name: getattr(F, name)(x, 0), np.array([[True, False]] * 2))
        yield case(f"{name} of floats", lambda F, x, name=name: getattr(F, name)(x, 1), ZEROS, fixed=(0,))
        yield case(f"{name} of none", lambda F, x, name=name: getattr(F, name)(x, 1), normal(2, 0), fixed=(0,))
        yield case(f"{name} 0-d", lambda F, x, name=name: getattr(F, name)(x), np.array(True))
    for label, dim in {"all": None, "last": -1, "two": (0, 2)}.items():
        yield case(f"count_nonzero {label}", lambda F, x, d=dim: F.count_nonzero(x, dim=d), integers(3, 2, 3, 4))
    yield case("count_nonzero of floats", lambda F, x: F.count_nonzero(x, 1), ZEROS, fixed=(0,))


def products():
    """prod, cumsum and cumprod, with zeros among the factors."""
    torch_prod = lambda F, x: F.prod(F.prod(x, -1), 0)  # noqa: E731 (PyTorch takes one dim)
    yield from over("prod", normal, {k: v for k, v in WAYS.items() if k != "two"})
    yield case("prod two", lambda F, x: F.prod(x, (0, -1)), normal(2, 3, 4), torch=torch_prod)
    yield case("prod of zeros", lambda F, x: F.prod(x, 1), ZEROS)
    yield case("prod of zeros all", lambda F, x: F.prod(x), ZEROS[2:].T)
    yield case("prod of integers", lambda F, x: F.prod(x, 1), integers(5, 3, 4))
    yield case("prod of bools", lambda F, x: F.prod(x), np.array([True, False]))
    yield case("prod empty", lambda F, x: F.prod(x, 1), normal(2, 0), smooth=False)
    yield case("prod of one", lambda F, x: F.prod(x, 1), normal(2, 1))
    yield case("prod 0-d", lambda F, x: F.prod(x), normal())
    yield case("prod of 33", lambda F, x: F.prod(x), positive(33))
    for name in ("cumsum", "cumprod"):
        for dim in (0, 1, -1):
            call = lambda F, x, n=name, d=dim: getattr(F, n)(x, d)  # noqa: E731
            yield case(f"{name} dim {dim}", call, normal(2, 3, 4))
        call = lambda F, x, name=name: getattr(F, name)(x, 0)  # noqa: E731
        yield case(f"{name} of transposed", lambda F, x, name=name: getattr(F, name)(x.mT, 0), normal(4, 3))
        yield case(f"{name} of zeros", lambda F, x, name=name: getattr(F, name)(x, 1), ZEROS)
        yield case(f"{name} of integers", call, integers(5, 4))
        yield case(f"{name} of bools", call, np.array([True, False]))
        yield case(f"{name} 0-d", call, normal())
        yield case(f"{name} empty", call, normal(0, 2))
        yield case(f"{name} of one", call, normal(1, 2))
        yield case(f"{name} of 33", call, positive(33))


def extremes():
    """amin, min, argmin, median; what max and amax lack elsewhere."""
    yield from over("amin", apart, WAYS)
    yield case("amin of ties", lambda F, x: F.amin(x, 1), TIES, smooth=False)
    yield case("amin of all ties", lambda F, x: F.min(x), TIES, smooth=False)
    for name in ("min", "max", "median"):
        yield from over(name, apart, OVER_ONE)
        yield case(f"{name} of all", lambda F, x, name=name: getattr(F, name)(x), apart(3, 4))
        yield case(f"{name} of nan", lambda F, x, name=name: getattr(F, name)(x, 1), HOLES[[0, 2]], fixed=(0,))
        yield case(f"{name} of integers", lambda F, x, name=name: getattr(F, name)(x), integers(9, 6))
        yield case(f"{name} of 0-d along 0", lambda F, x, name=name: getattr(F, name)(x, 0), apart())
    yield case("median of all with nan", lambda F, x: F.median(x), HOLES, fixed=(0,))
    yield case("median of all ties", lambda F, x: F.median(x), TIES, smooth=False)
    for label, settings in {"all": {}, "first": {"dim": 0}, "kept": {"dim": -1, "keepdim": True}}.items():
        call = lambda F, x, s=settings: F.argmin(x, **s)  # noqa: E731
        yield case(f"argmin {label}", call, apart(3, 4), fixed=(0,))
    yield case("argmin 0-d", lambda F, x: F.argmin(x), integers(5))


def norms():
    """norm for every kind of p."""
    yield from over("norm", normal, WAYS)
    for p in ("fro", 1, 2, 3, 4, 1.5, 2.5, INF, -INF, -1, 0.5):
        yield case(f"norm {p}", lambda F, x, p=p: F.norm(x, p, dim=1), apart(3, 4))
    yield case("norm 0", lambda F, x: F.norm(x, 0, dim=1), ZEROS, fixed=(0,))
    yield case("norm 3 kept", lambda F, x: x.norm(3.0, 1, True), apart(3, 4))
    yield case("norm 0-d", lambda F, x: F.norm(x), apart())
    for p in (1, 2, 3, INF):
        zeros = np.array([[0.0, 0.0], [0.0, 2.0]])
        yield case(f"norm {p} of zeros", lambda F, x, p=p: F.norm(x, p, dim=1), zeros, smooth=False, oracle=False)
    yield case("norm inf of ties", lambda F, x: F.norm(x, INF, dim=1), TIES * [1, 1, -1], smooth=False)
    yield case("norm empty", lambda F, x: F.norm(x, 2, dim=1), normal(2, 0), smooth=False)


def cases():
    """All of this file."""
    for family in (sums, products, extremes, norms):
        yield from family()
