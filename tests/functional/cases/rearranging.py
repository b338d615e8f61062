"""Cases of functions that move, repeat, join and split, of padding modes and of windows."""

# ruff: noqa: ARG005 (every call takes the namespace F)
import numpy as np

from tests.functional.cases.case import case, integers, normal

X = normal(2, 3, 4)


def moved():
    """view, movedim, swapaxes, t, flip, roll, expand_as, broadcast_to, and T."""
    for label, call in {
        "view": lambda F, x: F.view(x, 4, -1) * 2,
        "view of a tuple": lambda F, x: x.view((6, 4)) * 2,
        "movedim": lambda F, x: F.movedim(x, 0, -1) * 2,
        "movedim two": lambda F, x: F.movedim(x, (0, 1), (-1, 0)) * 2,
        "movedim by method": lambda F, x: x.movedim(-1, 1) * 2,
        "swapaxes": lambda F, x: F.swapaxes(x, 0, -1) * 2,
        "flip": lambda F, x: F.flip(x, (0, -1)) * 2,
        "flip one": lambda F, x: F.flip(x, (1,)) * 2,
        "flip none": lambda F, x: F.flip(x, ()) * 2,
        "flip by method": lambda F, x: x.flip(0, 1) * 2,
        "roll": lambda F, x: F.roll(x, 1, 1) * x,
        "roll two": lambda F, x: F.roll(x, (-1, 2), (0, -1)) * x,
        "roll flattened": lambda F, x: F.roll(x, 5) * x,
        "roll further than the size": lambda F, x: x.roll(-7, 2) * x,
        "roll the same twice": lambda F, x: F.roll(x, (1, 1), (2, 1)) * x,
    }.items():
        yield case(label, call, X)
    yield case("roll of empty", lambda F, x: F.roll(x, 1, 0), normal(0, 2))
    yield case("roll of 0-d", lambda F, x: F.roll(x, 1), normal())
    yield case("flip of empty", lambda F, x: F.flip(x, (0, 1)), normal(0, 2))
    yield case("t", lambda F, x: F.t(x) * 2, normal(2, 3))
    yield case("t of a vector", lambda F, x: F.t(x) * 2, normal(3))
    yield case("t of 0-d", lambda F, x: x.t() * 2, normal())
    call = lambda F, x, y, z: tuple(t * y for t in F.broadcast_tensors(x, y, z))  # noqa: E731
    yield case("broadcast_tensors", call, normal(3, 1), normal(2, 3, 4), normal())
    yield case("expand_as", lambda F, x, y: F.expand_as(x, y) * y, normal(3, 1), normal(2, 3, 4))
    yield case("broadcast_to", lambda F, x: F.broadcast_to(x, (2, 3, 4)) * 2, normal(3, 1))


def repeated():
    """repeat, tile, repeat_interleave."""
    for counts in ((2, 1, 3), (2, 1, 1, 2), (1, 0, 1)):
        yield case(f"repeat {counts}", lambda F, x, n=counts: F.repeat(x, n), X)
    yield case("repeat by method", lambda F, x: x.repeat(2, 3), normal(2))
    yield case("repeat of 0-d", lambda F, x: F.repeat(x, (2, 2)), normal())
    for counts in ((2,), (2, 1, 3), (2, 1, 1, 2), ()):
        yield case(f"tile {counts}", lambda F, x, n=counts: F.tile(x, n) * 2, X)
    yield case("repeat_interleave", lambda F, x: F.repeat_interleave(x, 2), normal(2, 3))
    yield case("repeat_interleave along 1", lambda F, x: F.repeat_interleave(x, 3, 1), X)
    yield case("repeat_interleave along -1", lambda F, x: x.repeat_interleave(2, -1), X)
    yield case("repeat_interleave no times", lambda F, x: F.repeat_interleave(x, 0, 0), X)
    for label, counts in (("by a tensor", [2, 0, 3]), ("by one", [2])):
        call = lambda F, x, n: F.repeat_interleave(x, n, 1)  # noqa: E731
        yield case(f"repeat_interleave {label}", call, X, np.array(counts), dynamic=True)


def joined():
    """stack, hstack, vstack, meshgrid."""
    for dim in (0, 1, -1):
        call = lambda F, a, b, d=dim: F.stack([a, b, a * b], d)  # noqa: E731
        yield case(f"stack along {dim}", call, normal(2, 3), normal(2, 3))
    yield case("stack of 0-d", lambda F, a, b: F.stack((a, b)), normal(), normal())
    yield case("stack of empty", lambda F, a, b: F.stack((a, b), 1), normal(0, 2), normal(0, 2))
    for name in ("hstack", "vstack"):
        call = lambda F, a, b, name=name: getattr(F, name)([a, b]) * 2  # noqa: E731
        yield case(f"{name} of matrices", call, *((normal(3, 2),) * 2))
        yield case(f"{name} of vectors", call, *((normal(3),) * 2))
        yield case(f"{name} of 0-d", call, normal(), normal())
    for indexing in ("ij", "xy"):
        call = lambda F, a, b, c, i=indexing: tuple(y * 2 for y in F.meshgrid(a, b, c, indexing=i))  # noqa: E731
        yield case(f"meshgrid {indexing}", call, normal(2), normal(3), normal())
        yield case(
            f"meshgrid {indexing} of one", lambda F, a, i=indexing: F.meshgrid([a], indexing=i)[0] * 2, normal(3)
        )


def cut():
    """split, chunk, unbind."""
    for label, call in {
        "split": lambda F, x: F.split(x, 2, 1),
        "split exactly": lambda F, x: F.split(x, 2, -1),
        "split wide": lambda F, x: F.split(x, 9, 2),
        "split by sections": lambda F, x: x.split([1, 0, 3], 2),
        "split by default": lambda F, x: F.split(x, 1),
        "chunk": lambda F, x: F.chunk(x, 2, 1),
        "chunk more than there are": lambda F, x: F.chunk(x, 5, -1),
        "chunk into three of four": lambda F, x: x.chunk(3, 2),
        "unbind": lambda F, x: F.unbind(x),
        "unbind along -1": lambda F, x: x.unbind(-1),
    }.items():
        yield case(label, lambda F, x, f=call: tuple(y * (i + 1) for i, y in enumerate(f(F, x))), X)
    yield case("split of empty", lambda F, x: F.split(x, 2)[0] * 2, normal(0, 3))
    yield case("chunk of empty", lambda F, x: F.chunk(x, 3)[2] * 2, normal(0, 3))


def padded():
    """pad in all modes."""
    for mode in ("reflect", "replicate", "circular"):
        for shape, amounts in (
            ((2, 2, 4), (2, 1)),
            ((1, 2, 3, 4), (1, 2, 2, 0)),
            ((1, 1, 2, 3, 3), (1, 0, 2, 2, 1, 1)),
        ):
            call = lambda F, x, p=amounts, m=mode: F.pad(x, p, mode=m)  # noqa: E731
            yield case(f"pad {mode} {len(shape)}-d {amounts}", call, normal(*shape))
        yield case(f"pad {mode} cutting", lambda F, x, m=mode: F.pad(x, (-1, 1), mode=m), normal(2, 2, 4))
    yield case("pad circular all round", lambda F, x: F.pad(x, (3, 3), "circular"), normal(1, 2, 3))
    yield case("pad replicate far", lambda F, x: F.pad(x, (5, 0), "replicate"), normal(1, 2, 1))
    yield case("pad reflect of integers", lambda F, x: F.pad(x, (2, 2), "reflect"), integers(9, 1, 2, 3), oracle=False)


def windows():
    """unfold, fold, Tensor.unfold, interpolate, pixel_shuffle, pixel_unshuffle."""
    for label, size, options in (
        ("2x2", (1, 2, 3, 3), (2,)),
        ("3x2 dilated", (2, 2, 5, 5), ((3, 2), (1, 2))),
        ("padded", (1, 2, 3, 4), (3, 1, (1, 0), 1)),
        ("stride", (1, 1, 5, 6), (2, 1, 1, (2, 3))),
        ("overlapping strides", (2, 1, 4, 4), ((3, 2), 1, 0, 1)),
    ):
        yield case(f"unfold {label}", lambda F, x, o=options: F.unfold(x, *o), normal(*size))
        call = lambda F, x, s=size, o=options: F.fold(F.unfold(x, *o) * 2, s[2:], *o)  # noqa: E731
        yield case(f"fold {label}", call, normal(*size))
    yield case("unfold of one image", lambda F, x: F.unfold(x, 2), normal(2, 3, 3))
    yield case("fold of one image", lambda F, x: F.fold(x, (3, 3), 2), normal(8, 4))
    for dim, size, step in ((1, 2, 1), (-1, 3, 2), (0, 2, 3), (2, 4, 1), (1, 0, 1)):
        yield case(f"unfold_copy {dim} {size} {step}", lambda F, x, a=(dim, size, step): F.unfold_copy(x, *a) * 2, X)
    yield case("unfold_copy as a method", lambda F, x: x.unfold(0, 2, 1) * 2, normal(5))
    for shape, mode, options in (
        ((1, 2, 3), "nearest", {"size": 5}),
        ((1, 2, 3, 4), "nearest", {"scale_factor": 2}),
        ((1, 2, 5, 4), "nearest", {"scale_factor": (0.5, 1.3)}),
        ((1, 1, 2, 3, 2), "nearest", {"size": (3, 2, 1)}),
        ((1, 2, 5, 3), "nearest-exact", {"size": (3, 7)}),
        ((1, 2, 4), "linear", {"size": 7}),
        ((1, 2, 4), "linear", {"size": 7, "align_corners": True}),
        ((1, 2, 3, 4), "bilinear", {"size": (5, 2)}),
        ((1, 2, 3, 4), "bilinear", {"size": (5, 2), "align_corners": True}),
        ((2, 1, 3, 4), "bilinear", {"scale_factor": 1.7, "align_corners": False}),
        ((1, 1, 3, 3), "bilinear", {"size": (1, 3), "align_corners": True}),
        ((1, 1, 1, 1), "bilinear", {"scale_factor": 3.0}),
        ((1, 1, 2, 3, 2), "trilinear", {"size": (3, 2, 4)}),
        ((1, 2, 3, 4), "bicubic", {"size": (5, 2)}),
        ((1, 1, 5, 3), "bicubic", {"size": (7, 7), "align_corners": True}),
        ((1, 1, 3, 2), "bicubic", {"scale_factor": 1.7}),
        ((1, 2, 5), "area", {"size": 3}),
        ((2, 1, 3, 4), "area", {"size": (2, 5)}),
        ((1, 1, 4, 3, 2), "area", {"scale_factor": 0.5 + 0.25}),
    ):
        call = lambda F, x, m=mode, o=options: F.interpolate(x, mode=m, **o) * 2  # noqa: E731
        yield case(f"interpolate {mode} {shape} {options}", call, normal(*shape))
    yield case("pixel_shuffle", lambda F, x: F.pixel_shuffle(x, 2) * 2, normal(2, 8, 2, 3))
    yield case("pixel_shuffle of one image", lambda F, x: F.pixel_shuffle(x, 3) * 2, normal(9, 1, 2))
    yield case("pixel_unshuffle", lambda F, x: F.pixel_unshuffle(x, 2) * 2, normal(2, 2, 4, 6))


def modules():
    """The modules of these functions."""
    for dims, shape in ((1, (1, 2, 4)), (2, (1, 2, 3, 4)), (3, (1, 1, 3, 2, 3))):
        amounts = tuple(range(2 * dims))[::-1] if dims == 1 else (1, 0, 1, 1, 0, 1)[: 2 * dims]
        for name in ("ZeroPad", "ReflectionPad", "ReplicationPad", "CircularPad"):
            call = lambda F, x, n=f"{name}{dims}d", p=amounts: getattr(F.nn, n)(p)(x) * 2  # noqa: E731
            yield case(f"{name}{dims}d", call, normal(*shape))
            yield case(
                f"{name}{dims}d alike", lambda F, x, n=f"{name}{dims}d": getattr(F.nn, n)(1)(x) * 2, normal(*shape)
            )
        yield case(
            f"ConstantPad{dims}d", lambda F, x, n=f"ConstantPad{dims}d": getattr(F.nn, n)(2, 1.5)(x), normal(*shape)
        )
    yield case("Upsample", lambda F, x: F.nn.Upsample(scale_factor=2)(x) * 2, normal(1, 2, 2, 3))
    yield case(
        "Upsample bilinear", lambda F, x: F.nn.Upsample((3, 5), None, "bilinear", True)(x) * 2, normal(1, 2, 2, 3)
    )
    yield case("PixelShuffle", lambda F, x: F.nn.PixelShuffle(2)(x) * 2, normal(1, 4, 2, 3))
    yield case("PixelUnshuffle", lambda F, x: F.nn.PixelUnshuffle(2)(x) * 2, normal(1, 1, 2, 4))
    yield case("Unfold", lambda F, x: F.nn.Unfold(2, stride=2)(x) * 2, normal(1, 2, 4, 4))
    yield case("Fold", lambda F, x: F.nn.Fold((3, 4), 2)(x) * 2, normal(1, 4, 6))


def cases():
    """All of this file."""
    for family in (moved, repeated, joined, cut, padded, windows, modules):
        yield from family()
