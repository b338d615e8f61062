"""Kernels that read 16 bytes at once get arrays that begin at a multiple of 16 bytes, whatever sizes a model has."""

import numpy as np
import pytest

import xdl
from tests.cuda_on_host.needs import needs_compiler
from xdl import backend, functional, kernel, nn, optim

pytestmark = needs_compiler


def lstm_after_steps(name):
    """An LSTM whose weights lie behind some of odd sizes, trained for two steps; its outputs."""
    backend.use(name)
    xdl.manual_seed(0)
    linear, lstm = nn.Linear(3, 5, bias=False), nn.LSTM(5, 128)
    optimizer = optim.SGD([*linear.parameters(), *lstm.parameters()], lr=0.1)
    x = xdl.tensor(np.random.default_rng(0).standard_normal((4, 2, 3)).astype("float32"))
    for _ in range(3):
        y = lstm(linear(x))[0]
        optimizer.zero_grad()
        (y * y).mean().backward()
        optimizer.step()
    return y.numpy()


def behind_one(shape, scale=0.1):
    """A dense tensor that begins four bytes behind the beginning of its memory."""
    size = int(np.prod(shape))
    values = scale * np.random.default_rng(1).standard_normal(size + 1).astype("float32")
    return xdl.tensor(values)[1:].reshape(shape)


def convolved(name):
    backend.use(name)
    x, weight = behind_one((2, 8, 6, 6)), behind_one((16, 8, 1, 1))
    return functional.conv2d(x, weight).numpy()


def recurrent(name):
    backend.use(name)
    state = xdl.zeros(2, 128), xdl.zeros(2, 128)
    weights = [behind_one(shape) for shape in ((512, 128), (512, 128), (512,), (512,))]
    return functional.lstm(behind_one((3, 2, 128)), state, *weights)[0].numpy()


@pytest.fixture(params=["float32", "tf32"])
def bound(request):
    kernel.set_precision(request.param)
    return {"float32": 1e-5, "tf32": 2e-3}[request.param]


@pytest.mark.parametrize("work", [lstm_after_steps, convolved, recurrent])
def test_results_are_those_of_numpy(work, bound):
    expected = work("numpy")
    kernel.set_mode("required")
    np.testing.assert_allclose(work("cuda-on-host"), expected, atol=bound)
