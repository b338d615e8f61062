"""Raw arguments for the slots of normalization."""

# ruff: noqa: ARG005

import numpy as np

from tests.functional.kernels.conv_cases import images_behind

LARGE = (9, 5, 3001)  # two blocks for batch norm


def behind(x):
    """x (N, C, ...) in channels-last memory."""
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1)


LAYOUTS = {"channels last": behind, "CHWN": images_behind}
NORM_LAYOUTS = {"": np.asarray, **LAYOUTS}


def norm_cases(draw, rows):
    """As `kernel_cases`; rows: shapes of rows for layer norm."""
    return {
        "layer_norm": lambda: {
            f"{shape} {label}": (draw(*shape) * 3 + 1, *affine(shape[1]), 1e-5)
            for shape in rows
            for label, affine in (
                ("", lambda d: (draw(d), draw(d))),
                ("plain", lambda d: (None, None)),
                ("gamma alone", lambda d: (draw(d), None)),
            )
        },
        "rms_norm": lambda: {
            f"{shape} {k}": (draw(*shape) + 1, gamma and draw(*shape[-k:]), k, 1e-5)
            for shape, k, gamma in (((3, 5), 1, True), ((2, 3, 4), 2, True), ((2, 3, 4), 1, None), ((2, 1100), 1, True))
        },
        "group_norm": lambda: {
            f"{shape} in {groups} {label}": (draw(*shape) * 3 + 1, *affine(shape[1]), groups, 1e-5)
            for shape, groups in (((2, 6, 2, 2), 3), ((3, 4), 1), ((1, 4, 33), 4), ((2, 4, 300), 2), ((3, 8, 9001), 4))
            for label, affine in (
                ("", lambda c: (draw(c), draw(c))),
                ("plain", lambda c: (None, None)),
                ("gamma alone", lambda c: (draw(c), None)),
                ("beta alone", lambda c: (None, draw(c))),
            )
        },
        "batch_norm_activation": lambda: {
            f"{shape} {f[0]} {label} {layout}": (arrange(draw(*shape)), *given(shape[1]), 1e-5, f)
            for shape in ((5, 3, 1), (2, 3, 16), (3, 1, 33), LARGE)
            for f in (("relu",), ("leaky_relu", 0.2), ("gelu",))
            for layout, arrange in NORM_LAYOUTS.items()
            for label, given in (
                ("", lambda c: (draw(c), draw(c), None, None)),
                ("plain", lambda c: (None,) * 4),
                ("given", lambda c: (draw(c), draw(c), draw(c), abs(draw(c)) + 0.1)),
            )
            if shape != LARGE or label == ""
        },
        "batch_norm_add_relu": lambda: {
            f"{shape} {label} {layout}": (arrange(draw(*shape)), *affine(shape[1], other(draw(*shape))), 1e-5)
            for shape in ((5, 3, 1), (2, 3, 16), (3, 1, 33), LARGE)
            for layout, (arrange, other) in {
                **{name: (arrange, arrange) for name, arrange in NORM_LAYOUTS.items()},
                "of both": (behind, np.asarray),
            }.items()
            for label, affine in (
                ("", lambda c, r: (draw(c), draw(c), r, None, None)),
                ("plain", lambda c, r: (None, None, r, None, None)),
                ("given", lambda c, r: (draw(c), draw(c), r, draw(c), abs(draw(c)) + 0.1)),
            )
            if shape != LARGE or label == ""
        },
        "batch_norm": lambda: (
            {
                f"{shape} {label} {layout}{far}": (
                    arrange(draw(*shape) + mean),
                    *affine(shape[1]),
                    *moments(shape[1], mean),
                    1e-5,
                )
                for shape in ((5, 3, 1), (2, 3, 16), (3, 1, 33), (1, 2, 40), LARGE)
                for far, mean in (("", 0), (" far from zero", 6))
                for layout, arrange in (("", lambda x: x), ("channels last", behind))
                for label, affine, moments in (
                    ("", lambda c: (draw(c), draw(c)), lambda c, mean: (None, None)),
                    ("plain", lambda c: (None, None), lambda c, mean: (None, None)),
                    ("gamma alone", lambda c: (draw(c), None), lambda c, mean: (None, None)),
                    ("given", lambda c: (draw(c), draw(c)), lambda c, mean: (draw(c) + mean, abs(draw(c)) + 0.1)),
                    ("given plain", lambda c: (None, None), lambda c, mean: (draw(c) + mean, abs(draw(c)) + 0.1)),
                )
                if (shape != LARGE or label in ("", "given plain")) and (not far or shape in ((2, 3, 16), LARGE))
            }
            | {
                f"{shape} CHWN{' given' * given}": (
                    images_behind(draw(*shape) + 1),
                    draw(c),
                    draw(c),
                    *((draw(c), abs(draw(c)) + 1) if given else (None, None)),
                    1e-5,
                )
                for shape in ((5, 3, 1), (2, 3, 16), LARGE)
                for c in shape[1:2]
                for given in (False, True)
            }
        ),
    }
