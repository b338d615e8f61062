"""On the whole of MNIST each network reaches what the README says: an hour of training, on demand with -m slow."""

import io
import os

import pytest

from xdl.runs.start import RunRequest, start

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("XDL_DATA_DIR" not in os.environ, reason="XDL_DATA_DIR names no folder with MNIST"),
]
FLOORS = {
    "softmax-regression": 0.92,
    "mlp": 0.982,
    "lenet": 0.990,
    "book-cnn": 0.990,
    "book-cnn-batchnorm": 0.992,
    "resnet": 0.995,
}


@pytest.mark.parametrize("name", FLOORS)
def test_the_defaults_reach_their_figure(tmp_path, name):
    summary = start(name, RunRequest({}, data="mnist"), out=tmp_path, stream=io.StringIO()).perform()
    assert summary["test_accuracy"] >= FLOORS[name]
