"""Raw arguments for the slots that read and write by index."""

import numpy as np

from tests.functional.kernels.loss_cases import SPECIAL


def index_cases(draw, ids):
    """{slot name: maker of {case name: arguments}}; draw(*shape) gives normal values, ids(high, n) gives int64."""

    def orders():
        """Shapes, dimensions, and which two elements along them come first, in every row."""
        for shape, dim in (((5,), 0), ((3, 7), 1), ((4, 3, 5), 1), ((300, 20), 0)):
            yield shape, dim, np.argsort(draw(*shape), dim).take((0, 1), dim)

    return {
        "embedding": lambda: {
            "5x3": (draw(5, 3), ids(5, 7)),
            "none": (draw(5, 3), ids(5, 0)),
            "a row of one": (draw(5, 1), ids(5, 7)),
            "many of two": (draw(2, 17), ids(2, 40)),
        },
        "sum_at": lambda: {
            f"{a}x{n}x{b} of {v}": (draw(a, n, b), ids(v, n), v)
            for a, n, v, b in (
                (1, 0, 3, 2), (1, 33, 4, 3), (2, 5, 100, 2), (1, 3000, 50, 31), (3, 33, 8, 2), (2, 40, 30, 1),
                (1, 300, 70_000, 2), (1, 0, 3, 1), (1, 1, 1, 1), (1, 330, 40, 1),
            )
        },
        "along": lambda: {
            f"{shape} {dim}": (draw(*shape), order, dim)
            for shape, dim, order in orders()
        },
        "put_along": lambda: {
            f"{shape} {dim}": (draw(*order.shape), order, dim, shape[dim])
            for shape, dim, order in orders()
        },
        "top_indices": lambda: {
            "largest": (draw(3, 33), 5, 1, True), "smallest": (draw(33, 3), 8, 0, False), "one": (draw(4), 1, 0, True),
            "ties": (draw(5, 31).round(), 4, 1, True), "ties down": (draw(2, 31, 5).round(), 4, 1, False),
            **{
                f"{shape} {k} {largest}": (draw(*shape).round(1), k, 1, largest)
                for shape, k in (((3, 64), 16), ((2, 65), 64), ((4, 1000), 7), ((2, 9), 9), ((2, 200), 70))
                for largest in (False, True)
            },
            "special values": (np.tile(SPECIAL, (3, 9)) * [[1], [-1], [0.5]], 17, 1, True),
            "neighbours": (1 + np.finfo(draw().dtype).eps * np.arange(400, dtype=draw().dtype)[None], 5, 1, True),
            "special values down": (np.tile(SPECIAL, (3, 9)) * [[1], [-1], [0.5]], 17, 1, False),
            "no rows": (draw(0, 9), 2, 1, True), "nan": (np.where(draw(9, 32) > 1, np.nan, draw(9, 32)), 3, 1, True),
        },
        "put_items": lambda: {
            "rows": (draw(5, 3), (ids(5, 2), slice(0, 3, 1)), draw(2, 3)),
            "elements": (draw(5, 3), (ids(5, 2)[:, None], ids(3, 4)), draw(4)),
            "the same places twice": (draw(5), (ids(3, 9),), draw(9)),
            "nothing": (draw(5, 3), (ids(5, 0), slice(0, 3, 1)), 1.0),
        },
    }  # fmt: skip
