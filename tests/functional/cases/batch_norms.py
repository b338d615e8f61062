"""Cases of batch normalization."""

import numpy as np

from tests.functional.cases.case import case, normal, positive


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
    yield from norms()
