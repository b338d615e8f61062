"""What xdl's namespace of CuPy writes anew, on the stand-in: NumPy's values, exact, and no wait for the device."""

from itertools import product

import numpy as np
import pytest

from tests.stand_in_cupy import counted
from xdl import backend

EDGES = [0.0, -0.0, 1.0, -1.0, 0.1, 0.3, -0.3, 7.5, -7.5, 1e8, 3e-8, np.inf, -np.inf, np.nan]
BOUNDS = [(-1.0, 1.0), (None, 0.5), (0.5, None), (None, None)]
ONE = {
    "sign": (lambda xp, x: xp.sign(x), np.sign),
    **{f"clip {b}": (lambda xp, x, b=b: xp.clip(x, *b), lambda x, b=b: np.clip(x, *b)) for b in BOUNDS},
}


@pytest.fixture
def xp(stand_in):
    return backend.load("cupy").xp


@pytest.mark.parametrize(
    ("name", "dtype"), [("sign", "int32"), *product(ONE, ["float32", "float64"])], ids=lambda value: value
)
def test_of_one_array(xp, stand_in, name, dtype):
    host = np.array([x for x in EDGES if dtype != "int32" or abs(x) < 10], dtype)
    ours, numpys = ONE[name]
    x = stand_in.asarray(host)
    with counted() as costs:
        found = ours(xp, x)
    assert costs.waits == {}
    expected = numpys(host)
    assert found.dtype == expected.dtype == host.dtype
    np.testing.assert_array_equal(found.get(), expected)


def test_integers_stay_between_bounds_of_integers(xp, stand_in):
    x = stand_in.arange(10)
    assert xp.clip(x, 2, 5).tolist() == [2, 2, 2, 3, 4, 5, 5, 5, 5, 5]
    assert xp.clip(x, stand_in.asarray(np.full(10, 3)), None).dtype == np.int64


@pytest.mark.parametrize("name", ["remainder", "floor_divide"])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32"])
def test_of_two_arrays(xp, stand_in, name, dtype):
    numbers = [x for x in EDGES if dtype != "int32" or 1 <= abs(x) < 10]
    hosts = np.array(list(product(numbers, numbers)), dtype).T
    x, y = (stand_in.asarray(np.ascontiguousarray(host)) for host in hosts)
    with counted() as costs:
        found = getattr(xp, name)(x, y)
    assert costs.waits == {}
    with np.errstate(all="ignore"):
        expected = getattr(np, name)(*hosts)
    np.testing.assert_array_equal(found.get(), expected)
    assert found.dtype == expected.dtype
    if dtype != "int32":  # CuPy's own is why it is written anew
        assert not np.array_equal(getattr(stand_in, name)(x, y).get(), expected, equal_nan=True)


@pytest.mark.parametrize("number", [0.0, 0.1, -2.0, np.inf])
def test_beside_a_number(xp, stand_in, number):
    host = np.array(EDGES)
    x = stand_in.asarray(host)
    for name in ("remainder", "floor_divide"):
        with np.errstate(all="ignore"):
            expected = getattr(np, name)(host, number), getattr(np, name)(number, host)
        np.testing.assert_array_equal(getattr(xp, name)(x, number).get(), expected[0], name)
        np.testing.assert_array_equal(getattr(xp, name)(number, x).get(), expected[1], name)
