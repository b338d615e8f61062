"""Functions with several results: they share a node, what a rule reads is protected, nothing is packed or unpacked."""

import shutil

import numpy as np
import pytest

import xdl
from xdl import functional as F
from xdl.errors import GraphError
from xdl.functional.norm.batch_norm import normalized

CHOICES = {
    "sort": lambda x: F.sort(x, 1, True),
    "topk": lambda x: F.topk(x, 2, 1),
    "kthvalue": lambda x: F.kthvalue(x, 2, 1),
    "max": lambda x: F.max(x, 1),
    "min": lambda x: F.min(x, 1, keepdim=True),
    "median": lambda x: F.median(x, 1),
    "max_pool2d": lambda x: F.max_pool2d(x.reshape(1, 1, *x.shape), 2, return_indices=True),
}


@pytest.mark.parametrize("name", CHOICES)
def test_an_index_that_a_rule_reads_is_protected(name):
    x = xdl.randn(4, 6, dtype="float64", requires_grad=True)
    values, indices = CHOICES[name](x)
    indices[...] = 0
    with pytest.raises(GraphError, match="written in place"):
        values.sum().backward()
    values, indices = CHOICES[name](x)
    operation = values.node if name != "max_pool2d" else values.node.inputs[0]
    assert operation.op.name == name
    loss = values.sum()
    with xdl.no_grad():
        values[...] = 0  # no rule reads them
    loss.backward()
    assert x.grad.sum().item() == values.array.size


@pytest.mark.parametrize("layer", [xdl.nn.LSTM, xdl.nn.GRU], ids=["lstm", "gru"])
@pytest.mark.parametrize("backend", ["numpy", "cuda-on-host"])
def test_a_sequence_builds_no_gradient_of_zeros_and_copies_no_whole_result(layer, backend, monkeypatch):
    if backend == "cuda-on-host" and shutil.which("g++") is None:
        pytest.skip("g++ is not there")
    device = getattr(xdl.use(backend), "device", None)
    model, x = layer(6, 4), xdl.randn(9, 5, 6)
    copied = []
    if device is not None:
        copy = device.copy
        monkeypatch.setattr(device, "copy", lambda a, b: copied.append(a.size) or copy(a, b))
    outputs, last = model(x)
    assert max(copied, default=0) < outputs.array.size
    h, *c = last if isinstance(last, tuple) else (last,)
    loss = sum([t.sum() for t in (h, *c)], outputs.sum())
    made = []
    for name in ("zeros", "zeros_like", "full"):
        make = getattr(np, name)
        monkeypatch.setattr(np, name, lambda *a, _make=make, **k: made.append(_make(*a, **k)) or made[-1])
    loss.backward()
    assert [zeros.shape for zeros in made if zeros.size >= outputs.array.size] == []


@pytest.mark.parametrize("layer", [xdl.nn.LSTM, xdl.nn.GRU], ids=["lstm", "gru"])
def test_the_outputs_of_a_sequence_are_protected(layer):
    model, x = layer(6, 4), xdl.randn(9, 5, 6)
    outputs, _ = model(x)
    loss = outputs.sum()
    with xdl.no_grad():
        outputs[2] = 0
    with pytest.raises(GraphError, match="written in place"):
        loss.backward()


@pytest.mark.parametrize("backend", ["numpy", "cuda-on-host", "array_api_strict"])
def test_the_state_that_a_cell_hands_out_may_be_written(backend, request):
    if backend == "cuda-on-host" and shutil.which("g++") is None:
        pytest.skip("g++ is not there")
    if backend == "array_api_strict":
        request.getfixturevalue("strict")
    xdl.use(backend)
    cell, x = xdl.nn.LSTMCell(6, 4), xdl.randn(5, 6, requires_grad=True)
    gradients = []
    for write in (False, True):
        h, c = cell(x)
        loss = c.sum() + h.sum()
        with xdl.no_grad():
            for state in (h, c) if write else ():
                state[2] = 0
        gradients.append(xdl.grad(loss, [x])[0].numpy())
    np.testing.assert_array_equal(*gradients)


def test_statistics_of_a_batch_have_gradients():
    x, w, b = (xdl.randn(*shape, dtype="float64", requires_grad=True) for shape in ((3, 2, 5), (2,), (2,)))
    for outputs in (slice(3), slice(1), slice(1, 2), slice(2, 3)):
        call = lambda *inputs, part=outputs: list(normalized(*inputs, (None, None), 1e-5)[part])  # noqa: E731
        assert xdl.gradcheck(call, [x, w, b])
        assert xdl.gradgradcheck(call, [x, w, b])
    given = xdl.tensor(np.array([0.5, -1.0])), xdl.tensor(np.array([2.0, 0.3]))
    assert xdl.gradcheck(lambda *inputs: normalized(*inputs, given, 1e-5)[0], [x, w, b])
