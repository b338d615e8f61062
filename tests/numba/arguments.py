"""Arguments of slots that compiled versions are tried with, of any length."""

from functools import partial
from math import inf

import numpy as np

from tests.functional.kernels.conv_cases import images_behind
from tests.functional.kernels.kernel_cases import WINDOWS
from tests.functional.kernels.loss_cases import PLAIN
from tests.functional.kernels.norm_cases import behind
from tests.functional.kernels.pointwise_cases import GRADIENTS, VALUES
from xdl.functional.attention.attention_pair import NO_DROPOUT
from xdl.functional.elementwise import activation
from xdl.optim.adafactor import Place
from xdl.optim.muon import MuonPlace

PADDED = WINDOWS["padded by 1"][1:]
ADAM = (0.02, 0.01, 0.3, 0.9, 0.99, 1e-8, 0.1, 0.99, True)


def arguments(slot, draw, n):
    """Arguments with n elements, or with 3 rows of n."""
    makers = {
        "relu": lambda: [(draw(n),)],
        "add_relu": lambda: [(draw(n), draw(n))],
        "gelu": lambda: [(draw(n) * 3, form) for form in ("none", "tanh")],
        "softmax": lambda: [(draw(3, n) * 9, 1)],
        "log_softmax": lambda: [(draw(3, n) * 9, 1)],
        "cross_entropy": lambda: [(draw(3, n) * 9, np.array([0, n - 1, n // 2]), *PLAIN)],
        "linear": lambda: [
            (x, w, draw(len(w)) if bias else None)
            for x, w in ((draw(n, 5), draw(7, 5)), (draw(13, 40), draw(n, 40)), (draw(4, n), draw(9, n)))
            for bias in (True, False)
        ],
        "linear_activation": lambda: [(*args, ("relu",)) for args in arguments("linear", draw, n)],
        "pointwise": lambda: [
            *((draw(n), function) for function in (*VALUES, partial(activation.softplus_value, 2, 20))),
            *((draw(n), function, draw(n)) for function in GRADIENTS),
        ],
        "dropout": lambda: [(draw(n), 6554, (3, 4), 5)],
        "attention": lambda: [
            (draw(2, 3, 5), draw(2, n, 5), draw(2, n, n % 7 + 1), mask, causal, 0.3, *dropped)
            for mask, causal in ((None, False), (draw(1, n), True), (draw(2, n)[:1] > 0, False))
            for dropped in (NO_DROPOUT, (20_000, (3, 4), 5))
        ],
        "rms_norm": lambda: [(draw(3, n), draw(n), 1, 1e-5), (draw(3, n), None, 1, 1e-5)],
        "layer_norm": lambda: [(draw(3, n), draw(n), draw(n), 1e-5), (draw(3, n), None, None, 1e-5)],
        "batch_norm": lambda: [
            (arrange(draw(2, 3, n)), draw(3), draw(3), *given, 0.1)
            for given in ((None, None), (draw(3), abs(draw(3))))
            for arrange in (np.ascontiguousarray, behind, images_behind)
        ],
        "batch_norm_activation": lambda: [
            (*args, f)
            for args in arguments("batch_norm", draw, n)
            for f in (("relu",), ("leaky_relu", 0.2), ("leaky_relu", -0.5))
        ],
        "batch_norm_add_relu": lambda: [
            (x, gamma, beta, arrange(draw(2, 3, n)), *rest)
            for x, gamma, beta, *rest in arguments("batch_norm", draw, n)
            for arrange in (np.ascontiguousarray, behind)
        ],
        "group_norm": lambda: [(draw(2, 6, n), draw(6), draw(6), groups, 0.1) for groups in (1, 3, 6)],
        **dict.fromkeys(
            ("max_pool2d", "avg_pool2d"),
            lambda: [
                (draw(2, 2, 5, 2 * n + 1), *WINDOWS["2x2"][1:]),
                (behind(draw(2, n + 15, 5, 4)), *PADDED),
                *((draw(2, 2, 5, n + 7).round(1), *WINDOWS[k][1:]) for k in ("3x3 by 2", "3x3 by 1", "5x4 by 3")),
            ],
        ),
        "embedding": lambda: [(draw(5, n + 1), np.arange(37) % 4)],
        "sum_at": lambda: [(draw(2, 37, n + 1), np.arange(37) % 4, 5)],
        "top_indices": lambda: [
            (draw(3, n).round(1), k, 1, up) for k in (1, (n + 2) // 3, n) if k <= 64 for up in (True, False)
        ],
        "prelu": lambda: [
            *((draw(3, n), w) for w in (draw(1), draw(n).reshape(1, n))),
            *((arrange(draw(2, 5, n, 2)), draw(5).reshape(1, 5, 1, 1)) for arrange in (np.ascontiguousarray, behind)),
        ],
        "cumsum": lambda: [(draw(*shape), 1, back) for shape in ((5, n), (2, 3, n)) for back in (False, True)],
        "linear_scan": lambda: [(draw(2, n), draw(2, n - 1), 1, back) for back in (False, True)],
        "running": lambda: [(draw(*shape), 1, "logsumexp") for shape in ((3, n), (2, 3, n))],
        "running_best": lambda: [
            (draw(*shape).round(), 1, up) for shape in ((3, n), (2, 3, n)) for up in (False, True)
        ],
        "sgd_update": lambda: [
            (draw(n), [draw(n)], b, first, 0.1, 0.9, 0.1, 0.1, nesterov, nesterov)
            for b, first, nesterov in ((None, False, False), (draw(n), True, False), (draw(n), False, True))
        ],
        "adamax_update": lambda: [(draw(n), [draw(n)], draw(n), abs(draw(n)), 0.02, 0.9, 0.99, 1e-3, 0.1, True)],
        "adagrad_update": lambda: [(draw(n), [draw(n)], abs(draw(n)), 0.1, 1e-3, 0.1, True)],
        "adadelta_update": lambda: [(draw(n), [draw(n)], abs(draw(n)), abs(draw(n)), 0.5, 0.9, 1e-3, 0.1, True)],
        "rmsprop_update": lambda: [
            (draw(n), [draw(n)], abs(draw(n)) + 2, a, b, 0.1, 0.9, 1e-3, 0.1, 0.9, True)
            for a in (None, draw(n) / 9)
            for b in (None, draw(n))
        ],
        "rprop_update": lambda: [(draw(n), [draw(n)], draw(n), abs(draw(n)), (0.5, 1.2), (0.1, 2.0), True)],
        "asgd_update": lambda: [(draw(n), [draw(n)], draw(n), 0.98, 0.1, mu, 0.1, True) for mu in (1.0, 0.25)],
        "adam_update": lambda: (
            [(draw(n), [draw(n)], draw(n), abs(draw(n)), largest, *ADAM) for largest in (None, abs(draw(n)))]
            + [(draw(n), [draw(n)], draw(n), abs(draw(n)), None, 0.02, 0.0, None, *ADAM[3:])]
        ),
        "adafactor_update": lambda: [
            (draw(8 * n), [draw(8 * n)], *(abs(draw(8 * n)) for _ in range(3)), places, 0.3, *more)
            for places in ((Place(0, 1, n, 1, 0, -1), Place(n, 1, 3, n, 0, 0), Place(4 * n, 2, 2, n, 3, n)),)
            for more in ((0.1, 1.0, 1e-7, 1e-3, 1.0, False), (0.05, 0.9, 1e-3, 0.5, 1.3, True))
        ],
        "muon_update": lambda: [
            (draw(8 * n), [draw(8 * n)], draw(8 * n), (MuonPlace(0, 3, n), MuonPlace(3 * n, n, 5)), *more)
            for more in (
                (0.9, True, 0.99, 0.1, False, (3.4445, -4.775, 2.0315), 2, 1e-7),
                (0.7, False, 1.0, 0.1, True, (2.0, -1.5, 0.5), 0, 10.0),
            )
        ],
        "parts_norm": lambda: [(draw(), [draw(n), draw(2, n)], p) for p in (1, 2, inf)],
        "scale_parts": lambda: [(draw(1)[0] * 0 + 2, [draw(n), draw(2, n)], 0.5)],
        "limit_parts": lambda: [(draw(n), [draw(2, n), draw(n)], 0.5)],
    }
    return makers[slot]()
