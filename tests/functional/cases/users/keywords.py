"""Cases of keywords in PyTorch's spelling: dtype, unbiased, axis and keepdims, rounding_mode, antialias, max_norm."""

import numpy as np

from tests.functional.cases.case import apart, case, integers, normal, positive

IDS = np.array([[0, 2, 2], [3, 0, 2]])
ROWS = np.array([[1, 2], [0, 5], [1, 2], [0, 4]])


def dtypes():
    """dtype= of reductions: the input is converted first."""
    for name in ("sum", "mean", "nansum", "nanmean", "prod"):
        call = lambda F, x, n=name: F.to(getattr(F, n)(x, 0, dtype=F_dtype(F, "float64")), "float64")  # noqa: E731
        yield case(f"{name} dtype", call, normal(4, 2) if name == "nanmean" else integers(5, 4, 2))
    for name in ("cumsum", "cumprod", "softmax", "log_softmax", "softmin"):
        call = lambda F, x, n=name: getattr(F, n)(x, 0, dtype=F_dtype(F, "float64"))  # noqa: E731
        yield case(f"{name} dtype", call, integers(5, 4, 2))
    for name in ("sum", "nansum", "prod", "cumsum", "cumprod"):
        for dtype in ("int32", "uint8"):
            call = lambda F, x, n=name, d=dtype: getattr(F, n)(x, 0, dtype=F_dtype(F, d))  # noqa: E731
            yield case(f"{name} to {dtype}", call, np.array([[200, 3], [100, 1]]))
    yield case("sum to bool", lambda F, x: F.sum(x, 1, dtype=F_dtype(F, "bool")), np.array([[0, 0], [2, 1]]))
    yield case("nansum of integers", lambda F, x: F.nansum(x, 1, True), integers(5, 4, 2))
    yield case("nansum of bools", lambda F, x: F.nansum(x), ROWS > 1)
    for p in (1, 2, 3, float("inf")):
        call = lambda F, x, p=p: F.norm(x, p, 1, dtype=F_dtype(F, "float64"))  # noqa: E731
        yield case(f"norm {p} dtype", call, apart(3, 4))


def F_dtype(F, name):
    """A dtype of the namespace's library by name."""
    return getattr(F.torch, name) if hasattr(F, "torch") else name


def statistics():
    """unbiased= and the positional forms of var and std; axis and keepdims."""
    for name in ("var", "std", "var_mean", "std_mean"):
        for label, args, settings in (
            ("dim, unbiased", (1, False), {}),
            ("unbiased alone", (False,), {}),
            ("dim, unbiased, keepdim", (0, True, True), {}),
            ("unbiased by name", (1,), {"unbiased": True, "keepdim": True}),
        ):
            call = lambda F, x, n=name, a=args, s=settings: getattr(F, n)(x, *a, **s)  # noqa: E731
            yield case(f"{name} {label}", call, normal(3, 4))
    for name in ("sum", "mean", "prod", "amax", "amin", "var", "std", "argmax", "all"):
        call = lambda F, x, n=name: getattr(F, n)(x, axis=1, keepdims=True)  # noqa: E731
        yield case(f"{name} axis", call, apart(3, 4), fixed=(0,) if name in ("argmax", "all") else ())
    yield case("cumsum axis", lambda F, x: F.cumsum(x, axis=1), normal(2, 3))
    yield case("max axis", lambda F, x: tuple(F.max(x, axis=1)), apart(2, 3))
    yield case("cat axis", lambda F, x, y: F.cat([x, y], axis=1), normal(2, 3), normal(2, 1))
    yield case("flip dims", lambda F, x: F.flip(x, dims=(0, 1)), normal(2, 3))
    yield case("permute dims", lambda F, x: F.permute(x, dims=(1, 0)), normal(2, 3))
    yield case("reshape shape", lambda F, x: F.reshape(x, shape=(3, 2)), normal(2, 3))
    yield case("tile dims", lambda F, x: F.tile(x, dims=(2, 1)), normal(2, 3))


def divisions():
    """rounding_mode= of div."""
    for mode in ("floor", "trunc"):
        call = lambda F, x, y, m=mode: F.div(x, y, rounding_mode=m)  # noqa: E731
        yield case(f"div {mode}", call, normal(5), positive(5))
        yield case(f"div {mode} of integers", call, np.array([7, -7, 7, -7, 6]), np.array([2, 2, -2, -2, 3]))


def orders():
    """Keywords of searchsorted, bucketize, unique."""
    s, x = np.array([3.0, 1.0, 2.0]), np.array([0.5, 2.0, 9.0])
    call = lambda F, s, x, i: F.searchsorted(s, x, sorter=i, out_int32=True, side="right")  # noqa: E731
    yield case("searchsorted sorter", call, s, x, np.array([1, 2, 0]), fixed=(0, 1))
    whole, rows = np.array([1, 3, 5]), np.array([[[2.0, 4.0, 1.0]], [[5.0, 3.0, 4.0]]])
    yield case("searchsorted mixed", lambda F, s, x: F.searchsorted(s, x), whole, np.array([2.5, 3.0]), fixed=(0, 1))
    yield case("searchsorted number", lambda F, s: F.searchsorted(s, 2.5, out_int32=True), whole)
    yield case("bucketize number", lambda F, s: F.bucketize(3, s, right=True), whole)
    call = lambda F, s, x, i: F.searchsorted(s, x, sorter=i, right=True)  # noqa: E731
    order, found = np.array([[[2, 0, 1]], [[1, 2, 0]]]), np.array([[[1.0, 3.0]], [[1.0, 4.0]]])
    yield case("searchsorted rows", call, rows, found, order, fixed=(0, 1))
    call = lambda F, x, b: F.bucketize(x, b, out_int32=True)  # noqa: E731
    yield case("bucketize int32", call, x, np.array([1.0, 2.0]), fixed=(0, 1))
    for dim in (0, 1):
        call = lambda F, x, d=dim: F.unique(x, return_inverse=True, return_counts=True, dim=d)  # noqa: E731
        yield case(f"unique dim {dim}", call, ROWS, dynamic=True)
    yield case("unique dim alone", lambda F, x: F.unique(x, dim=0), ROWS > 1, dynamic=True)


def images():
    """antialias= and recompute_scale_factor= of interpolate."""
    for mode in ("bilinear", "bicubic"):
        for size in ((3, 4), (12, 5), (1, 1)):
            call = lambda F, x, m=mode, s=size: F.interpolate(x, s, mode=m, antialias=True)  # noqa: E731
            yield case(f"interpolate {mode} antialias {size}", call, normal(2, 2, 7, 9))
        call = lambda F, x, m=mode: F.interpolate(x, scale_factor=0.4, mode=m, antialias=True)  # noqa: E731
        yield case(f"interpolate {mode} antialias by a factor", call, normal(1, 2, 7, 9))
        call = lambda F, x, m=mode: F.interpolate(x, (3, 4), mode=m, antialias=True, align_corners=True)  # noqa: E731
        yield case(f"interpolate {mode} antialias corners", call, normal(1, 2, 7, 9))
        call = lambda F, x, m=mode: F.interpolate(x, scale_factor=0.4, mode=m, recompute_scale_factor=True)  # noqa: E731
        yield case(f"interpolate {mode} recomputed", call, normal(1, 2, 7, 9))


def embeddings():
    """Keywords of embedding. max_norm writes into the weight: outside the tape, so it is tested apart."""
    call = lambda F, i, w: F.embedding(i, w, 2, scale_grad_by_freq=True)  # noqa: E731
    yield case("embedding by frequency", call, IDS, normal(5, 3), smooth=False, second="skipped")


def cases():
    """All of them."""
    for family in (dtypes, statistics, divisions, orders, images, embeddings):
        yield from family()
