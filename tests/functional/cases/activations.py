"""Cases of activations and their modules."""

import numpy as np

from tests.functional.cases.case import apart, case, normal, positive

INF, NAN = np.inf, np.nan
WIDE = np.array([-1e4, -100.0, -30.0, -3.0, -1e-9, 0.0, 1e-9, 3.0, 30.0, 100.0, 1e4])
SMOOTH = ("elu", "celu", "selu", "gelu", "silu", "mish", "logsigmoid", "softplus", "softsign", "tanhshrink")
PIECEWISE = ("relu6", "leaky_relu", "hardswish", "hardsigmoid", "hardtanh", "hardshrink", "softshrink")
OPTIONS = {
    "leaky_relu": (0.2,),
    "elu": (1.5,),
    "celu": (0.5,),
    "hardtanh": (-0.5, 0.7),
    "softplus": (2.0, 3.0),
    "hardshrink": (0.3,),
    "softshrink": (0.2,),
    "threshold": (0.1, -2.0),
}
LIMITS = ("gelu", "silu", "mish", "hardswish", "softsign")
KINKS = np.array([-6.0, -3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 6.0])
MODULES = {
    "ReLU6": (),
    "LeakyReLU": (0.2,),
    "ELU": (0.7,),
    "CELU": (0.5,),
    "SELU": (),
    "GELU": ("tanh",),
    "SiLU": (),
    "Mish": (),
    "Hardswish": (),
    "Hardsigmoid": (),
    "Hardtanh": (-0.5, 0.7),
    "LogSigmoid": (),
    "Tanhshrink": (),
    "Softplus": (2.0, 3.0),
    "Softsign": (),
    "Hardshrink": (0.3,),
    "Softshrink": (0.2,),
    "Threshold": (0.1, -2.0),
    "GLU": (0,),
    "Softmin": (1,),
}


def exact(F, name, x, *options):
    """PyTorch's function; its hardsigmoid and hardswish hold 1/6 as a float32."""
    if name == "hardsigmoid":
        return F.relu6(x + 3) / 6
    return getattr(F, name)(x, *options)


def functions():
    """Each on ordinary values, at its kinks, far out and at infinity."""
    for name in SMOOTH + PIECEWISE:
        call = lambda F, x, name=name: getattr(F, name)(x)  # noqa: E731
        torch = lambda F, x, name=name: exact(F, name, x)  # noqa: E731
        values = normal if name in SMOOTH else apart
        for shape in ((), (5, 8), (2, 0)):
            yield case(f"{name} {shape}", call, values(*shape), torch=torch)
        yield case(
            f"{name} of transposed",
            lambda F, x, f=call: f(F, x.mT),
            values(4, 3),
            torch=lambda F, x, f=torch: f(F, x.mT),
        )
        yield case(f"{name} of wide", call, WIDE, torch=torch, smooth=False, second="skipped")
        yield case(f"{name} at kinks", call, KINKS, torch=torch, smooth=False, second="skipped")
        yield case(f"{name} of nan", call, np.array([NAN, 1.0]), fixed=(0,))
        # PyTorch has nan at infinity where a product has a limit
        yield case(f"{name} of infinite", call, np.array([-INF, INF]), fixed=(0,), oracle=name not in LIMITS)
    for name, options in OPTIONS.items():
        call = lambda F, x, name=name, o=options: getattr(F, name)(x, *o)  # noqa: E731
        yield case(f"{name} {options}", call, apart(5, 8))
        yield case(f"{name} {options} of wide", call, WIDE, smooth=False, second="skipped")
    yield case("threshold nan", lambda F, x: F.threshold(x, 0.0, 5.0), np.array([NAN, INF, -INF, 0.0]), fixed=(0,))
    tanh = lambda F, x: F.gelu(x, approximate="tanh")  # noqa: E731
    yield case("gelu tanh", tanh, normal(5, 8))
    yield case("gelu tanh of wide", tanh, WIDE, smooth=False)


def several():
    """prelu, glu, softmin, softmax far out."""
    prelu = lambda F, x, w: F.prelu(x, w)  # noqa: E731
    yield case("prelu one", prelu, apart(3, 4), positive(1))
    yield case("prelu 0-d", prelu, apart(), positive(1))
    yield case("prelu vector", prelu, apart(5), positive(1))
    yield case("prelu channels", prelu, apart(2, 3, 4), positive(3))
    yield case("prelu channels of rows", prelu, apart(2, 3), positive(3))
    yield case("prelu at 0", prelu, np.array([[0.0, -1.0, 1.0]]), positive(3), smooth=False, second="skipped")
    yield case("prelu empty", prelu, normal(0, 3), positive(3))
    yield case("glu", lambda F, x: F.glu(x), normal(3, 4))
    yield case("glu first", lambda F, x: F.glu(x, dim=0), normal(4, 3))
    yield case("glu middle", lambda F, x: F.glu(x, 1), normal(2, 6, 2))
    yield case("softmin", lambda F, x: F.softmin(x, dim=1), normal(3, 4))
    yield case("softmin of wide", lambda F, x: F.softmin(x, dim=0), WIDE, smooth=False)


def modules():
    """Every activation module with its settings, and PReLU with its weight."""
    for name, settings in MODULES.items():
        call = lambda F, x, name=name, s=settings: F.run(module(F, name, s), x)  # noqa: E731
        torch = None
        if name == "Hardsigmoid":
            torch = lambda F, x: exact(F, "hardsigmoid", x)  # noqa: E731
        yield case(f"{name}", call, apart(4, 6), torch=torch)
    yield case("GELU defaults", lambda F, x: F.run(F.nn.GELU(), x), normal(3))
    yield case("LeakyReLU defaults", lambda F, x: F.run(F.nn.LeakyReLU(), x), apart(3))
    prelu = lambda F, x, w: F.run(F.nn.PReLU(3), x, weight=w)  # noqa: E731
    yield case("PReLU", prelu, apart(2, 3, 4), positive(3))


def module(F, name, settings):
    """The module; PyTorch's GELU takes its setting by name only."""
    return F.nn.GELU(approximate=settings[0]) if name == "GELU" else getattr(F.nn, name)(*settings)


def cases():
    """All of this file."""
    for family in (functions, several, modules):
        yield from family()
