"""A card without tensor cores for TF32 (T4, RTX 20) is served by the plain kernels, and none for them is compiled."""

import numpy as np
import pytest

import xdl
from tests.cuda_on_host.needs import needs_compiler
from xdl import backend, functional, kernel, nn
from xdl.backends.cuda_on_host.host_device import HostDevice

pytestmark = needs_compiler


@pytest.fixture
def launched(monkeypatch):
    """The names of the kernels that are launched on a card that has no tensor cores."""
    names, launch = set(), HostDevice.launch

    def recorded(self, plan, parameters, arguments):
        names.add(plan.name)
        launch(self, plan, parameters, arguments)

    monkeypatch.setattr(HostDevice, "tensor_cores", False)
    monkeypatch.setattr(HostDevice, "launch", recorded)
    return names


@pytest.mark.parametrize("precision", ["float32", "tf32"])
def test_an_lstm_and_a_convolution_run_without_tensor_cores(precision, launched):
    def results(name):
        backend.use(name)
        xdl.manual_seed(0)
        lstm, values = nn.LSTM(5, 128), np.random.default_rng(0).standard_normal((3, 2, 5)).astype("float32")
        y = lstm(xdl.tensor(values))[0]
        (y * y).mean().backward()
        x, w = (xdl.tensor(values.reshape(-1)[:16].reshape(shape)) for shape in ((1, 4, 2, 2), (4, 4, 1, 1)))
        return y.numpy(), lstm.weight_hh_l0.grad.numpy(), functional.conv2d(x, w).numpy()

    expected = results("numpy")
    kernel.set_precision(precision)
    kernel.set_mode("required")
    for found, wanted in zip(results("cuda-on-host"), expected, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-5)
    assert "lstm_cell_forward" in launched
    assert not {"recurrent_persistent_forward", "conv_tf32_forward"} & launched
