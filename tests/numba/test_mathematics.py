"""The functions of loops/mathematics against wider arithmetic: units in the last place, and the special values."""

from functools import cache
from importlib import import_module
from types import FunctionType

import numpy as np
import pytest

from xdl import backend

backend.load("numpy")  # and so keeps freed memory, which halves the time of what is slow here

UNITS = {"exp": 4, "exp_of_negative": 4, "exp_less_one": 4, "log": 4, "tanh": 4, "sigmoid": 4, "erf": 6}
UNITS |= {"sin": 4, "cos": 4, "bell": 4, "normal_probability": 6}  # of the last two x**2 / 2 more, see allowed
FILES = {
    "exponential": ("exp", "exp_of_negative", "exp_less_one", "log"),
    "hyperbolic": ("tanh", "sigmoid"),
    "error_function": ("erf", "normal_probability", "normal"),
    "trigonometric": ("sin", "cos"),
}
WIDER = {"float32": np.float64, "float64": np.longdouble}
INTEGERS = {"float32": np.int32, "float64": np.int64}
FAR = 3e6  # of sine and cosine: beyond half of it another way is taken
UP_TO = {"exp_of_negative": 40, "exp_less_one": 0}
WIDE = {"exp": 110, "exp_of_negative": 110, "sin": FAR, "cos": FAR, "normal_probability": 15, "bell": 15}
WIDE_64 = {"exp": 800, "exp_of_negative": 800, "normal_probability": 40, "bell": 40}
inf, nan = np.inf, np.nan
LIMITS = {  # at nan, inf, -inf, 0, -0
    "exp": (nan, inf, 0.0, 1.0, 1.0),
    "exp_of_negative": (nan, None, 0.0, 1.0, 1.0),
    "exp_less_one": (nan, 0.0, -1.0, 0.0, 0.0),
    "log": (nan, inf, nan, -inf, -inf),
    "tanh": (nan, 1.0, -1.0, 0.0, -0.0),
    "sigmoid": (nan, 1.0, 0.0, 0.5, 0.5),
    "erf": (nan, 1.0, -1.0, 0.0, -0.0),
    "normal_probability": (nan, 1.0, 0.0, 0.5, 0.5),
    "bell": (nan, 0.0, 0.0, 1.0, 1.0),
    "sin": (nan, nan, nan, 0.0, -0.0),
    "cos": (nan, nan, nan, 1.0, 1.0),
}


def over_all(x, y):
    for i in range(x.size):
        y[i] = f(x[i])  # noqa: F821


def bell(x):
    return normal(x)[1]  # noqa: F821


@cache
def compiled(name, dtype):
    """The function of all elements: compiled(x, y)."""
    template = import_module("xdl.kernels.numba.loops.template")
    source = "normal" if name == "bell" else name
    (file,) = (file for file, names in FILES.items() if source in names)
    function = getattr(import_module(f"xdl.kernels.numba.loops.mathematics.{file}"), source)
    if name == "bell":
        function = template.loop(FunctionType(bell.__code__, {"normal": function}, name))
    made = template.loop(FunctionType(over_all.__code__, {"f": function}, name)).ready(dtype)
    made.compile(f"void({dtype}[::1], {dtype}[::1])")
    return made


def computed(name, x):
    y = np.empty_like(x)
    compiled(name, str(x.dtype))(x, y)
    return y


def expected(name, x):
    """The function in wider arithmetic."""
    wide = x.astype(WIDER[str(x.dtype)])
    if name == "erf":
        return np.copysign(2 * areas(wide * np.sqrt(wide.dtype.type(2)))[0], wide)
    if name == "sigmoid":
        return 1 / (1 + np.exp(-wide))
    if name == "exp_less_one":
        return np.expm1(wide)
    if name == "bell":
        return np.exp(-wide * wide / 2)
    if name == "normal_probability":
        between, beyond = areas(wide)
        return np.where(x < 0, beyond, 0.5 + between)
    return getattr(np, name.removesuffix("_of_negative"))(wide)


def areas(x):
    """Below the bell of the normal distribution: from 0 to |x|, and from there on.

    The series a + a**3 / 3 + a**5 / (3 5) + ... up to 2, and Laplace's fraction 1 / (a + 1 / (a + 2 / (a + ...))).
    """
    a = np.minimum(np.abs(x), 100)
    bell = np.exp(-a * a / 2) / np.sqrt(2 * np.arctan2(x.dtype.type(0), -1))
    series, fraction = np.zeros_like(a), a
    for k in range(45, -1, -1):
        series = (1 + series * a * a) / (2 * k + 1)
    for k in range(160, 0, -1):
        fraction = a + k / fraction
    between, beyond = bell * a * series, bell / fraction
    return np.where(a < 2, between, 0.5 - beyond), np.where(a < 2, 0.5 - between, beyond)


def errors(name, x, expected=expected):
    """Those in units of the last place; infinite results must be equal."""
    with np.errstate(all="ignore"):
        y, wide = computed(name, x), expected(name, x)
        rounded = wide.astype(x.dtype)
        finite = np.isfinite(rounded)
        np.testing.assert_array_equal(y[~finite], rounded[~finite])
        return np.where(finite, np.abs(y - wide) / np.spacing(np.abs(np.where(finite, rounded, 1))), 0)


def allowed(name, x):
    """The units that each of x may have.

    e**(-x**2 / 2) takes x**2 rounded, which is off by a part of up to u of it, half of the distance from 1 to the next
    number: so the result is off by x**2 / 2 times u of itself, and a unit of the last place is at least u of a number.
    The tail of the distribution is that times a fraction, two polynomials and a division, which get two units more.
    Above 0 the probability is 1 less a tail, whose error counts by its size, below a half.
    """
    if name not in ("bell", "normal_probability"):
        return UNITS[name]
    far = np.minimum(np.abs(x), 100).astype(np.float64)
    return UNITS[name] + np.where((x < 0) | (name == "bell"), far * far / 2, 0)


class Worst:
    """The largest error of a function, and where it is."""

    def __init__(self, name):
        self.name, self.units, self.at, self.count = name, 0.0, 0.0, 0

    def take(self, x, expected=expected):
        """Compares some numbers, all of which must keep the bound."""
        if not x.size:
            return self
        found = errors(self.name, x, expected)
        above = found - allowed(self.name, x)
        largest = int(np.argmax(above))
        assert above[largest] <= 0, (x[largest], found[largest])
        largest = int(np.argmax(found))
        if found[largest] > self.units:
            self.units, self.at = float(found[largest]), x[largest]
        self.count += x.size
        return self

    def __str__(self):
        return f"{self.name}: at most {self.units:.3f} units, at {self.at!r}, of {self.count} numbers"


def taken(name, x):
    """Those of x that the function is for."""
    return x[x <= UP_TO.get(name, inf)]


def arguments(name, dtype, n):
    """n numbers of all sizes, n of about 1, and n over the range where the function goes on."""
    random, info = np.random.default_rng(0), np.iinfo(INTEGERS[dtype])
    bits = random.integers(info.min, info.max, n, dtype=INTEGERS[dtype], endpoint=True)
    normal = random.standard_normal(n)
    wide = (WIDE | (WIDE_64 if dtype == "float64" else {})).get(name, 30)
    every = [x.astype(dtype) for x in (bits.view(dtype), normal, random.uniform(-wide, wide, n))]
    return [taken(name, np.where(x > UP_TO.get(name, inf), -x, x)) for x in every]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", UNITS)
def test_a_million_random_numbers(name, dtype):
    for x in arguments(name, dtype, 333_334):
        Worst(name).take(x)


@pytest.mark.slow
@pytest.mark.parametrize("name", UNITS)
def test_ten_million_random_float64(name):
    worst = Worst(name)
    for x in arguments(name, "float64", 4_000_000):
        for part in np.array_split(x, 10):
            worst.take(part)
    print(worst, "in float64")


@pytest.mark.slow
@pytest.mark.parametrize("name", UNITS)
def test_all_of_float32(name):
    """Against the loop for float64, which has its own tests and is ten times as fast as NumPy's functions."""
    step, worst = 1 << 18, Worst(name)
    for low in range(0, 1 << 32, step):
        x = np.arange(low, low + step, dtype=np.uint64).astype(np.uint32).view(np.float32)
        worst.take(taken(name, x), lambda name, x: computed(name, x.astype(np.float64)))
        assert np.isnan(computed(name, x[np.isnan(x)])).all()
    print(worst, "in float32")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", LIMITS)
def test_special_values(name, dtype):
    given = np.array([wanted is not None for wanted in LIMITS[name]])
    x = np.array([nan, inf, -inf, 0.0, -0.0], dtype)[given]
    found, wanted = computed(name, x), np.array(LIMITS[name])[given].astype(dtype)
    np.testing.assert_array_equal(found, wanted)
    numbers = ~np.isnan(wanted)
    assert (np.signbit(found) == np.signbit(wanted))[numbers].all()
    assert np.isnan(computed(name, -x[:1]))[0]  # a nan with a sign


def test_a_wrong_coefficient_is_seen(monkeypatch):
    module = import_module("xdl.kernels.numba.loops.mathematics.exponential")
    template = import_module("xdl.kernels.numba.loops.template")
    coefficients = module.P.given["float32"]
    changed = template.Each(float32=(*coefficients[:-1], coefficients[-1] * (1 + 1e-5)))
    monkeypatch.setattr(module, "P", changed)
    for function in (module.exp, module._parts):
        monkeypatch.setattr(function, "_made", {})
    compiled.cache_clear()
    assert errors("exp", np.linspace(-1, 1, 1000).astype("float32")).max() > UNITS["exp"]
    compiled.cache_clear()
