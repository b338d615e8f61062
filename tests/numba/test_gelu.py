"""GELU where nothing is recorded has a loop of its own, without the slope: the same values, and a gradient as well."""

import numpy as np
import pytest

import xdl
from tests.functional.kernels.loss_cases import SPECIAL
from xdl import backend, kernel

backend.load("numpy")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("form", ["none", "tanh"])
def test_values_and_gradient_without_a_tape_are_those_with_one(form, dtype):
    (version,) = [v for v in kernel.slots["gelu"].versions["numpy"] if v.name == "gelu_compiled"]
    x = np.concatenate([SPECIAL, [1e-45, -1e-45, 1e38, -1e38], np.linspace(-45, 45, 1001)]).astype(dtype)
    g = np.linspace(1, 2, len(x)).astype(dtype)
    y, slope = version.forward(x, form)
    with xdl.no_grad():
        z, saved = version.forward(x, form)
    assert len(saved) == 2  # x and the form, and no slope
    np.testing.assert_array_equal(z, y)
    np.testing.assert_array_equal(version.backward(g, saved, (True,))[0], version.backward(g, slope, (True,))[0])
