"""The memory that an optimizer takes beside the parameters: its own buffers, and no second copy of large gradients."""

import subprocess
import sys

import pytest

PROGRAM = """
import xdl
from xdl import nn, optim

def resident():
    return int(open("/proc/self/statm").read().split()[1]) << 12

def training(rows):
    layer = nn.Linear(2048, rows, bias=False)
    optimizer, x = optim.Adam(layer.parameters()), xdl.ones(1, 2048)
    for _ in range(2):
        optimizer.zero_grad()
        layer(x).sum().backward()
        optimizer.step()
    return layer, optimizer

from xdl.kernels.common.buffers import pool
small = training(2)
before = resident()
large = training(4096)
pool.clear()  # of what drew the first values
print((resident() - before) / large[0].weight.array.nbytes)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_adam_takes_four_times_the_parameters():
    """The parameters, their gradients and two buffers; the fourth part of the gradients' own buffer was one more."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=120)
    assert 3.9 < float(done.stdout) < 4.5
