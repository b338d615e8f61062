"""The functions of loops/mathematics against wider arithmetic: units in the last place, and the special values."""

from functools import cache
from importlib import import_module
from types import FunctionType

import numpy as np
import pytest

UNITS = {"exp": 4, "exp_less_one": 4, "log": 4, "tanh": 4, "sigmoid": 4, "erf": 6, "sin": 4, "cos": 4}
FILES = {
    "exponential": ("exp", "exp_less_one", "log"),
    "hyperbolic": ("tanh", "sigmoid"),
    "error_function": ("erf", "normal_probability"),
    "trigonometric": ("sin", "cos"),
}
WIDER = {"float32": np.float64, "float64": np.longdouble}
INTEGERS = {"float32": np.int32, "float64": np.int64}
FAR = 1.5e6  # of sine and cosine
inf, nan = np.inf, np.nan
LIMITS = {  # at nan, inf, -inf, 0, -0
    "exp": (nan, inf, 0.0, 1.0, 1.0),
    "exp_less_one": (nan, 0.0, -1.0, 0.0, 0.0),
    "log": (nan, inf, nan, -inf, -inf),
    "tanh": (nan, 1.0, -1.0, 0.0, -0.0),
    "sigmoid": (nan, 1.0, 0.0, 0.5, 0.5),
    "erf": (nan, 1.0, -1.0, 0.0, -0.0),
    "normal_probability": (nan, 1.0, 0.0, 0.5, 0.5),
    "sin": (nan, nan, nan, 0.0, -0.0),
    "cos": (nan, nan, nan, 1.0, 1.0),
}


def over_all(x, y):
    for i in range(x.size):
        y[i] = f(x[i])  # noqa: F821


@cache
def compiled(name, dtype):
    """The function of all elements: compiled(x, y)."""
    template = import_module("xdl.kernels.numba.loops.template")
    (file,) = (file for file, names in FILES.items() if name in names)
    module = import_module(f"xdl.kernels.numba.loops.mathematics.{file}")
    loop = template.loop(FunctionType(over_all.__code__, {"f": getattr(module, name)}, name))
    made = loop.ready(dtype)
    made.compile(f"void({dtype}[::1], {dtype}[::1])")
    return made


def computed(name, x):
    y = np.empty_like(x)
    compiled(name, str(x.dtype))(x, y)
    return y


def expected(name, x):
    """The function in wider arithmetic; erf of float64 by SciPy's, which is right to a unit."""
    wide = x.astype(WIDER[str(x.dtype)])
    if name == "erf":
        special = pytest.importorskip("scipy.special")
        return special.erf(x.astype(np.float64))
    if name == "sigmoid":
        return 1 / (1 + np.exp(-wide))
    if name == "exp_less_one":
        return np.expm1(wide)
    return getattr(np, name)(wide)


def worst(name, x, expected=expected):
    """The largest error in units of the last place, and that infinite results are equal."""
    with np.errstate(all="ignore"):
        y, wide = computed(name, x), expected(name, x)
        rounded = wide.astype(x.dtype)
        finite = np.isfinite(rounded)
        np.testing.assert_array_equal(y[~finite], rounded[~finite])
        unit = np.spacing(np.abs(rounded[finite]))
        return float(np.max(np.abs(y[finite] - wide[finite]) / unit, initial=0))


def taken(name, x):
    """Those of x that the function is for."""
    if name in ("sin", "cos"):
        return x[np.abs(x) < FAR]
    if name == "exp_less_one":
        return x[x <= 0]
    return x[~np.isnan(x)]


def arguments(name, dtype, n):
    """n numbers of all sizes, n of about 1, and n over the range where the function goes on."""
    random, info = np.random.default_rng(0), np.iinfo(INTEGERS[dtype])
    bits = random.integers(info.min, info.max, n, dtype=INTEGERS[dtype], endpoint=True)
    normal = random.standard_normal(n)
    wide = {"exp": 800 if dtype == "float64" else 110, "sin": FAR, "cos": FAR}.get(name, 30)
    return [taken(name, x.astype(dtype)) for x in (bits.view(dtype), normal, random.uniform(-wide, wide, n))]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", UNITS)
def test_a_million_random_numbers(name, dtype):
    assert max(worst(name, x) for x in arguments(name, dtype, 333_334)) <= UNITS[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", UNITS)
def test_ten_million_random_float64(name):
    for x in arguments(name, "float64", 3_333_334):
        assert max(worst(name, part) for part in np.array_split(x, 10)) <= UNITS[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", UNITS)
def test_all_of_float32(name):
    """Against the loop for float64, which has its own tests and is ten times as fast as NumPy's functions."""
    step = 1 << 20
    for low in range(0, 1 << 32, step):
        x = np.arange(low, low + step, dtype=np.uint64).astype(np.uint32).view(np.float32)
        wide = lambda name, x: computed(name, x.astype(np.float64))  # noqa: E731
        assert worst(name, taken(name, x), wide) <= UNITS[name], low


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", LIMITS)
def test_special_values(name, dtype):
    x = np.array([nan, inf, -inf, 0.0, -0.0], dtype)
    found, wanted = computed(name, x), np.array(LIMITS[name], dtype)
    np.testing.assert_array_equal(found, wanted)
    numbers = ~np.isnan(wanted)
    assert (np.signbit(found) == np.signbit(wanted))[numbers].all()
    assert np.isnan(computed(name, -x[:1]))[0]  # a nan with a sign


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_normal_distribution_keeps_its_digits_in_the_tail(dtype):
    special = pytest.importorskip("scipy.special")
    x, eps = np.linspace(-12 if dtype == "float32" else -36, 9, 10_001).astype(dtype), np.finfo(dtype).eps
    wide = x.astype(np.longdouble)
    tail = special.erfcx(np.abs(x.astype(np.float64)) * 0.5**0.5) / 2 * np.exp(-wide * wide / 2)
    wanted = np.where(np.abs(x) < 1, special.ndtr(x.astype(np.float64)), np.where(x < 0, tail, 1 - tail))
    error = np.abs(computed("normal_probability", x) / wanted - 1)
    assert (error < (4 + x * x / 4) * eps).all()  # x**2 / 2 is rounded before e**-x**2 / 2 is taken


def test_a_wrong_coefficient_is_seen(monkeypatch):
    module = import_module("xdl.kernels.numba.loops.mathematics.exponential")
    template = import_module("xdl.kernels.numba.loops.template")
    coefficients = module.P.given["float32"]
    changed = template.Each(float32=(*coefficients[:-1], coefficients[-1] * (1 + 1e-5)))
    monkeypatch.setattr(module, "P", changed)
    for function in (module.exp, module._parts):
        monkeypatch.setattr(function, "_made", {})
    compiled.cache_clear()
    assert worst("exp", np.linspace(-1, 1, 1000).astype("float32")) > UNITS["exp"]
    compiled.cache_clear()
