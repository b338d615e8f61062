"""Settings that many layers share: device and dtype, bias of norms, inplace."""

import inspect

import numpy as np
import pytest

import xdl
from xdl import nn
from xdl.errors import DtypeError, GraphError, KindError, ShapeError

LAYERS = {
    "Linear": (2, 3), "Bilinear": (2, 2, 3), "Conv1d": (2, 2, 1), "Conv2d": (2, 2, 1), "Conv3d": (2, 2, 1),
    "ConvTranspose1d": (2, 2, 1), "ConvTranspose2d": (2, 2, 1), "ConvTranspose3d": (2, 2, 1), "BatchNorm1d": (2,),
    "BatchNorm2d": (2,), "BatchNorm3d": (2,), "InstanceNorm1d": (2, 1e-5, 0.1, True, True),
    "InstanceNorm2d": (2, 1e-5, 0.1, True, True), "InstanceNorm3d": (2, 1e-5, 0.1, True, True), "LayerNorm": (2,),
    "GroupNorm": (1, 2), "RMSNorm": (2,), "Embedding": (3, 2), "EmbeddingBag": (3, 2), "RNN": (2, 3),
    "LSTM": (2, 3), "GRU": (2, 3), "PeepholeLSTM": (2, 3), "CoupledLSTM": (2, 3), "NoOutputLSTM": (2, 3),
    "GRUBefore": (2, 3), "RNNCell": (2, 3), "LSTMCell": (2, 3), "GRUCell": (2, 3), "PReLU": (),
    "MultiheadAttention": (4, 2), "TransformerEncoderLayer": (4, 2, 3), "TransformerDecoderLayer": (4, 2, 3),
    "Transformer": (4, 2, 1, 1, 3), "GeneralAttention": (2, 3), "AdditiveAttention": (2, 3, 4),
    "LearnedPositions": (2, 3),
}  # fmt: skip
each_layer = pytest.mark.parametrize("name", LAYERS)


@each_layer
def test_layers_are_made_in_a_dtype_on_a_device(name, strict):
    xdl.manual_seed(0)
    plain = getattr(nn, name)(*LAYERS[name], device="cpu", dtype="float64")
    xdl.manual_seed(0)
    made = getattr(nn, name)(*LAYERS[name], device=strict.name, dtype="float64")
    assert [*made.state_dict()] == [*plain.state_dict()]
    for key, t in made.state_dict().items():
        assert type(t.array) is strict.array_types[0]
        assert t.dtype == ("int64" if "num_batches" in key else "float64")
        np.testing.assert_array_equal(t.numpy(), plain.state_dict()[key].numpy())
    assert {t.dtype for t in getattr(nn, name)(*LAYERS[name]).parameters()} == {"float32"}
    for dtype in ("float16", "int64"):
        with pytest.raises(DtypeError):
            getattr(nn, name)(*LAYERS[name], dtype=dtype)


def test_every_layer_with_parameters_is_among_them():
    having = {
        name for name in nn.__all__
        if inspect.isclass(getattr(nn, name)) and "device" in inspect.signature(getattr(nn, name)).parameters
    } - {"RNNBase", "SinusoidalPositions"}  # fmt: skip
    assert having == set(LAYERS)


@pytest.mark.torch
def test_signatures_are_those_of_pytorch():
    """Names and their order, up to where xdl's own end, for all layers that xdl has."""
    import torch

    younger = {"RNN", "RNNBase", "LSTM", "GRU", "Softmax", "LogSoftmax", "Hardtanh"}  # theirs have more, or older names
    lazy = {name for name in nn.__all__ if name.startswith("Lazy")}  # they pass on what the plain layer takes
    wrong = {}
    for name in set(nn.__all__) - younger - lazy:
        kind = getattr(nn, name)
        if not inspect.isclass(kind) or not issubclass(kind, nn.Module) or not hasattr(torch.nn, name):
            continue
        ours, theirs = (
            [p.name for p in inspect.signature(layer.__init__).parameters.values() if p.name != "self" and p.kind < 4]
            for layer in (kind, getattr(torch.nn, name))
        )
        theirs = [key for key in theirs if key not in ("size_average", "reduce", "args", "kwargs")]
        ours = [key for key in ours if key not in ("args", "kwargs", "modules")]
        if ours != theirs[: len(ours)] or {"device", "inplace"} & (set(theirs) - set(ours)):
            wrong[name] = (ours, theirs)
    assert wrong == {}


@pytest.mark.parametrize("name", [name for name in LAYERS if "Norm" in name and name != "RMSNorm"])
def test_norms_without_bias(name):
    layer = getattr(nn, name)(*LAYERS[name], bias=False)
    assert layer.bias is None
    assert "weight" in layer.state_dict()
    assert "bias" not in layer.state_dict()
    x = xdl.randn(2, 2, *([3] * (int(name[-2]) if name.endswith("d") else 0)))
    x = xdl.randn(4, 2) if name == "LayerNorm" else x
    full = getattr(nn, name)(*LAYERS[name])
    np.testing.assert_allclose(layer(x).numpy(), full(x).numpy(), rtol=1e-6)
    with pytest.raises(TypeError, match="bias"):
        layer.bias = xdl.ones(2)


WRITING = {
    "ReLU": (), "ReLU6": (), "LeakyReLU": (0.2,), "ELU": (0.7,), "CELU": (0.7,), "SELU": (), "SiLU": (), "Mish": (),
    "Hardswish": (), "Hardsigmoid": (), "Hardtanh": (-0.4, 0.6), "Threshold": (0.1, 0.3), "Dropout": (0.5,),
    "AlphaDropout": (0.5,), "Dropout1d": (0.5,), "Dropout2d": (0.5,), "Dropout3d": (0.5,),
    "FeatureAlphaDropout": (0.5,),
}  # fmt: skip
each_writing = pytest.mark.parametrize("name", WRITING)
SHAPES = {"Dropout1d": (2, 3, 4), "Dropout3d": (2, 3, 2, 2, 2)}


@each_writing
def test_in_place_the_memory_holds_the_result(name, each_backend):
    start = np.random.default_rng(0).normal(size=SHAPES.get(name, (2, 3, 4, 5))).astype(np.float32)
    outside, inside = (getattr(nn, name)(*WRITING[name], flag) for flag in (False, True))
    results = []
    for layer in (outside, inside):
        xdl.manual_seed(1)
        x, w = xdl.tensor(start), xdl.tensor(start * 0 + 2, requires_grad=True)
        h = x * w
        view = h[0]
        y = layer(h)
        assert (y is h) == (layer is inside)
        (y * y).sum().backward()
        results.append((y.numpy(), w.grad.numpy()))
        if layer is inside:
            np.testing.assert_array_equal(view.numpy(), y.numpy()[0])
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    with pytest.raises(GraphError, match="clone"):
        inside(w)
    assert "inplace=True" in repr(inside)
    assert "inplace" not in repr(outside)


@each_writing
def test_in_place_in_evaluation(name):
    x = xdl.full(SHAPES.get(name, (2, 3, 4, 5)), 0.5)
    layer = getattr(nn, name)(*WRITING[name], inplace=True).eval()
    assert layer(x) is x
    if "Dropout" in name:
        assert (x.numpy() == 0.5).all()


@pytest.mark.parametrize("name", ["BatchNorm1d", "BatchNorm2d", "InstanceNorm2d"])
def test_a_momentum_is_a_number(name):
    with pytest.raises(KindError, match=f"{name}: expected momentum: a number, or None, found 'a'"):
        getattr(nn, name)(2, momentum="a")
    assert getattr(nn, name)(2, momentum=np.float32(0.5)).momentum == 0.5


def test_embedding_around_a_table():
    table = xdl.randn(3, 2, dtype="float64")
    layer = nn.Embedding(3, 2, _weight=table, _freeze=True)
    assert layer.weight.array is table.array
    assert not layer.weight.requires_grad
    assert nn.Embedding.from_pretrained(table, padding_idx=-1).padding_idx == 2
    with pytest.raises(ShapeError, match="_weight"):
        nn.Embedding(4, 2, _weight=table)
