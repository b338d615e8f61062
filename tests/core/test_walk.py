"""The walk of one Linear: few Python calls in few files in the forward pass, and no new file in the backward pass."""

import sys
from pathlib import Path

import numpy as np
import pytest

import xdl
from xdl import nn

ROOT = Path(xdl.__file__).parents[1]
PLACES = tuple(str(ROOT / folder) + "/" for folder in ("xdl", "kernels", "backends"))


def walk(function):
    """(file, function) of every Python call into xdl while the function runs."""
    calls = []

    def note(frame, event, _):
        name = frame.f_code.co_filename
        if event == "call" and name.startswith(PLACES):
            calls.append((str(Path(name).relative_to(ROOT)), frame.f_code.co_qualname))

    sys.setprofile(note)
    try:
        function()
    finally:
        sys.setprofile(None)
    return calls


def shown(calls):
    return "\n".join(f"{i + 1}. {file}: {name}" for i, (file, name) in enumerate(calls))


@pytest.fixture
def layer_and_input():
    """A layer that has run once, so that lookups are warm, and an input that requires a gradient."""
    layer, x = nn.Linear(4, 3), xdl.tensor(np.ones((2, 4), np.float32), requires_grad=True)
    layer(x).sum().backward()
    return layer, x


def test_forward(layer_and_input):
    layer, x = layer_and_input
    calls = walk(lambda: layer(x))
    assert calls
    assert len(calls) <= 6, shown(calls)
    assert len({file for file, _ in calls}) <= 5, shown(calls)


def test_backward(layer_and_input):
    layer, x = layer_and_input
    forward = walk(lambda: layer(x))
    y, g = layer(x), xdl.tensor(np.ones((2, 3), np.float32))
    back = walk(lambda: y.backward(g))
    assert "LinearPair.backward" in [name for _, name in back]
    assert len(back) <= 8, shown(back)
    assert {file for file, _ in back} <= {file for file, _ in forward}, f"{shown(back)}\nforward:\n{shown(forward)}"
