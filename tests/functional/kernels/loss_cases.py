"""Raw arguments for the slots of losses."""

import numpy as np

SPECIAL = np.array([np.nan, -np.nan, np.inf, -np.inf, 0.0, -0.0, 1e30, -1e30, 1e-40, 88.0, -88.0, 100.0, -100.0, 1.0])
SPECIAL_ROWS = np.array([(a, b) for a in SPECIAL for b in SPECIAL])
PLAIN = (None, -100, 0.0, "mean", False)  # of cross entropy: the mean of logits


def loss_cases(draw, ids, rows):
    """{slot name: maker of {case name: arguments}}, as `kernel_cases`; rows: {label: shape}."""
    return {
        "cross_entropy": lambda: {
            **{label: (draw(*shape) * 10, ids(shape[1], shape[0]), *PLAIN) for label, shape in rows.items()},
            "wide": (draw(3, 70_000), ids(70_000, 3), *PLAIN), "large": (draw(3, 4) * 1e4, ids(4, 3), *PLAIN),
            "ignoring": (draw(9, 4), ids(5, 9) - 1, None, -1, 0.0, "mean", False),
            "ignoring a class": (draw(1100, 133), ids(133, 1100), None, 7, 0.0, "mean", False),
            "ignoring all": (draw(2, 3), ids(1, 2) - 5, None, -5, 0.0, "mean", False),
            "special values": (SPECIAL_ROWS, ids(2, len(SPECIAL_ROWS)), *PLAIN),
            **{
                f"{shape} weights {weighted} smoothing {e} {reduction} logs {logs}": (
                    draw(*shape), ids(shape[1], shape[0]), abs(draw(shape[1])) if weighted else None,
                    1, e, reduction, logs,
                )
                for shape in ((5, 3), (9, 70))
                for weighted in (False, True)
                for e in (0.0, 0.2)
                for reduction in ("mean", "sum", "none")
                for logs in (False, True)
            },
            "no weight": (draw(2, 3), ids(1, 2), np.array([0.0, 1.0, 1.0], draw().dtype), -100, 0.0, "mean", False),
            "no row": (draw(0, 3), ids(3, 0), None, -100, 0.1, "none", False),
            "huge": (np.array([[1e30, 1e30], [-1e30, -1e30], [1e30, 3.0]]), np.array([0, 1, 0]), *PLAIN),
        },
        "element_loss": lambda: {
            f"{kind} {reduction} {shape}": (draw(*shape), draw(*shape), kind, 0.7, scale, reduction)
            for kind, scale in (("mse", 1.0), ("l1", 1.0), ("huber", 1 / 0.7), ("logits", 1.0))
            for reduction, shape in (("mean", (33,)), ("sum", (3, 4, 5)), ("none", (5, 7)), ("mean", (3, 3001)))
        }
        | {
            f"{kind} {reduction} {shape} w {w} p {p}": (
                inside(draw(*shape)), inside(draw(*shape)), kind, 0.7, 1.0, reduction,
                w and abs(draw(*w)), p and abs(draw(*p)),
            )
            for kind, w, p in (
                ("binary", None, None), ("binary", (7,), None), ("mse", (5, 1), None), ("logits", (5, 7), None),
                ("logits", None, (1, 7)), ("logits", (1,), (5, 1)), ("logits", (2, 5, 7), (5, 7)),
            )
            for reduction, shape in (("mean", (2, 5, 7)), ("none", (2, 5, 7)))
        },
    }  # fmt: skip


def inside(x):
    """Numbers in (0, 1)."""
    return 1 / (1 + np.exp(-x))
