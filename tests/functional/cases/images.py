"""Cases of convolution and batch normalization."""

import numpy as np

from tests.functional.cases.case import case, normal, positive


def convolutions():
    """conv2d over kernels, strides, paddings, dilations and groups."""
    conv = lambda F, x, w, b, **options: F.conv2d(x, w, b, **options)  # noqa: E731
    for label, x, w, options in (
        ("3x3", (2, 3, 5, 5), (2, 3, 3, 3), {}),
        ("1x1", (2, 3, 4, 4), (5, 3, 1, 1), {}),
        ("1x1 stride 2", (2, 3, 5, 4), (2, 3, 1, 1), {"stride": 2}),
        ("1x1 padded", (1, 2, 3, 3), (2, 2, 1, 1), {"padding": 1}),
        ("one pixel", (1, 1, 1, 1), (1, 1, 1, 1), {}),
        ("padding 1", (2, 2, 4, 4), (3, 2, 3, 3), {"padding": 1}),
        ("stride 2", (2, 2, 7, 7), (3, 2, 3, 3), {"stride": 2}),
        ("stride 2 with a rest", (1, 2, 6, 8), (3, 2, 3, 3), {"stride": 2}),
        ("stride beyond the kernel", (1, 2, 9, 8), (2, 2, 2, 2), {"stride": 3}),
        ("stride 2 padding 1", (2, 2, 6, 5), (2, 2, 3, 3), {"stride": 2, "padding": 1}),
        ("dilation 2", (1, 2, 7, 7), (2, 2, 3, 3), {"dilation": 2}),
        ("dilation 2 padding 2 stride 2", (1, 2, 6, 6), (2, 2, 3, 3), {"dilation": 2, "padding": 2, "stride": 2}),
        ("rectangular", (2, 2, 5, 7), (2, 2, 2, 3), {"stride": (1, 2), "padding": (0, 1), "dilation": (2, 1)}),
        ("row kernel", (1, 2, 3, 33), (1, 2, 1, 5), {"padding": (0, 2)}),
        ("groups 2", (2, 4, 4, 4), (6, 2, 3, 3), {"groups": 2, "padding": 1}),
        ("groups 2 1x1", (2, 4, 3, 3), (2, 2, 1, 1), {"groups": 2}),
        ("depthwise", (1, 3, 5, 5), (6, 1, 3, 3), {"groups": 3, "stride": 2, "padding": 1}),
        ("kernel of the image's size", (2, 2, 3, 4), (3, 2, 3, 4), {}),
        ("kernel beyond the image", (1, 1, 2, 2), (1, 1, 5, 5), {"padding": 2}),
        ("empty batch", (0, 2, 4, 4), (3, 2, 3, 3), {}),
    ):
        yield case(
            f"conv2d {label}", lambda F, x, w, b, o=options: conv(F, x, w, b, **o), normal(*x), normal(*w), normal(w[0])
        )
    yield case(
        "conv2d without bias",
        lambda F, x, w: F.conv2d(x, w, stride=2, padding=1),
        normal(1, 2, 5, 5),
        normal(2, 2, 3, 3),
    )
    yield case("conv2d with constant images", conv, normal(1, 2, 4, 4), normal(2, 2, 3, 3), normal(2), fixed=(0,))


def norms():
    """batch_norm of 2-d to 4-d, in training and evaluation, with and without gamma, beta and running statistics."""
    # copies of the statistics, so that the outputs show what training wrote into them
    for label, shape in (("2-d", (5, 3)), ("3-d", (3, 2, 4)), ("4-d", (2, 3, 4, 5)), ("two values", (2, 1))):
        c = shape[1]
        statistics, affine = (normal(c), positive(c)), (positive(c), normal(c))
        full = lambda F, x, m, v, w, b: (F.batch_norm(x, m, v, w, b, training=True), m, v)  # noqa: E731
        yield case(f"batch_norm {label}", full, normal(*shape), *statistics, *affine, fixed=(1, 2))
        given = lambda F, x, m, v, w, b: F.batch_norm(x, m, v, w, b)  # noqa: E731
        yield case(f"batch_norm {label} in evaluation", given, normal(*shape), *statistics, *affine, fixed=(1, 2))
        plain = lambda F, x, m, v: (F.batch_norm(x, m, v, training=True, momentum=0.3, eps=0.1), m, v)  # noqa: E731
        yield case(f"batch_norm {label} not affine", plain, normal(*shape), *statistics, fixed=(1, 2))
        alone = lambda F, x, w, b: F.batch_norm(x, None, None, w, b, training=True)  # noqa: E731
        yield case(f"batch_norm {label} without statistics", alone, normal(*shape), *affine)
    yield case(
        "batch_norm gamma alone",
        lambda F, x, w: F.batch_norm(x, None, None, weight=w, training=True),
        normal(4, 2),
        positive(2),
    )
    yield case(
        "batch_norm beta alone",
        lambda F, x, b: F.batch_norm(x, None, None, bias=b, training=True),
        normal(4, 2),
        normal(2),
        oracle=False,
    )
    yield case(
        "batch_norm of 16 and more values",
        lambda F, x, w, b: F.batch_norm(x, None, None, w, b, True),
        normal(2, 2, 33),
        positive(2),
        normal(2),
    )
    yield case(
        "batch_norm with constant gamma",
        lambda F, x, w: F.batch_norm(x, None, None, w, training=True),
        normal(4, 2),
        positive(2),
        fixed=(1,),
    )
    yield case(
        "batch_norm of a large mean",
        lambda F, x: F.batch_norm(x, None, None, training=True),
        1e4 + np.arange(12.0).reshape(6, 2),
    )
    yield case(
        "batch_norm evaluation of one",
        lambda F, x, m, v: F.batch_norm(x, m, v),
        normal(1, 3),
        normal(3),
        positive(3),
        fixed=(1, 2),
    )
    yield case(
        "batch_norm evaluation of none",
        lambda F, x, m, v: F.batch_norm(x, m, v),
        normal(0, 3),
        normal(3),
        positive(3),
        fixed=(1, 2),
    )


def cases():
    """All of this file."""
    for family in (convolutions, norms):
        yield from family()
