"""Raw arguments for the slots of optimizer steps, each option on and off, and for those that take all parts at once."""

from math import inf

import numpy as np

from xdl.optim.adafactor import Place
from xdl.optim.muon import MuonPlace

SIZES = (1, 33, 12_345)
MUTATING = {  # the places of the arguments that a step writes
    "addition": (0,),
    "sgd_update": (0, 2),
    "adam_update": (0, 2, 3, 4),
    "adamax_update": (0, 2, 3),
    "adagrad_update": (0, 2),
    "adadelta_update": (0, 2, 3),
    "rmsprop_update": (0, 2, 3, 4),
    "rprop_update": (0, 2, 3),
    "asgd_update": (0, 2),
    "adafactor_update": (0, 2, 3, 4),
    "muon_update": (0, 2),
    "put_items": (0,),
    "move_running": (0, 1, 2),
    "copy_parts": (1,),
    "parts_norm": (0,),
    "scale_parts": (1,),
    "limit_parts": (0, 1),
}


def update_cases(draw):
    """{slot name: maker of {case name: arguments}}; draw(n) gives normal values."""

    def none(n):
        return None

    def large(n):
        return abs(draw(n)) + 2

    def squares(n):
        return abs(draw(n))

    def lost(n):
        x = large(n)
        x[::3] = np.nan
        return x

    def afar(n):
        return draw(n) * 1e20

    def parts(count):
        return [draw(*((3, 4), (5,), (), (0, 2), (40, 26))[i % 5]) for i in range(count)]

    def case(n, arguments, option):
        parts = [draw(m) for m in (n // 3, n - n // 3) if m]
        return draw(n), parts, *arguments(n, *option)

    def sized(options, arguments):
        """A maker of a case for each size and option; p and the parts of the gradient come first."""
        return lambda: {f"{n} {label}": case(n, arguments, option) for n in SIZES for label, *option in options}

    return {
        "sgd_update": sized(
            (
                ("plain", none, True, 0.0, 0.0, 0.0, False, False),
                ("decay", none, False, 0.0, 0.0, 0.1, False, False),
                ("maximize", none, False, 0.0, 0.0, 0.1, False, True),
                ("first", draw, True, 0.9, 0.2, 0.1, False, False),
                ("momentum", draw, False, 0.9, 0.2, 0.1, False, False),
                ("nesterov", draw, False, 0.9, 0.0, 0.0, True, False),
                ("first nesterov", draw, True, 0.9, 0.0, 0.1, True, False),
                ("nesterov maximize", draw, False, 0.9, 0.0, 0.0, True, True),
            ),
            lambda n, b, first, *more: (b(n), first, 0.1, *more),
        ),
        "adam_update": sized(
            (
                ("first", none, 0.1, 0.0, 0.1, 0.0, 1.0, False),
                ("decay", none, 0.02, 0.0, 0.3, 0.1, 1.0, False),
                ("both decays", none, 0.01, 0.0, 0.9, 0.1, 0.5, False),
                ("lost v", lost, 0.01, 0.0, 0.9, 0.0, 1.0, False),
                ("decoupled", none, 0.01, 0.0, 0.999, 0.0, 0.999, False),
                ("maximize", none, 0.01, 0.0, 0.999, 0.1, 1.0, True),
                ("largest v", large, 0.01, 0.0, 0.9, 0.0, 1.0, False),
                ("ahead", none, 0.01, 0.02, 0.9, 0.0, 0.99, True),
                ("plain step", none, 0.01, 0.0, None, 0.1, 1.0, False),
            ),
            lambda n, largest, rate, ahead, root, decay, shrink, maximize: (
                *(draw(n), squares(n), largest(n), rate, ahead, root),
                *(0.9, 0.99, 1e-8, decay, shrink, maximize),
            ),
        ),
        "adamax_update": sized(
            (
                ("plain", squares, 0.0, False),
                ("decay", squares, 0.1, False),
                ("maximize", squares, 0.1, True),
                ("lost u", lost, 0.0, False),
            ),
            lambda n, u, *more: (draw(n), u(n), 0.02, 0.9, 0.99, 1e-3, *more),
        ),
        "adagrad_update": sized(
            (("plain", 0.0, False), ("decay", 0.1, False), ("maximize", 0.0, True)),
            lambda n, *more: (squares(n), 0.1, 1e-3, *more),
        ),
        "adadelta_update": sized(
            (("plain", 0.0, False), ("decay", 0.1, False), ("maximize", 0.1, True)),
            lambda n, *more: (squares(n), squares(n), 0.5, 0.9, 1e-3, *more),
        ),
        "rmsprop_update": sized(
            (
                ("plain", none, none, 0.0, 0.0, False),
                ("momentum", none, draw, 0.1, 0.9, False),
                ("centered", lambda n: draw(n) * 0.1, none, 0.0, 0.0, True),
                ("centered momentum", lambda n: draw(n) * 0.1, draw, 0.1, 0.9, False),
            ),
            lambda n, a, b, decay, momentum, maximize: (
                *(large(n), a(n), b(n)),
                *(0.1, 0.9, 1e-3, decay, momentum, maximize),
            ),
        ),
        "asgd_update": sized(
            (
                ("plain", draw, 1.0, 0.0, False),
                ("from afar", afar, 1.0, 0.0, False),
                ("averaged", draw, 0.25, 0.1, False),
                ("maximize", draw, 0.5, 0.1, True),
            ),
            lambda n, a, *more: (a(n), 0.98, 0.1, *more),
        ),
        "adafactor_update": lambda: {
            f"{sizes} {label}": (draw(p), [draw(32), draw(p - 32)], squares(r), squares(c), squares(v), places, *more)
            for sizes, p, r, c, v, places in (
                (
                    "33 rows",
                    600,
                    64,
                    40,
                    16,
                    (
                        Place(0, 1, 1, 7, 0, 0),
                        Place(32, 1, 33, 15, 8, 7),
                        Place(528, 6, 3, 2, 41, 22),
                        Place(576, 1, 5, 1, 0, -1),
                    ),
                ),
                (
                    "9000 vectors and kernels",
                    9000,
                    700,
                    700,
                    300,
                    (
                        Place(0, 1, 20, 1, 0, -1),
                        Place(32, 6, 3, 2, 0, 16),
                        Place(80, 1, 1, 1, 32, -1),
                        Place(96, 1, 70, 100, 48, 80),
                        Place(8000, 1, 250, 1, 40, -1),
                    ),
                ),
                ("16 none", 64, 1, 1, 1, ()),
            )
            for label, *more in (
                ("first", 0.8, 0.1, 1.0, 1e-7, 1e-3, 1.0, False),
                ("decay", 0.3, 0.05, 0.9, 1e-3, 0.5, 1.3, False),
                ("maximize", 0.3, 0.05, 1.0, 1e-7, 1e-3, 1.0, True),
            )
        },
        "muon_update": lambda: {
            f"{sizes} {label}": (draw(p), [draw(48), draw(p - 48)], draw(p), places, *more)
            for sizes, p, places in (
                ("33 columns", 560, (MuonPlace(0, 7, 5), MuonPlace(48, 15, 33))),
                (
                    "9000 alike",
                    9000,
                    (MuonPlace(0, 5, 7), MuonPlace(48, 70, 20), MuonPlace(1600, 5, 7), MuonPlace(2000, 100, 70)),
                ),
                ("16 none", 64, ()),
            )
            for label, *more in (
                ("nesterov", 0.9, True, 0.99, 0.1, False, (3.4445, -4.775, 2.0315), 5, 1e-7),
                ("plain", 0.7, False, 1.0, 0.1, True, (2.0, -1.5, 0.5), 2, 10.0),
                ("no steps", 0.9, True, 1.0, 0.1, False, (2.0, -1.5, 0.5), 0, 1e-7),
            )
        },
        "move_running": lambda: {
            f"{n} {count}": (draw(n), squares(n), count and np.asarray(count), draw(n), squares(n), momentum, 1.25)
            for n, momentum in ((1, 0.1), (33, 1.0), (700, 0.01))
            for count in (None, 7)
        },
        "copy_parts": lambda: {str(count): (draw(1), parts(count), parts(count)) for count in (0, 1, 16, 24)},
        "parts_norm": lambda: {
            f"{count} p={p}": (draw(), parts(count), p) for count in (1, 16, 24) for p in (1, 2, 2.5, inf)
        },
        "scale_parts": lambda: {
            f"{count} {norm} {limit}": (np.full_like(draw(), norm), parts(count), limit)
            for count in (1, 16, 24)
            for norm, limit in ((2.0, 0.5), (0.25, 0.5), (inf, 1.0), (0.0, 0.0))
        },
        "limit_parts": lambda: {
            f"{count} {limit}": (draw(33), parts(count), limit) for count in (1, 16, 24) for limit in (0.3, 0.0, inf)
        },
        "rprop_update": sized(
            (("plain", False), ("maximize", True)),
            lambda n, maximize: (draw(n), squares(n), (0.5, 1.2), (0.1, 2.0), maximize),
        ),
    }
