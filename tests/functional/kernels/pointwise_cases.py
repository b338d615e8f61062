"""Functions of elements that versions of `pointwise` may know, and raw arguments for that slot."""

from functools import partial

from tests.functional.kernels.loss_cases import SPECIAL
from xdl.functional import either
from xdl.functional.elementwise import activation, elu, erf, piecewise, trigonometric
from xdl.functional.elementwise.unary import by_slope
from xdl.functional.loss import element_pair

LEAKY = partial(piecewise.leaky_relu_value, 0.2), partial(by_slope, partial(piecewise.leaky_relu_slope, 0.2))
VALUES = (  # of functions that versions may know
    either.sigmoid, activation.silu_value, activation.mish_value, activation.logsigmoid_value, erf.erf_array,
    partial(activation.softplus_value, 0.7, 20.0), partial(elu.elu_value, 1.5, 1.25, 0.7), activation.softsign_value,
    LEAKY[0], partial(piecewise.leaky_relu_value, -0.5),
    partial(piecewise.clip_value, -1.0, 1.5), piecewise.hardsigmoid_value, piecewise.hardswish_value,
    partial(piecewise.hardshrink_value, 0.5), partial(piecewise.softshrink_value, 0.5),
    partial(piecewise.threshold_value, 0.1, -2.0),
)  # fmt: skip
SLOPES = (
    partial(piecewise.leaky_relu_slope, -0.5), partial(piecewise.clip_slope, -1.0, 1.5),
    piecewise.hardsigmoid_slope, partial(piecewise.shrink_slope, 0.5),
    partial(piecewise.threshold_slope, 0.1),
)  # fmt: skip
GRADIENTS = (
    activation.sigmoid_gradient, trigonometric.tanh_gradient, activation.silu_gradient, activation.mish_gradient,
    activation.logsigmoid_gradient, activation.tanhshrink_gradient, erf.erf_gradient,
    partial(activation.softplus_gradient, 0.7, 20.0), partial(elu.elu_gradient, 1.5, 1.25, 0.7),
    activation.softsign_gradient, piecewise.hardswish_gradient, LEAKY[1],
    element_pair.logits_value, element_pair.logits_slope,
    *(partial(by_slope, slope) for slope in SLOPES),
)  # fmt: skip


def pointwise_cases(draw, layouts):
    """The maker of {case name: arguments}; draw(*shape) gives normal values, layouts arrange (N, C, H, W) in memory."""
    return {
        "prelu": lambda: (
            {
                f"{shape} {factors} {layout}": (arrange(draw(*shape)), abs(draw(*factors)))
                for shape, factors in (
                    ((3, 5, 33), (1, 5, 1)),
                    ((3, 5, 33), ()),
                    ((7, 4), (1, 4)),
                    ((70, 1), (1, 1)),
                    ((5,), (1,)),
                    ((2, 130, 20, 31), (1, 130, 1, 1)),
                    ((2, 3, 1, 1), (1, 3, 1, 1)),
                )
                for layout, arrange in enumerate((lambda x: x, *layouts))
                if len(shape) == 4 or not layout
            }
            | {"special values": (SPECIAL.astype(draw().dtype), draw(1) * 0 + 0.5)}
        ),
        "addition": lambda: (
            {
                f"{shape}{' inside' if inside else ''}": (draw(*shape), draw(*shape), inside)
                for shape in ((), (0,), (33,), (3, 4, 5), (3, 100_001))
                for inside in (False, True)
            }
            | {
                f"layout {layout}{' inside' if inside else ''}": (draw(2, 33, 4, 5), arrange(draw(2, 33, 4, 5)), inside)
                for layout, arrange in enumerate(layouts)
                for inside in (False, True)
            }
            | {"special values": (SPECIAL.astype(draw().dtype), SPECIAL[::-1].astype(draw().dtype), False)}
        ),
        "pointwise": lambda: (
            {
                str(shape): (draw(*shape), lambda x, y: x * y + x, draw(*shape))
                for shape in ((3,), (32_769,), (2, 130, 140), (3, 100_001))
            }
            | {
                f"{'gradient' if back else 'value'} {k} {label}": (x, function, *([x[::-1].copy()] if back else []))
                for back, functions in enumerate((VALUES, GRADIENTS))
                for k, function in enumerate(functions)
                for label, x in (("of 33", draw(33) * 3), ("of special values", SPECIAL.astype(draw().dtype)))
            }
            | {
                f"leaky_relu {shape} {layout}": (arrange(x), function, *([arrange(draw(*shape))] if back else []))
                for shape in ((9, 30, 19, 13), (1, 70_000, 1, 2))
                for x in (draw(*shape),)
                for layout, arrange in enumerate(layouts)
                for back, function in enumerate(LEAKY)
            }
        ),
    }
