"""Cases of indexing by arrays and masks, of gather and its kin, of diagonals, order and counting."""

# ruff: noqa: ARG005 (every call takes the namespace F)
import numpy as np

from tests.functional.cases.case import apart, case, integers, normal

X = normal(2, 3, 4)
TIED = np.array([[2.0, 1.0, 2.0, 1.0], [0.0, 0.0, -1.0, 0.0]])
WITH_NAN = np.array([1.0, np.nan, -np.inf, np.inf, 0.0])
MASK = np.array([[True, False, True], [False, False, True]])


def read():
    """getitem with index arrays and masks."""
    for label, call, *indices in (
        ("one index", lambda F, x, i: x[i] * 2, integers(2, 5)),
        ("negative indices", lambda F, x, i: x[:, i] * 2, np.array([-1, 0, -3, 0])),
        ("2-d index", lambda F, x, i: x[:, i] * 2, integers(3, 2, 2)),
        ("0-d index", lambda F, x, i: x[:, i] * 2, np.array(1)),
        ("no indices", lambda F, x, i: x[i] * 2, np.zeros((0, 2), np.int64)),
        ("two indices", lambda F, x, i, j: x[i, j] * 2, integers(2, 5), integers(3, 5)),
        ("indices that broadcast", lambda F, x, i, j: x[i, j] * 2, integers(2, 3, 1), integers(3, 2)),
        ("indices last", lambda F, x, i, j: x[..., i, j] * 2, integers(3, 5), integers(4, 5)),
        ("indices apart", lambda F, x, i, j: x[i, :, j] * 2, integers(2, 5), integers(4, 5)),
        ("indices and None", lambda F, x, i: x[None, i, None] * 2, integers(2, 3)),
        ("index and slice", lambda F, x, i: x[1:, ::2, i] * 2, integers(4, 3)),
        ("a list", lambda F, x: x[:, [2, 0, 2]] * 2),
        ("lists", lambda F, x: x[[0, 1], [2, 0]] * 2),
        ("int32", lambda F, x, i: x[i] * 2, np.array([1, 0, 1], np.int32)),
    ):
        yield case(f"getitem by {label}", call, X, *indices)
    yield case("getitem by index and integer", lambda F, x, i: x[i, 1] * 2, X, integers(2, 3))
    yield case("getitem by integer, slice and index", lambda F, x, i: x[0, :, i] * 2, X, integers(4, 3), oracle=False)
    for label, call, mask in (
        ("mask", lambda F, x, m: x[m] * 2, MASK),
        ("mask of all dims", lambda F, x, m: x[m] * 2, np.arange(24).reshape(2, 3, 4) % 3 == 1),
        ("mask of none", lambda F, x, m: x[m] * 2, np.zeros((2, 3), bool)),
        ("mask inside", lambda F, x, m: x[:, m] * 2, np.array([True, False, True])),
        ("mask and slice", lambda F, x, m: x[m, ..., 1:] * 2, np.array([False, True])),
    ):
        yield case(f"getitem by {label}", call, X, mask, dynamic=True)


def written():
    """setitem with index arrays and masks."""
    put = lambda F, x, v, *i: (F.setitem(x, i if len(i) > 1 else i[0], v), x)[1]  # noqa: E731
    yield case("setitem by index", put, X, normal(2, 3, 4), np.array([1, 0]), fixed=(0, 1))
    yield case("setitem by two indices", put, X, normal(4), np.array([1, 0]), np.array([2, 2]), fixed=(0, 1))
    yield case("setitem by negative index", put, X, normal(1, 4), np.array([-1]), np.array([[-2]]), fixed=(0, 1))
    yield case("setitem twice in one place", put, X, normal(3, 1, 1), np.array([1, 0, 1]), fixed=(0, 1))
    yield case("setitem by no index", put, X, normal(0, 3, 4), np.zeros(0, np.int64), fixed=(0, 1))
    yield case(
        "setitem number by index", lambda F, x, i: (F.setitem(x, (..., i), 7.0), x)[1], X, np.array([3]), fixed=(0,)
    )
    yield case("setitem number by mask", lambda F, x, m: (F.setitem(x, m, 7.0), x)[1], X, MASK, fixed=(0,))
    yield case("setitem 0-d by mask", put, X, normal(), MASK, fixed=(0, 1))
    yield case("setitem by mask", put, X, normal(3, 4), MASK, fixed=(0, 1), dynamic=True)


def elements():
    """gather, scatter, scatter_add, take_along_dim, index_select, index_add, masked_fill, masked_select."""
    for dim, shape in ((0, (3, 2, 4)), (1, (1, 5, 2)), (-1, (2, 3, 1)), (1, (2, 0, 4))):
        index = integers(2 if dim == 0 else 3, *shape)
        yield case(f"gather along {dim} {shape}", lambda F, x, i, d=dim: F.gather(x, d, i) * 2, X, index)
        call = lambda F, x, i, s, d=dim: F.scatter_add(x, d, i, s) * 2  # noqa: E731
        larger = [n + 1 for n in shape]
        if shape != (1, 5, 2):
            yield case(f"scatter_add along {dim} {shape}", call, X, index, normal(*shape))
            yield case(f"scatter_add from larger along {dim} {shape}", call, X, index, normal(*larger), oracle=False)
    yield case("gather of 0-d", lambda F, x, i: F.gather(x, 0, i) * 2, normal(), np.array(0))
    yield case("gather of integers", lambda F, x, i: F.gather(x, 0, i), integers(9, 4), np.array([3, 3, 0]))
    yield case("scatter_add many", lambda F, x, i, s: F.scatter_add(x, 0, i, s), normal(3), integers(3, 33), normal(33))
    yield case("scatter_add of 0-d", lambda F, x, i, s: F.scatter_add(x, 0, i, s), normal(), np.array(0), normal())
    order = np.array([[2, 0, 1], [1, 2, 0]])
    yield case("scatter", lambda F, x, i, s: F.scatter(x, 1, i, s) * 2, normal(2, 4), order, normal(2, 3))
    yield case(
        "scatter from larger",
        lambda F, x, i, s: x.scatter(-1, i, s) * 2,
        normal(3, 4),
        order,
        normal(2, 4),
        oracle=False,
    )
    yield case("scatter number", lambda F, x, i: F.scatter(x, 0, i, 1.5) * 2, normal(4, 3), order, oracle=True)
    yield case("scatter no places", lambda F, x, i: F.scatter(x, 0, i, 1.5), normal(4), np.zeros(0, np.int64))
    yield case(
        "scatter twice in one place",
        lambda F, x, i, s: F.scatter(x, 0, i, s) * 2,
        *(normal(4), np.array([1, 0, 1, 1]), normal(4)),
        oracle=False,
    )
    yield case("take_along_dim", lambda F, x, i: F.take_along_dim(x, i, 1) * 2, X, integers(3, 2, 2, 4))
    yield case("take_along_dim broadcast", lambda F, x, i: F.take_along_dim(x, i, 1) * 2, X, integers(3, 1, 2, 1))
    yield case("take_along_dim flat", lambda F, x, i: F.take_along_dim(x, i) * 2, X, integers(24, 5))
    for dim, size in ((0, 2), (1, 3), (-1, 4)):
        yield case(
            f"index_select along {dim}", lambda F, x, i, d=dim: F.index_select(x, d, i) * 2, X, integers(size, 5)
        )
        source = [5 if d == dim % 3 else n for d, n in enumerate((2, 3, 4))]
        call = lambda F, x, i, s, d=dim: F.index_add(x, d, i, s, alpha=-0.5)  # noqa: E731
        yield case(f"index_add along {dim}", call, X, integers(size, 5), normal(*source))
    yield case("index_add nothing", lambda F, x, i, s: x.index_add(0, i, s), X, np.zeros(0, np.int64), normal(0, 3, 4))
    mask = np.array([[True], [False], [True]])
    yield case("masked_fill", lambda F, x, m: F.masked_fill(x, m, -2.5) * 2, X, mask)
    yield case("masked_fill by 0-d", lambda F, x, m, v: F.masked_fill(x, m, v) * 2, X, mask, normal())
    yield case("masked_fill by -inf", lambda F, x, m: F.masked_fill(x, m, float("-inf")), X, mask, smooth=False)
    yield case("masked_select", lambda F, x, m: F.masked_select(x, m) * 2, X, mask, dynamic=True)
    yield case("masked_select broadcast", lambda F, x, m: F.masked_select(x, m), normal(3), MASK, dynamic=True)


def triangles():
    """tril, triu, diagonal, diag, trace."""
    for offset in (0, 1, -1, 5, -5):
        for name in ("tril", "triu"):
            yield case(f"{name} {offset}", lambda F, x, o=offset, n=name: getattr(F, n)(x, o) * 2, X)
        yield case(f"diagonal {offset}", lambda F, x, o=offset: F.diagonal(x, o) * 2, normal(3, 4))
        yield case(f"diag {offset}", lambda F, x, o=offset: F.diag(x, o) * 2, normal(3, 4))
        if abs(offset) < 2:
            yield case(f"diag of a vector {offset}", lambda F, x, o=offset: F.diag(x, o) * 2, normal(3))
    yield case("tril of nan outside", lambda F, x: F.tril(x), np.array([[1.0, np.nan], [2.0, 3.0]]), smooth=False)
    yield case("triu of bool", lambda F, x: F.triu(x), np.ones((3, 3), bool))
    yield case("diagonal of dims", lambda F, x: F.diagonal(x, 1, -1, 0) * 2, X)
    yield case("trace", lambda F, x: F.trace(x) * 2, normal(3, 4))


def ordered():
    """sort, argsort, topk, kthvalue, one_hot, bincount, nonzero, searchsorted, unique."""
    values = lambda result: tuple(result)  # noqa: E731
    for dim in (0, -1):
        for down in (False, True):
            label = f"along {dim}{' descending' if down else ''}"
            call = lambda F, x, d=dim, r=down: values(F.sort(x, dim=d, descending=r, stable=True))  # noqa: E731
            yield case(f"sort {label}", call, apart(3, 4))
            yield case(f"sort of ties {label}", call, TIED, smooth=False)
            yield case(
                f"argsort {label}",
                lambda F, x, d=dim, r=down: F.argsort(x, dim=d, descending=r, stable=True),
                *(TIED,),
                fixed=(0,),
            )
        top = lambda F, x, d=dim, r=True: values(F.topk(x, 2, dim=d, largest=r))  # noqa: E731
        yield case(f"topk along {dim}", top, apart(3, 4))
        yield case(f"topk smallest along {dim}", lambda F, x, f=top: f(F, x, r=False), apart(3, 4))
        yield case(f"kthvalue along {dim}", lambda F, x, d=dim: values(F.kthvalue(x, 2, d)), apart(3, 4))
    yield case("kthvalue kept", lambda F, x: values(F.kthvalue(x, 1, 0, True)), apart(3, 4))
    for name in ("sort", "sort descending"):
        call = lambda F, x, r=" " in name: values(F.sort(x, descending=r))  # noqa: E731
        yield case(f"{name} with nan", call, WITH_NAN, smooth=False)
        yield case(f"{name} of 0-d", call, normal())
        yield case(f"{name} of empty", call, normal(2, 0))
        yield case(f"{name} of integers", call, np.array([3, -1, 2, -9]))
    yield case("topk all", lambda F, x: values(F.topk(x, 4)), apart(3, 4))
    yield case("one_hot", lambda F, i: F.one_hot(i, 5), integers(5, 2, 3))
    yield case("one_hot of 0-d", lambda F, i: F.one_hot(i, 3), np.array(2))
    yield case("one_hot as many as there are", lambda F, i: F.one_hot(i), integers(5, 6), dynamic=True)
    yield case("bincount", lambda F, i: F.bincount(i), np.array([1, 4, 1, 0]), dynamic=True)
    yield case("bincount at least", lambda F, i: F.bincount(i, minlength=7), np.array([1, 4, 1, 0]), dynamic=True)
    yield case("bincount of none", lambda F, i: F.bincount(i), np.zeros(0, np.int64), dynamic=True)
    every = lambda F, x: F.unique(x, return_inverse=True, return_counts=True)  # noqa: E731
    for label, x in (
        ("integers", np.array([[3, 1, 3], [-2, 1, 3]])),
        ("bools", MASK),
        ("none", np.zeros((0, 2), np.int64)),
    ):
        yield case(f"unique {label}", every, x, dynamic=True)
    yield case("unique of values", lambda F, x: F.unique(x), TIED, fixed=(0,), dynamic=True)
    yield case("unique with nan", lambda F, x: F.unique(x, True, False, True), WITH_NAN, fixed=(0,), dynamic=True)
    weighed = lambda F, i, w: F.bincount(i, w)  # noqa: E731
    yield case("bincount of weights", weighed, integers(4, 9), normal(9), oracle=False, dynamic=True)
    yield case("nonzero", lambda F, x: F.nonzero(x), integers(2, 3, 4), dynamic=True)
    yield case("nonzero as a tuple", lambda F, x: x.nonzero(as_tuple=True), MASK, dynamic=True)
    yield case("nonzero of 0-d", lambda F, x: F.nonzero(x), np.array(3), dynamic=True)
    steps = np.array([-1.0, 0.0, 0.0, 2.0])
    for right in (False, True):
        call = lambda F, s, x, r=right: F.searchsorted(s, x, right=r)  # noqa: E731
        yield case(f"searchsorted {right}", call, steps, np.array([[0.0, -5.0], [2.0, 9.0]]), fixed=(0, 1))


def cases():
    """All of this file."""
    for family in (read, written, elements, triangles, ordered):
        yield from family()
