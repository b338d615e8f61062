"""Cases of pooling."""

import numpy as np

from tests.functional.cases.case import apart, case, positive

TIED = np.array([[1.0, 1.0, 0.0, 2.0], [1.0, 1.0, 2.0, 2.0], [3.0, 0.0, 0.0, 0.0], [3.0, 3.0, 0.0, 0.0]]).reshape(
    1, 1, 4, 4
)


def planes():
    """max_pool2d and avg_pool2d."""
    windows = {
        "2": ((2, 2, 4, 4), {"kernel_size": 2}),
        "3 with a rest": ((1, 2, 7, 8), {"kernel_size": 3}),
        "overlapping": ((1, 2, 5, 5), {"kernel_size": 3, "stride": 1}),
        "overlapping stride 2": ((1, 2, 7, 6), {"kernel_size": 3, "stride": 2}),
        "padded": ((1, 2, 4, 5), {"kernel_size": 2, "padding": 1}),
        "padded overlapping": ((1, 2, 5, 5), {"kernel_size": 3, "stride": 2, "padding": 1}),
        "rectangular": ((2, 1, 5, 6), {"kernel_size": (1, 3), "stride": (2, 1), "padding": (0, 1)}),
        "stride beyond": ((1, 1, 7, 7), {"kernel_size": 2, "stride": 3}),
        "1": ((1, 1, 2, 3), {"kernel_size": 1}),
        "all": ((2, 2, 3, 3), {"kernel_size": 3}),
        "of no images": ((0, 2, 4, 4), {"kernel_size": 2}),
    }
    for name in ("max_pool2d", "avg_pool2d"):
        for label, (shape, options) in windows.items():
            yield case(f"{name} {label}", lambda F, x, n=name, o=options: getattr(F, n)(x, **o), apart(*shape))
    for label, (shape, options) in {
        "dilated": ((1, 2, 6, 6), {"kernel_size": 2, "stride": 2, "dilation": 2}),
        "dilated overlapping padded": ((1, 1, 7, 7), {"kernel_size": 3, "stride": 1, "padding": 1, "dilation": (2, 1)}),
    }.items():
        yield case(f"max_pool2d {label}", lambda F, x, o=options: F.max_pool2d(x, **o), apart(*shape))
    yield case("max_pool2d of ties", lambda F, x: F.max_pool2d(x, 2), TIED, smooth=False)
    yield case("max_pool2d of ties overlapping", lambda F, x: F.max_pool2d(x, 3, 1, 1), TIED, smooth=False)
    nan = np.where(TIED == 2.0, np.nan, TIED)
    yield case("max_pool2d of nan", lambda F, x: F.max_pool2d(x, 2), nan, smooth=False, oracle=False)
    yield case("max_pool2d of nan overlapping", lambda F, x: F.max_pool2d(x, 2, 1), nan, smooth=False, oracle=False)
    yield case(
        "max_pool2d of -inf", lambda F, x: F.max_pool2d(x, 2, padding=1), np.full((1, 1, 2, 2), -np.inf), smooth=False
    )


SIZES = {1: (7,), 2: (7, 6), 3: (3, 4, 6)}  # with a rest for every window below


def settings(dims):
    """What all pooling takes, by label."""
    yield "2", {"kernel_size": 2}
    yield "3 stride 2 rounded up", {"kernel_size": 3, "stride": 2, "ceil_mode": True}
    yield "2 padded rounded up", {"kernel_size": 2, "stride": 2, "padding": 1, "ceil_mode": True}
    yield "3 stride 4 rounded up beyond", {"kernel_size": 3, "stride": 4, "padding": 1, "ceil_mode": True}
    yield "by tuples", {"kernel_size": (3, 1, 2)[:dims], "stride": (2, 1, 3)[:dims], "padding": (1, 0, 1)[:dims]}


def dimensions():
    """One to three dimensions, batched and not, rounded up, with indices and counts."""
    for dims, size in SIZES.items():
        name = f"max_pool{dims}d"
        for label, options in settings(dims):
            yield case(
                f"{name} {label} of {dims}",
                lambda F, x, n=name, o=options: getattr(F, n)(x, **o, return_indices=True),
                apart(1, 2, *size),
            )
            for name_, more in ((f"avg_pool{dims}d", {}), (f"avg_pool{dims}d", {"count_include_pad": False})):
                yield case(
                    f"{name_} {label} of {dims} {'without padding' if more else ''}".rstrip(),
                    lambda F, x, n=name_, o=options | more: getattr(F, n)(x, **o),
                    apart(1, 2, *size),
                )
        yield case(
            f"{name} dilated and rounded up",
            lambda F, x, n=name: getattr(F, n)(x, 2, 2, 1, 2, ceil_mode=True, return_indices=True),
            apart(1, 2, *size),
        )
        yield case(f"{name} unbatched", lambda F, x, n=name: getattr(F, n)(x, 2), apart(2, *size))
        yield case(
            f"avg_pool{dims}d unbatched", lambda F, x, d=dims: getattr(F, f"avg_pool{d}d")(x, 2), apart(2, *size)
        )
    for dims in (2, 3):
        yield case(
            f"avg_pool{dims}d with a divisor",
            lambda F, x, d=dims: getattr(F, f"avg_pool{d}d")(x, 3, 2, 1, True, divisor_override=5),
            apart(1, 2, *SIZES[dims]),
        )
    for dims in (1, 2):
        for p in (1, 2, 3.5):
            yield case(
                f"lp_pool{dims}d {p}",
                lambda F, x, d=dims, p=p: getattr(F, f"lp_pool{d}d")(x, p, 3, 2, True),
                positive(2, 2, *SIZES[dims]),
            )


def adaptive():
    """Outputs that divide the sizes, that do not, that are more than there is, one, and None."""
    for dims, size in SIZES.items():
        for kind in ("avg", "max"):
            name = f"adaptive_{kind}_pool{dims}d"
            options = {"return_indices": True} if kind == "max" else {}
            outputs = {"one": 1, "uneven": 3, "more": 8, "the size": size, "even and uneven": (2, 3, 3)[-dims:]}
            if dims > 1:
                outputs["of the same size"] = (None, 2, 1)[:dims]
            for label, m in outputs.items():
                yield case(
                    f"{name} {label}",
                    lambda F, x, n=name, m=m, o=options: getattr(F, n)(x, m, **o),
                    apart(1, 2, *size),
                )
            yield case(f"{name} unbatched", lambda F, x, n=name: getattr(F, n)(x, 2), apart(2, *size))


def unpooling():
    """Unpooling, to the places of the maxima."""
    for dims, size in SIZES.items():
        pool, unpool = f"max_pool{dims}d", f"max_unpool{dims}d"
        for label, options, sized in (
            ("", {"kernel_size": 2}, None),
            ("with a size", {"kernel_size": 2}, size),
            ("with a whole size", {"kernel_size": 2, "stride": 3, "padding": 1}, (1, 2, *size)),
        ):
            yield case(
                f"{unpool} {label}".rstrip(),
                lambda F, x, p=pool, u=unpool, o=options, s=sized: getattr(F, u)(
                    *getattr(F, p)(x, **o, return_indices=True), **o, output_size=s
                ),
                apart(1, 2, *size),
                second="skipped" if dims == 3 else "compared",
            )


def modules():
    """Layers of pooling."""
    for dims, size in SIZES.items():
        for name, settings in (
            ("MaxPool", {"kernel_size": 3, "stride": 2, "padding": 1, "dilation": 1, "ceil_mode": True}),
            ("AvgPool", {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False}),
            ("AdaptiveAvgPool", {"output_size": 2}),
            ("AdaptiveMaxPool", {"output_size": 2}),
            *((("LPPool", {"norm_type": 3, "kernel_size": 2}),) if dims < 3 else ()),
        ):
            yield case(
                f"{name}{dims}d",
                lambda F, x, n=f"{name}{dims}d", s=settings: F.run(getattr(F.nn, n)(**s), x),
                (positive if name == "LPPool" else apart)(1, 2, *size),
            )
        yield case(
            f"MaxUnpool{dims}d",
            lambda F, x, d=dims: F.run(
                getattr(F.nn, f"MaxUnpool{d}d")(2),
                *F.run(getattr(F.nn, f"MaxPool{d}d")(2, return_indices=True), x),
            ),
            apart(1, 2, *size),
        )


def cases():
    """All of this file."""
    for family in (planes, dimensions, adaptive, unpooling, modules):
        yield from family()
