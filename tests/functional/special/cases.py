"""Cases of special values: nan, infinities, and zeros with signs, beside ordinary numbers.

Huge and tiny numbers, and what differs from PyTorch by decision, are in the tests beside this file.
"""

import numpy as np

from tests.functional.cases.case import case

INF, NAN = np.inf, np.nan
SPECIAL = np.array([NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 3.0, -3.0, 6.0, 0.5, 20.0, -20.0])
LEFT, RIGHT = (x.reshape(-1) for x in np.meshgrid(SPECIAL, SPECIAL, indexing="ij"))
ROWS = np.array([
    (0, 1), (NAN, 1), (1, NAN), (INF, 1), (-INF, 1), (INF, INF), (-INF, -INF), (INF, -INF), (NAN, INF), (NAN, -INF),
    (NAN, NAN), (0, 0), (-0.0, 0), (20, 20), (-20, -20), (20, -20),
])  # fmt: skip
SMALL_INTEGERS = ("uint8", "int8", "int16", "int32", "bool")
LABELS = np.arange(len(ROWS)) % 2
UNARY = (
    "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "softplus", "logsigmoid", "hardtanh", "hardshrink",
    "softshrink", "tanhshrink", "sigmoid", "tanh", "sqrt", "rsqrt", "square", "exp", "exp2", "expm1", "log", "log2",
    "log10", "log1p", "asin", "acos", "atan", "sinh", "cosh", "asinh", "acosh", "atanh", "erf", "erfc", "floor",
    "ceil", "round", "trunc", "frac", "reciprocal",
)  # fmt: skip
POWERS = (0.0, 1.0, 2.0, 3.0, -1.0, -2.0, 0.5, -0.5, 1.5, 2.5)
BASES = (0.0, 1.0, 2.0, 0.5, -1.0)
REDUCTIONS = (
    "sum", "mean", "prod", "logsumexp", "amax", "amin", "std", "var", "cumsum", "softmax", "log_softmax",
)  # fmt: skip
LOSSES = ("mse_loss", "smooth_l1_loss", "huber_loss", "hinge_embedding_loss", "binary_cross_entropy_with_logits")


def special(id, call, *specs, **options):
    """A case without finite differences and second derivatives."""
    return case(id, call, *specs, smooth=False, second="skipped", **options)


def elements():
    """Functions of one or two operands."""
    for name in UNARY:
        yield special(f"{name} special", lambda F, x, n=name: getattr(F, n)(x), SPECIAL)
    for name in ("isnan", "isinf", "isfinite"):
        yield case(f"{name} special", lambda F, x, n=name: getattr(F, n)(x), SPECIAL, fixed=(0,))
    yield special("softplus special beta", lambda F, x: F.softplus(x, 2.0, 3.0), SPECIAL)
    yield special("threshold special", lambda F, x: F.threshold(x, 0.1, 20.0), SPECIAL)
    for low, high in ((-1.0, 1.0), (0.0, None), (None, 0.0), (-INF, INF)):
        yield special(f"clamp special {low} {high}", lambda F, x, a=low, b=high: F.clamp(x, a, b), SPECIAL)
    for p in POWERS:
        yield special(f"pow special to {p}", lambda F, x, p=p: F.pow(x, p), SPECIAL)
    for base in BASES:
        yield special(f"pow special of {base}", lambda F, x, b=base: F.pow(b, x), SPECIAL)
    for name in ("maximum", "minimum", "hypot", "atan2", "mul", "add", "div", "pow", "logaddexp"):
        yield special(f"{name} special", lambda F, a, b, n=name: getattr(F, n)(a, b), LEFT, RIGHT)
    yield special("remainder special", lambda F, a: F.remainder(a, 3.0), SPECIAL)


def reductions():
    """Functions over a dimension, of rows of two."""
    for name in REDUCTIONS:
        yield special(f"{name} special", lambda F, x, n=name: getattr(F, n)(x, 1), ROWS)
    for name in ("softmax", "log_softmax"):
        yield special(f"{name} special over columns", lambda F, x, n=name: getattr(F, n)(x, 0), ROWS.T)
    for name in ("argmax", "argmin"):
        yield case(f"{name} special", lambda F, x, n=name: getattr(F, n)(x, 1), ROWS, fixed=(0,))
    for name in ("max", "min", "median"):
        yield special(f"{name} special", lambda F, x, n=name: tuple(getattr(F, n)(x, 1)), ROWS)
        for i in (1, 5, 9, 10):
            yield special(f"{name} special of all {i}", lambda F, x, n=name: getattr(F, n)(x), ROWS[i])
    for p in (2, 3, 0.5, -1, 1.5):
        rows = ROWS[np.isfinite(ROWS).all(1)] if p == -1 else ROWS
        yield special(f"norm special {p}", lambda F, x, p=p: F.norm(x, p, 1), rows)
    for p in (1, INF, -INF):
        yield special(f"norm special {p}", lambda F, x, p=p: F.norm(x, p, 1), ROWS[~np.isnan(ROWS).any(1)])
    yield special("norm special 0", lambda F, x: F.norm(x, 0, 1), ROWS)
    zeros = np.array([[[0.0, 0, 0, 1, 2, 3]]])
    yield special("lp_pool1d special", lambda F, x: F.lp_pool1d(x, 2.0, 2), zeros)
    yield special("lp_pool1d special of 3", lambda F, x: F.lp_pool1d(x, 3.0, 3), zeros)
    for dtype in SMALL_INTEGERS:
        x = np.array([[100, 100, 7], [100, 3, 100]]).astype(dtype)
        for name in ("sum", "prod", "cumsum", "cumprod"):
            yield case(f"{name} of small {dtype}", lambda F, x, n=name: getattr(F, n)(x, 1), x)
        for name in ("sum", "prod"):
            yield case(f"{name} of all small {dtype}", lambda F, x, n=name: getattr(F, n)(x), x)


def losses():
    """Losses of each element, and of rows."""
    for name in LOSSES:
        yield special(f"{name} special", lambda F, x, t, n=name: getattr(F, n)(x, t, reduction="none"), LEFT, RIGHT)
    yield special("kl_div special", lambda F, x, t: F.kl_div(x, t, reduction="none"), LEFT, RIGHT, fixed=(1,))
    probabilities = np.array([0.0, 1.0, 0.5, 1e-40, 1e-9])
    yield special("binary_cross_entropy special", lambda F, x, t: F.binary_cross_entropy(x, t, reduction="none"),
                  *(x.reshape(-1) for x in np.meshgrid(probabilities, probabilities)))  # fmt: skip
    for reduction in ("none", "sum"):
        call = lambda F, x, t, r=reduction: F.cross_entropy(x, t, reduction=r)  # noqa: E731
        yield special(f"cross_entropy special {reduction}", call, ROWS, LABELS)
    for i, row in enumerate(ROWS):
        yield special(f"cross_entropy special {i}", lambda F, x, t: F.cross_entropy(x, t), row[None], LABELS[i : i + 1])


def cases():
    """All of this file."""
    for family in (elements, reductions, losses):
        yield from family()
