"""Raw arguments for every kernel slot: small ones, sizes where blocks begin and end, and enough to fill threads."""

import numpy as np

from tests.functional.kernels.attention_cases import attention_cases
from tests.functional.kernels.conv_cases import conv_cases, images_behind
from tests.functional.kernels.index_cases import index_cases
from tests.functional.kernels.loss_cases import SPECIAL, SPECIAL_ROWS, loss_cases
from tests.functional.kernels.norm_cases import LAYOUTS, behind, norm_cases
from tests.functional.kernels.pointwise_cases import pointwise_cases
from tests.functional.kernels.random_cases import random_cases
from tests.functional.kernels.recurrence_cases import both_directions, recurrences
from tests.functional.kernels.update_cases import update_cases
from xdl.functional.conv.conv import Geometry
from xdl.functional.elementwise.add_relu import add_relu_pair

SMALL_ROWS = ((1, 1), (3, 5), (2, 31), (4, 32), (5, 33), (1, 1000))
MANY_ROWS = (1100, 133)  # more than 2**17 elements, and no multiple of any block
WINDOWS = {
    "2x2": ((3, 2, 6, 8), (2, 2), Geometry((2, 2), (0, 0), (1, 1), 1)),
    "2x2 with a rest": ((3, 2, 7, 9), (2, 2), Geometry((2, 2), (0, 0), (1, 1), 1)),
    "overlapping": ((2, 3, 7, 6), (3, 2), Geometry((1, 2), (0, 0), (1, 1), 1)),
    "apart": ((2, 1, 9, 9), (2, 2), Geometry((3, 4), (0, 0), (1, 1), 1)),
    "dilated": ((2, 2, 8, 8), (2, 2), Geometry((2, 2), (0, 0), (2, 3), 1)),
    "padded": ((2, 2, 5, 5), (3, 3), Geometry((2, 2), (1, 1), (1, 1), 1)),
    "padded by 1": ((2, 3, 9, 8), (3, 2), Geometry((2, 1), (1, 1), (1, 1), 1)),
    "padded in rows": ((2, 3, 8, 7), (3, 2), Geometry((2, 1), (1, 0), (1, 1), 1)),
    "padded, apart": ((2, 3, 7, 7), (2, 2), Geometry((2, 2), (1, 1), (1, 1), 1)),
    "padded, dilated": ((2, 3, 9, 9), (3, 3), Geometry((2, 3), (1, 1), (3, 2), 1)),
    "3x3 by 2": ((3, 2, 17, 19), (3, 3), Geometry((2, 2), (1, 1), (1, 1), 1)),
    "3x3 by 1": ((2, 3, 8, 16), (3, 3), Geometry((1, 1), (1, 1), (1, 1), 1)),
    "3x3 by 2 of many rows": ((1, 2, 150, 70), (3, 3), Geometry((2, 2), (1, 1), (1, 1), 1)),
    "5x4 by 3": ((2, 3, 11, 33), (5, 4), Geometry((2, 3), (2, 1), (1, 1), 1)),
    "1x7 and a row": ((2, 3, 1, 30), (1, 7), Geometry((1, 2), (0, 3), (1, 1), 1)),
    "2x3 by 5": ((3, 2, 6, 29), (2, 3), Geometry((2, 5), (0, 1), (1, 1), 1)),
    "all at once": ((3, 2, 6, 9), (6, 9), Geometry((6, 9), (0, 0), (1, 1), 1)),
    "no image": ((0, 2, 4, 4), (2, 2), Geometry((2, 2), (0, 0), (1, 1), 1)),
    "many blocks": ((7, 5, 65, 62), (2, 2), Geometry((2, 2), (0, 0), (1, 1), 1)),
}


def kernel_cases(draw, ids):
    """{slot name: maker of {case name: arguments}}; draw(*shape) gives normal values, ids(high, n) gives int64."""
    rows = {str(shape): shape for shape in (*SMALL_ROWS, MANY_ROWS)}

    return {
        "relu": lambda: {str(shape): (draw(*shape),) for shape in ((), (0,), (33,), (3, 4, 5), (32769,), (3, 100_001))}
        | {
            f"{shape} {layout}": (arrange(draw(*shape)),)
            for shape in ((2, 3, 4, 5), (3, 32, 33, 31))
            for layout, arrange in LAYOUTS.items()
        }
        | {"special values": (SPECIAL,), "special values in blocks": (np.resize(SPECIAL, (2, 150_000)),)},
        "clip": lambda: {
            f"{shape} {low} {high}": (draw(*shape), low, high)
            for shape in ((), (0,), (33,), (3, 4, 5), (5, 31, 61), (8193,))
            for low, high in ((-0.5, None), (None, 0.25), (-0.5, 0.25))
        }
        | {"special values": (np.resize(SPECIAL, 9000), -0.5, 0.25)},
        "gelu": lambda: {
            f"{shape} {form}": (draw(*shape) * 3, form)
            for shape in ((), (0,), (33,), (3, 4, 5), (3, 50_001))
            for form in ("none", "tanh")
        }
        | {f"special values {form}": (SPECIAL, form) for form in ("none", "tanh")},
        add_relu_pair.name: lambda: {
            **{str(shape): (draw(*shape), draw(*shape)) for shape in ((), (0,), (33,), (3, 100_001))},
            "special values": (SPECIAL, SPECIAL[::-1].copy()),
        },
        "division": lambda: {
            f"{operation} {label}": (draw(3, 4), operation, *operands)
            for operation in ("floor_divide", "remainder", "fmod")
            for label, operands in (
                ("", (draw(3, 4), draw(3, 4))), ("by number", (draw(3, 4), 0.3)), ("of number", (-7.5, draw(3, 4))),
                ("broadcast", (draw(3, 1), draw(4))), ("none", (draw(0, 2), draw(2))),
                ("special", tuple(x.reshape(-1) for x in np.meshgrid(SPECIAL[:6], SPECIAL[:6]))),
            )
        },
        "linear": lambda: {
            label: (draw(n, i), draw(o, i), draw(o) if bias else None)
            for label, n, i, o, bias in (
                ("3x4 to 5", 3, 4, 5, True), ("without bias", 31, 33, 32, False), ("none", 0, 2, 3, True),
                ("2 rows", 2, 256, 257, True), ("small batch", 65, 400, 200, True),
                ("small batch without bias", 31, 333, 300, False),
            )
        },
        "linear_activation": lambda: {
            f"{n}x{i} to {o}, {f[0]}{'' if bias else ' without bias'}": (draw(n, i), draw(o, i), bias and draw(o), f)
            for n, i, o, bias in (
                (3, 4, 5, True), (13, 40, 70, True), (7, 3, 33, None), (0, 2, 3, True), (65, 400, 200, True),
            )
            for f in (("relu",), ("gelu",), ("gelu_tanh",), ("leaky_relu", 0.2))
        },
        "matmul": lambda: {
            f"{a} {b}": (draw(*a), draw(*b))
            for a, b in (
                ((3, 4), (4, 5)), ((2, 3, 4), (4, 5)), ((1, 3, 4), (6, 4, 1)), ((5, 1, 3, 2), (2, 2, 3)),
                ((0, 2), (2, 3)),
            )
        },
        "softmax": lambda: {
            **{label: (draw(*shape) * 10, 1) for label, shape in rows.items()},
            "first dim": (draw(4, 5), 0), "3-d": (draw(3, 4, 33), 2), "middle": (draw(3, 4, 5), 1),
            "special values": (SPECIAL_ROWS, 1),
        },
        "log_softmax": lambda: {
            **{label: (draw(*shape) * 10, 1) for label, shape in rows.items()},
            "first dim": (draw(4, 5), 0), "3-d": (draw(3, 4, 33), 2), "middle": (draw(3, 4, 5), 1),
            "special values": (SPECIAL_ROWS, 1),
        },
        "cumsum": lambda: {
            f"{shape} {d} reverse {reverse}": (draw(*shape), d, reverse)
            for shape, d in (((3, 5), 1), ((4, 3, 2), 0), ((2, 3, 33), 1), ((0, 3), 0), ((1, 300), 1), ((2, 0), 1))
            for reverse in (False, True)
        },
        "running_best": lambda: {
            f"{shape} {d} largest {largest}": (draw(*shape).round(), d, largest)
            for shape, d in (((3, 5), 1), ((4, 3, 2), 0), ((2, 3, 33), 1), ((0, 3), 1), ((1, 300), 1))
            for largest in (False, True)
        }
        | {"special values": (SPECIAL, 0, True), "nan": (np.where(draw(9, 32) > 1, np.nan, draw(9, 32)), 1, False)},
        "running": lambda: {
            f"{shape} {d} {operation}": (draw(*shape), d, operation)
            for shape, d in (((3, 5), 1), ((4, 3, 2), 0), ((2, 3, 33), 1), ((0, 3), 0), ((1, 300), 1), ((2, 0), 1))
            for operation in ("prod", "logsumexp")
        },
        "linear_scan": lambda: {
            f"{shape} {d} reverse {back}": (draw(*shape), draw(*shape[:d], shape[d] - 1, *shape[d + 1 :]), d, back)
            for shape, d in (((3, 5), 1), ((4, 3, 2), 0), ((2, 3, 33), 1), ((1, 300), 1), ((2, 1), 1), ((0, 3), 1))
            for back in (False, True)
        },
        "resample": lambda: {
            f"{mode} {sizes} {adjoint}": (
                draw(2, 3, *(size[adjoint] for size in sizes)),
                tuple((mode, n, m, n / m, False) for n, m in sizes), adjoint,
            )
            for mode in ("nearest", "linear", "bicubic", "smooth-bilinear", "smooth-bicubic")
            for sizes in (((5, 8),), ((4, 2), (3, 6)), ((2, 3), (3, 3), (4, 2)), ((1, 4), (3, 2)))
            for adjoint in (False, True)
        },
        "pad": lambda: {
            f"{mode} {shape} {pairs}": (draw(*shape), pairs, mode, 1.5)
            for mode in ("constant", "reflect", "replicate", "circular")
            for shape, pairs in (
                ((2, 3, 5), ((0, 0), (1, 2), (3, -1))), ((3, 4, 2), ((0, 0), (2, 1), (0, 0))), ((5,), ((-2, 2),)),
                ((2, 3, 3, 2, 3), ((0, 0), (0, 0), (2, 1), (1, 1), (0, 2))), ((0, 3), ((0, 0), (1, 1))),
                ((5,), ((-2, -3),)), ((2, 2, 2, 2), ((1, 0), (0, 1), (1, 1), (1, 0))),
            )
        },
        "max_pool2d": lambda: {label: (draw(*x), kernel, g) for label, (x, kernel, g) in WINDOWS.items()}
        | {
            "ties": (draw(2, 2, 4, 4).round(), (2, 2), WINDOWS["2x2"][2]),
            "ties of 3x3": (draw(2, 2, 9, 17).round(), *WINDOWS["3x3 by 2"][1:]),
            "ties of 5x4": (draw(2, 2, 11, 33).round(), *WINDOWS["5x4 by 3"][1:]),
            **{
                f"{label}, {layout}": (arrange(draw(*x)), kernel, g)
                for label, (x, kernel, g) in WINDOWS.items()
                for layout, arrange in LAYOUTS.items()
            },
            **wide_pools(draw),
        },
        "avg_pool2d": lambda: {
            f"{label} {layout}": (arrange(draw(*x)), kernel, g)
            for label, (x, kernel, g) in WINDOWS.items()
            for layout, arrange in (("", lambda x: x), *LAYOUTS.items())
        }
        | wide_pools(draw),
        **norm_cases(draw, rows.values()),
        **random_cases(draw, ids),
        "recurrence": lambda: recurrences(draw),
        "both_directions": lambda: both_directions(draw),
        **index_cases(draw, ids),
        **conv_cases(draw),
        **attention_cases(draw),
        **loss_cases(draw, ids, rows),
        **pointwise_cases(draw, LAYOUTS.values()),
        **update_cases(draw),
    }  # fmt: skip


def wide_pools(draw):
    """{name: arguments} of pooling with 17 channels, or images, side by side."""
    return {
        f"{label}, 17 {layout}": (arrange(draw(*shape, *x[2:])), kernel, g)
        for label, (x, kernel, g) in WINDOWS.items()
        if label not in ("no image", "many blocks")
        for layout, arrange, shape in (("channels", behind, (x[0], 17)), ("images", images_behind, (17, x[1])))
    }
