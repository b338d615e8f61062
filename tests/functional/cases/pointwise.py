"""Cases of powers, exponentials, logarithms, trigonometric and hyperbolic functions, rounding, choices and blends."""

# ruff: noqa: ARG005 (every call takes the namespace F)
import numpy as np

from tests.functional.cases.case import apart, case, integers, normal, positive

INF, NAN = np.inf, np.nan
WIDE = np.array([-INF, -1e4, -3.5, -1.0, -1e-9, -0.0, 0.0, 1e-9, 0.5, 1.0, 40.0, 1e4, INF, NAN])
HALVES = np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, -INF, INF, 3.49])


def between(low, high):
    """A maker of uniform values, which ends a hundredth inside."""
    return lambda *shape: lambda random: random.uniform(low + 0.01, high - 0.01, shape)


SMOOTH = {
    "exp2": normal,
    "expm1": normal,
    "log2": positive,
    "log10": positive,
    "log1p": positive,
    "rsqrt": positive,
    "reciprocal": positive,
    "square": normal,
    "sin": normal,
    "cos": normal,
    "tan": between(-1.2, 1.2),
    "asin": between(-0.9, 0.9),
    "acos": between(-0.9, 0.9),
    "atan": normal,
    "sinh": normal,
    "cosh": normal,
    "asinh": normal,
    "acosh": between(1.2, 4),
    "atanh": between(-0.9, 0.9),
    "erf": normal,
    "erfc": normal,
}
ROUNDING = {"sign": apart, "floor": apart, "ceil": apart, "trunc": apart, "round": apart, "frac": apart}


def unary():
    """Functions of one operand, on ordinary and on extreme values."""
    for name, values in (SMOOTH | ROUNDING).items():
        call = lambda F, x, name=name: getattr(F, name)(x)  # noqa: E731
        for shape in ((), (3, 4), (2, 0)):
            yield case(f"{name} {shape}", call, values(*shape))
        yield case(f"{name} method", lambda F, x, name=name: getattr(x, name)(), values(5))
        wide = WIDE[:-1] if name == "sign" else WIDE  # PyTorch's sign of nan is 0
        # PyTorch's second derivative of erf is nan at infinity
        yield case(
            f"{name} of wide", call, wide, smooth=False, second="skipped" if name in ("erf", "erfc") else "compared"
        )
    for name in ("sign", "floor", "ceil", "trunc", "round"):
        call = lambda F, x, name=name: getattr(F, name)(x)  # noqa: E731
        yield case(f"{name} of halves", call, HALVES, smooth=False)
        yield case(f"{name} of integers", call, np.array([-3, 0, 2]))
    yield case("square of integers", lambda F, x: F.square(x), integers(9, 4))
    yield case("round to digits", lambda F, x: F.round(x, decimals=2), np.array([1.234, -5.678, 0.0]), smooth=False)
    yield case("round to tens", lambda F, x: F.round(x, decimals=-1), np.array([12.3, -56.7, 0.0]), smooth=False)
    yield case("erf both branches", lambda F, x: F.erf(x), np.linspace(-6.5, 6.5, 53))
    yield case("erfc both branches", lambda F, x: F.erfc(x), np.linspace(-6.5, 6.5, 53))


def divisions():
    """remainder, fmod and floor_divide, with their operators."""
    a, b = np.array([[7.5], [-7.5], [0.3]]), np.array([2.0, -2.0, 0.7])
    whole, by = np.array([[7], [-7], [0]]), np.array([2, -2, 3])
    for name in ("remainder", "fmod", "floor_divide"):
        call = lambda F, a, b, name=name: getattr(F, name)(a, b)  # noqa: E731
        fixed = (0, 1) if name == "floor_divide" else ()
        yield case(f"{name}", call, a, b, fixed=fixed)
        yield case(f"{name} of integers", call, whole, by)
        yield case(f"{name} by number", lambda F, a, name=name: getattr(F, name)(a, 2), a, fixed=fixed[:1])
        yield case(f"{name} empty", call, np.zeros((0, 3)), b, fixed=fixed)
        edges = np.array([-INF, INF, NAN, 1.0, 1.0, 1e6, 0.0]), np.array([2.0, 2.0, 2.0, INF, NAN, 0.375, 2.0])
        yield case(f"{name} edges", call, *edges, fixed=(0, 1))
    yield case("remainder operator", lambda F, a, b: a % b, a, b)
    yield case("remainder number first", lambda F, b: 7.5 % b, b, torch=lambda F, b: (b * 0 + 7.5) % b)
    yield case("floor_divide operator", lambda F, a, b: a // b, a, b, fixed=(0, 1))
    yield case("floor_divide number first", lambda F, b: 7 // b, by)
    yield case("fmod number first", lambda F, b: F.fmod(F.to(b, "float64") * 0 - 7.5, b), b)


def two_operands():
    """Functions of two floating operands."""
    pairs = {
        "": (normal(3, 4), positive(3, 4)),
        "0-d": (normal(), positive()),
        "broadcast": (normal(3, 1), positive(4)),
    }
    for name in ("atan2", "hypot", "logaddexp", "maximum", "minimum"):
        call = lambda F, a, b, name=name: getattr(F, name)(a, b)  # noqa: E731
        yield from (case(f"{name} {label}".strip(), call, *pair) for label, pair in pairs.items())
        yield case(f"{name} empty", call, normal(0, 3), positive(1, 3))
    quadrants = np.array([1.0, 1.0, -1.0, -1.0, 0.0, 0.0, 2.0]), np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 0.0])
    yield case("atan2 quadrants", lambda F, a, b: F.atan2(a, b), *quadrants, smooth=False)
    yield case("atan2 origin", lambda F, a, b: F.atan2(a, b), np.zeros(2), np.zeros(2), smooth=False, oracle=False)
    yield case("hypot of large", lambda F, a: F.hypot(a, a * 0.75), np.array([1e30, 1e-30, 4.0]), fixed=(0,))
    extremes = np.array([-1e4, 1e4, 0.0, -INF, 3.0, INF]), np.array([1e4, -1e4, 0.0, 1.0, -INF, 1.0])
    yield case("logaddexp extremes", lambda F, a, b: F.logaddexp(a, b), *extremes, smooth=False, second="skipped")
    ties = np.array([1.0, 2.0, -INF, INF, NAN, 0.0]), np.array([1.0, 3.0, -INF, 1.0, 0.0, -1.0])
    for name in ("maximum", "minimum"):
        call = lambda F, a, b, name=name: getattr(F, name)(a, b)  # noqa: E731
        yield case(f"{name} ties and nan", call, *ties, smooth=False)
        either = lambda F, a, b, name=name[:3]: getattr(F, name)(a, b) * getattr(a, name)(b)  # noqa: E731
        yield case(f"{name[:3]} of two", either, normal(2, 3), normal(3))
        yield case(f"{name} of integers", call, integers(9, 4), integers(9, 3, 1))


def bounds():
    """clamp with numbers, Tensors and none; nan_to_num."""
    x = np.array([[-2.0, -1.0, 0.5], [1.0, 3.0, NAN]])
    yield case("clamp both", lambda F, x: F.clamp(x, -1.0, 1.0), apart(3, 4))
    yield case("clamp min", lambda F, x: F.clamp(x, min=0.05), apart(3, 4))
    yield case("clamp max", lambda F, x: x.clamp(max=0.05), apart(3, 4))
    yield case("clamp ties and nan", lambda F, x: F.clamp(x, -1, 1), x, smooth=False)
    yield case("clamp crossed bounds", lambda F, x: F.clamp(x, 1.0, -1.0), x, smooth=False)
    yield case("clamp infinite", lambda F, x: F.clamp(x, -3.0, 3.0), np.array([-INF, INF, 1.0]), smooth=False)
    yield case("clamp Tensors", lambda F, x, a, b: F.clamp(x, a, b + 3), apart(4, 3), normal(3), positive(4, 1))
    yield case("clamp by larger Tensor", lambda F, x, a: F.clamp(x, min=a), apart(3), normal(2, 1))
    yield case("clamp of integers", lambda F, x: F.clamp(x, 2, 5), integers(9, 8))
    yield case("clamp empty", lambda F, x: F.clamp(x, 0.0), normal(0, 2))
    odd = np.array([NAN, INF, -INF, 1.5, 0.0])
    yield case("nan_to_num", lambda F, x: F.nan_to_num(x), normal(3))
    yield case("nan_to_num defaults", lambda F, x: F.clamp(F.nan_to_num(x), -1e30, 1e30), odd, smooth=False)
    yield case("nan_to_num given", lambda F, x: F.nan_to_num(x, 1.0, 2.0, -3.0), odd, smooth=False)


def blends():
    """lerp, addcmul, addcdiv."""
    lerp = lambda F, a, b, w: F.lerp(a, b, w)  # noqa: E731
    yield case("lerp number", lambda F, a, b: F.lerp(a, b, 0.25), normal(3, 4), normal(3, 4))
    yield case("lerp number one", lambda F, a, b: F.lerp(a, b, 1.0), normal(3), normal(3))
    yield case("lerp Tensor", lerp, normal(3, 4), normal(3, 4), normal(3, 4))
    yield case("lerp broadcast", lerp, normal(3, 1), normal(4), normal(2, 1, 1))
    for name in ("addcmul", "addcdiv"):
        call = lambda F, x, a, b, name=name: getattr(F, name)(x, a, b)  # noqa: E731
        yield case(name, call, normal(3, 4), normal(3, 4), positive(3, 4))
        yield case(f"{name} broadcast", call, normal(4), normal(3, 1), positive(2, 1, 1))
        value = lambda F, x, a, b, name=name: getattr(F, name)(x, a, b, value=-0.5)  # noqa: E731
        yield case(f"{name} value", value, normal(5), normal(5), positive(5))


def cases():
    """All of this file."""
    for family in (unary, divisions, two_operands, bounds, blends):
        yield from family()
