"""Cases of what everyday code uses beside the mathematics: parts, spellings, quantiles, membership, overwriting."""

import numpy as np

from tests.functional.cases.case import apart, case, integers, normal, positive

NAN, INF = np.nan, np.inf
HOLES = np.array([[1.0, NAN, 3.0, 2.0], [NAN, NAN, NAN, NAN], [-2.0, 0.5, 0.0, 4.0]])
TIES = np.array([[1.0, 3.0, 3.0, 2.0], [-2.0, -2.0, -2.0, 5.0], [0.0, 5.0, NAN, 7.0]])
INDEX = np.array([[0, 1, 1, 2], [2, 2, 0, 1]])
UNIT = np.array([0.1, 0.5, 0.93, 0.04, 0.77])
SIGNED = np.array([-0.9, -0.3, 0.2, 0.75, 0.9])
ZERO = np.array([0.0, 1.5, 0.0, 2.0])


def views():
    """Parts, turned and joined arrays."""
    yield case("narrow", lambda F, x: F.narrow(x, 1, 1, 2), normal(3, 4))
    yield case("narrow from the end", lambda F, x: F.narrow(x, -1, -2, 2), normal(3, 4))
    yield case("select", lambda F, x: F.select(x, 1, -1), normal(3, 4))
    for name in ("view_as", "reshape_as"):
        yield case(name, lambda F, x, y, n=name: getattr(F, n)(x, y), normal(3, 4), normal(2, 6), fixed=(1,))
    yield case("contiguous", lambda F, x: F.contiguous(x.mT), normal(3, 4))
    yield case("ravel", lambda F, x: F.ravel(x.mT), normal(3, 4))
    for k in (0, 1, 2, 3, -1, 5):
        yield case(f"rot90 {k}", lambda F, x, k=k: F.rot90(x, k, (1, 0)), normal(3, 4))
    for name in ("fliplr", "flipud", "atleast_1d", "atleast_2d", "atleast_3d"):
        yield case(name, lambda F, x, n=name: getattr(F, n)(x), normal(3, 4))
        if name.startswith("atleast"):
            yield case(f"{name} 0-d", lambda F, x, n=name: getattr(F, n)(x), normal())
            yield case(f"{name} vector", lambda F, x, n=name: getattr(F, n)(x), normal(3))
    for name in ("dstack", "column_stack", "row_stack"):
        yield case(name, lambda F, x, y, n=name: getattr(F, n)([x, y]), normal(3, 4), normal(3, 4))
        yield case(f"{name} of vectors", lambda F, x, y, n=name: getattr(F, n)([x, y]), normal(3), normal(3))
    yield case("tensor_split", lambda F, x: F.tensor_split(x, 3, 1), normal(2, 7))
    yield case("tensor_split at indices", lambda F, x: F.tensor_split(x, (1, 5)), normal(7, 2))
    yield case("block_diag", lambda F, x, y, z: F.block_diag(x, y, z), normal(2, 3), normal(2), normal(1, 1))


def spellings():
    """Other names of functions whose cases stand elsewhere."""
    one = "absolute negative sgn fix arcsin arccos arctan arcsinh arctanh"
    for name in one.split():
        yield case(name, lambda F, x, n=name: getattr(F, n)(x), SIGNED)
    yield case("arccosh", lambda F, x: F.arccosh(x), SIGNED + 2.5)
    for name in ["divide", "true_divide", "multiply", "subtract", "arctan2"]:
        yield case(name, lambda F, x, y, n=name: getattr(F, n)(x, y), normal(3), positive(3))
    for name in ["greater", "greater_equal", "less", "less_equal", "not_equal"]:
        yield case(name, lambda F, x, y, n=name: getattr(F, n)(x, y), integers(3, 9), integers(3, 9))
    for name in ("concat", "concatenate"):
        yield case(name, lambda F, x, y, n=name: getattr(F, n)([x, y], 1), normal(2, 3), normal(2, 1))
    yield case("clip", lambda F, x: F.clip(x, -0.5, 0.5), normal(7))
    yield case("clamp_min", lambda F, x: F.clamp_min(x, 0.1), normal(7))
    yield case("clamp_max", lambda F, x: F.clamp_max(x, 0.1), normal(7))
    yield case("moveaxis", lambda F, x: F.moveaxis(x, 0, 2), normal(2, 3, 4))
    yield case("swapdims", lambda F, x: F.swapdims(x, 0, 2), normal(2, 3, 4))


def special():
    """The inverse error function, logits, angles, and what treats nan as missing."""
    yield case("erfinv", lambda F, x: F.erfinv(x), SIGNED)
    yield case("erfinv of edges", lambda F, x: F.erfinv(x), np.array([1.0, -1.0, 1.5, NAN, 0.0]), fixed=(0,))
    yield case("logit", lambda F, x: F.logit(x), UNIT)
    yield case("logit eps", lambda F, x: F.logit(x, 0.06), UNIT)
    yield case("logit of edges", lambda F, x: F.logit(x), np.array([0.0, 1.0, 1.5, NAN]), fixed=(0,))
    yield case("xlogy", lambda F, x, y: F.xlogy(x, y), normal(4), positive(4))
    yield case("xlogy of 0", lambda F, x, y: F.xlogy(x, y), ZERO, np.array([0.0, 1.0, NAN, 0.0]), fixed=(0, 1))
    for name in ("fmax", "fmin"):
        other = lambda random: apart(3, 4)(random) + 0.03  # noqa: E731
        yield case(name, lambda F, x, y, n=name: getattr(F, n)(x, y), apart(3, 4), other)
        call = lambda F, x, y, n=name: getattr(F, n)(x, y)  # noqa: E731
        yield case(f"{name} of nan", call, np.array([1.0, NAN, NAN, 2.0]), np.array([NAN, 1.0, NAN, 2.0]), smooth=False)
    yield case("deg2rad", lambda F, x: F.deg2rad(x), normal(4))
    yield case("rad2deg", lambda F, x: F.rad2deg(x), normal(4))
    yield case("sinc", lambda F, x: F.sinc(x), positive(5))
    yield case("sinc of 0", lambda F, x: F.sinc(x), np.zeros(2), smooth=False, second="skipped")
    yield case("signbit", lambda F, x: F.signbit(x), np.array([-0.0, 0.0, -2.0, 3.0]), fixed=(0,))
    yield case("signbit of integers", lambda F, x: F.signbit(x), np.array([-1, 0, 2]))


def statistics():
    """Running extremes, quantiles, differences, and two at once."""
    for name in ("cummax", "cummin"):
        yield case(name, lambda F, x, n=name: tuple(getattr(F, n)(x, 1)), apart(3, 5))
        yield case(f"{name} of ties and nan", lambda F, x, n=name: tuple(getattr(F, n)(x, -1)), TIES, smooth=False)
        yield case(f"{name} first", lambda F, x, n=name: tuple(getattr(F, n)(x, 0)), apart(4, 2))
        yield case(f"{name} of integers", lambda F, x, n=name: tuple(getattr(F, n)(x, 0)), integers(4, 6))
        yield case(f"{name} 0-d", lambda F, x, n=name: tuple(getattr(F, n)(x, 0)), normal())
    yield case("logcumsumexp", lambda F, x: F.logcumsumexp(x, 1), normal(3, 5))
    yield case("logcumsumexp far out", lambda F, x: F.logcumsumexp(x, 0), normal(5, 2), second="skipped")
    for name in ("quantile", "nanquantile"):
        for q in (0.0, 0.3, 1.0):
            yield case(f"{name} {q}", lambda F, x, n=name, q=q: getattr(F, n)(x, q), apart(3, 4))
        for way in ("lower", "higher", "nearest", "midpoint"):
            call = lambda F, x, n=name, w=way: getattr(F, n)(x, 0.4, 1, interpolation=w)  # noqa: E731
            yield case(f"{name} {way}", call, apart(3, 4))
        call = lambda F, x, q, n=name: getattr(F, n)(x, q, dim=0, keepdim=True)  # noqa: E731
        yield case(f"{name} several", call, apart(5, 3), np.array([0.1, 0.5, 0.9]), fixed=(1,))
        yield case(f"{name} of nan", lambda F, x, n=name: getattr(F, n)(x, 0.4, 1), HOLES, fixed=(0,))
    yield case("diff", lambda F, x: F.diff(x), normal(3, 5))
    yield case("diff twice", lambda F, x: F.diff(x, 2, 0), normal(4, 3))
    yield case("diff joined", lambda F, x, a, b: F.diff(x, 1, 1, a, b), normal(2, 3), normal(2, 1), normal(2, 2))
    yield case("diff of bools", lambda F, x: F.diff(x), np.array([True, False, False, True]))
    for name in ("std_mean", "var_mean"):
        yield case(name, lambda F, x, n=name: tuple(getattr(F, n)(x)), normal(3, 4))
        call = lambda F, x, n=name: tuple(getattr(F, n)(x, 1, correction=0, keepdim=True))  # noqa: E731
        yield case(f"{name} population", call, normal(3, 4))


def membership():
    """Sets, buckets, histograms, indices of triangles."""
    yield case("isin", lambda F, x, t: F.isin(x, t), integers(9, 3, 4), np.array([1, 5, 7]))
    yield case("isin inverted", lambda F, x, t: F.isin(x, t, invert=True), integers(9, 3, 4), np.array([1, 5, 7]))
    yield case("isin a number", lambda F, x: F.isin(x, 4), integers(9, 3, 4))
    yield case("isin none", lambda F, x, t: F.isin(x, t), integers(9, 3), np.zeros(0, np.int64))
    for right in (False, True):
        call = lambda F, x, b, r=right: F.bucketize(x, b, right=r)  # noqa: E731
        yield case(f"bucketize right {right}", call, np.array([0.5, 1.0, 3.0, 9.0]), np.array([1.0, 3.0]), fixed=(0, 1))
    yield case("histc", lambda F, x: F.histc(x, 4, -1, 1), np.array([-1.0, 1.0, 0.2, 5.0, -0.7, 0.5]), fixed=(0,))
    yield case("histc by itself", lambda F, x: F.histc(x, 3), normal(9), fixed=(0,), dynamic=True)
    yield case("argwhere", lambda F, x: F.argwhere(x), np.array([[0, 2], [3, 0]]), dynamic=True)
    yield case("where alone", lambda F, x: F.where(x > 0), np.array([[0, 2], [3, 0]]), dynamic=True)
    for name in ("tril_indices", "triu_indices"):
        for offset in (0, 1, -2):
            call = lambda F, n=name, o=offset: getattr(F, n)(3, 4, o)  # noqa: E731
            yield case(f"{name} {offset}", call)


def overwriting():
    """Elements replaced or reduced by index and mask."""
    beside = lambda random: apart(2, 4)(random) + 0.03  # noqa: E731
    for reduce in ("sum", "prod", "mean", "amax", "amin"):
        for include in (True, False):
            call = lambda F, x, i, s, r=reduce, k=include: F.scatter_reduce(x, 1, i, s, r, include_self=k)  # noqa: E731
            second = "skipped" if reduce in ("prod", "amax", "amin") else "compared"
            yield case(f"scatter_reduce {reduce} {include}", call, apart(2, 3), INDEX, beside, second=second)
        call = lambda F, x, i, s, r=reduce: F.scatter_reduce(x, 1, i, s, r)  # noqa: E731
        yield case(f"scatter_reduce {reduce} of integers", call, integers(9, 2, 3), INDEX, integers(9, 2, 4))
    yield case("index_fill", lambda F, x, i: F.index_fill(x, 1, i, 2.5), normal(2, 4), np.array([0, 3]))
    yield case("index_copy", lambda F, x, i, s: F.index_copy(x, 1, i, s), normal(2, 4), np.array([3, 0]), normal(2, 2))
    mask = np.array([[True, False, True], [False, True, False]])
    call = lambda F, x, m, s: F.masked_scatter(x, m, s)  # noqa: E731
    yield case("masked_scatter", call, normal(2, 3), mask, normal(4), dynamic=True)


def vectors():
    """Sums with products, cross products, distances."""
    a, b = normal(2, 3, 4), normal(2, 4, 5)
    for name in ("baddbmm", "addbmm"):
        yield case(name, lambda F, x, a, b, n=name: getattr(F, n)(x, a, b), normal(3, 5), a, b)
        call = lambda F, x, a, b, n=name: getattr(F, n)(x, a, b, beta=0.5, alpha=2)  # noqa: E731
        yield case(f"{name} scaled", call, normal(1, 5), a, b)
    yield case("addmv", lambda F, x, a, v: F.addmv(x, a, v, beta=2, alpha=0.5), normal(3), normal(3, 4), normal(4))
    yield case("addr", lambda F, x, u, v: F.addr(x, u, v, beta=2, alpha=0.5), normal(3, 4), normal(3), normal(4))
    yield case("cross", lambda F, x, y: F.cross(x, y, 1), normal(2, 3), normal(2, 3))
    for p in (2.0, 1.0, 3.0, INF):
        yield case(f"cdist {p}", lambda F, x, y, p=p: F.cdist(x, y, p), apart(2, 3, 4), normal(5, 4), second="skipped")


def cases():
    """All of them."""
    for family in (views, spellings, special, statistics, membership, overwriting, vectors):
        yield from family()
