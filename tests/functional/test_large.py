"""Functions of elements on arrays that NumPy takes in blocks: equal to the references, in any memory order."""

import numpy as np
import pytest

import xdl
from tests.functional.namespaces import Xdl
from xdl import functional as F
from xdl import kernel

T = Xdl()
NAMES = ("gelu", "silu", "sigmoid", "mish", "softplus", "elu", "hardswish", "leaky_relu", "erf", "rsqrt", "softsign")
N, C, H, W = 3, 5, 67, 71  # two blocks and a rest


def values(layout, dtype):
    """Normal numbers times 3 with the far ends, logically (N, C, H, W)."""
    x = (np.random.RandomState(0).standard_normal((N, C, H, W)) * 3).astype(dtype)
    x.reshape(-1)[:4] = -40, 40, 0, 1
    if layout == "channels last":
        return np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    if layout == "every second":
        return np.repeat(x, 2, axis=3)[..., ::2]
    return x


def result(name, x):
    """y and dx for a cotangent that is not contiguous."""
    g = T.tensor(np.random.RandomState(1).standard_normal((C, N, H, W)).astype(x.dtype).transpose(1, 0, 2, 3), False)
    tensor = xdl.Tensor(x, True)
    y = getattr(F, name)(abs(tensor) + 0.1 if name == "rsqrt" else tensor)
    return y.numpy(), xdl.grad(y, tensor, g)[0].numpy()


@pytest.mark.parametrize("layout", ["C order", "channels last", "every second"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", NAMES)
def test_blocks_equal_the_reference(name, dtype, layout):
    x = values(layout, dtype)
    found = result(name, x)
    kernel.set_mode("reference")
    tolerance = 1e-14 if dtype == "float64" else 1e-5 if name == "gelu" else 2e-6
    for a, b in zip(found, result(name, x), strict=True):
        assert a.dtype == b.dtype == np.dtype(dtype)
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def test_blocks_keep_the_order_of_the_memory():
    x = values("channels last", "float32")
    assert F.gelu(xdl.Tensor(x)).array.strides == F.silu(xdl.Tensor(x)).array.strides == x.strides


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_change_nothing(threads):
    x = np.random.RandomState(0).standard_normal((1 << 20) + 5).astype("float32")
    xdl.set_num_threads(threads)
    found = F.silu(xdl.Tensor(x)).numpy()
    kernel.set_mode("reference")
    np.testing.assert_array_equal(found, F.silu(xdl.Tensor(x)).numpy())


@pytest.mark.parametrize("form", ["none", "tanh"])
def test_the_fitted_gelu_is_as_exact_as_it_says(form):
    x = np.linspace(-9, 9, 180_001)
    fast = xdl.Tensor(x.astype("float32"), True)
    exact = xdl.Tensor(fast.array.astype("float64"), True)
    y, reference = F.gelu(fast, form), F.gelu(exact, form)
    np.testing.assert_allclose(y.numpy(), reference.numpy(), rtol=2e-7, atol=5e-7)
    slopes = [xdl.grad(v.sum(), t)[0].numpy() for v, t in ((y, fast), (reference, exact))]
    np.testing.assert_allclose(*slopes, rtol=0, atol=2e-6)
    assert kernel.slots["gelu"].explain(fast.array, form).startswith("gelu: gelu_tanh runs")
