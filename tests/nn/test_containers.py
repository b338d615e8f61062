"""Containers behave as lists and dictionaries; modules register, find, convert and move what they hold."""

from collections import OrderedDict

import numpy as np
import pytest

import xdl
from xdl import nn
from xdl.errors import CheckpointError, DtypeError, SettingError, ShapeError


def test_module_list():
    a, b, c, d = (nn.Linear(1, 1) for _ in range(4))
    modules = nn.ModuleList([a, b])
    assert modules.append(c) is modules
    modules.insert(1, d)
    assert [*modules] == [a, d, b, c]
    assert len(modules) == 4
    assert [name for name, _ in modules.named_children()] == ["0", "1", "2", "3"]
    assert modules[-1] is c
    assert [*modules[1:3]] == [d, b]
    assert type(modules[1:3]) is nn.ModuleList
    modules[0] = d
    del modules[1]
    modules.extend([a])
    assert [*modules] == [d, b, c, a]
    assert set(modules.state_dict()) == {f"{i}.{kind}" for i in range(4) for kind in ("weight", "bias")}
    with pytest.raises(SettingError, match="modules, found int as number 4"):
        modules.append(3)
    with pytest.raises(IndexError):
        modules[9]


def test_module_dict():
    a, b = nn.Linear(1, 1), nn.Linear(1, 2)
    modules = nn.ModuleDict({"a": a})
    modules["b"] = b
    assert list(modules) == list(modules.keys()) == ["a", "b"]
    assert [*modules.values()] == [a, b]
    assert dict(modules.items()) == {"a": a, "b": b}
    assert "a" in modules
    assert modules.pop("a") is a
    assert "a" not in modules
    assert set(modules.state_dict()) == {"b.weight", "b.bias"}
    del modules["b"]
    assert len(modules) == 0
    for key in ("keys", "x.y", ""):
        with pytest.raises(SettingError, match="a name without dots that the class does not use"):
            modules[key] = a
    for value in (None, 3):
        with pytest.raises(SettingError, match="a Module"):
            modules["c"] = value
    with pytest.raises(KeyError):
        modules["c"]


def test_parameter_list_and_dict():
    p, q = nn.Parameter(xdl.ones(2)), nn.Parameter(xdl.ones(3))
    both = nn.ParameterList([p]).append(q)
    named = nn.ParameterDict({"p": p, "q": q})
    assert [*both.parameters()] == [p, q]
    assert dict(named.named_parameters()) == {"p": p, "q": q}
    assert repr(both) == "ParameterList((2,), (3,))"
    assert repr(named) == "ParameterDict(p: (2,), q: (3,))"
    with pytest.raises(SettingError):
        both.append(3)


def test_sequential_with_names_and_as_a_list():
    net = nn.Sequential(OrderedDict([("first", nn.Linear(2, 3)), ("act", nn.Tanh()), ("last", nn.Linear(3, 1))]))
    x = xdl.ones(4, 2)
    np.testing.assert_array_equal(net(x).numpy(), net.last(net.act(net.first(x))).numpy())
    assert list(net.state_dict()) == ["first.weight", "first.bias", "last.weight", "last.bias"]
    assert net[1] is net.act
    assert list(net[1:].state_dict()) == ["last.weight", "last.bias"]
    assert nn.Sequential(nn.Tanh()).append(nn.Linear(2, 1))(x).shape == (4, 1)


def test_registering_and_finding():
    net = nn.Sequential(nn.Linear(2, 3))
    net.register_buffer("count", xdl.zeros(1))
    net.register_buffer("scratch", xdl.zeros(1), persistent=False)
    net.register_parameter("scale", nn.Parameter(xdl.ones(1)))
    net.register_parameter("shift", None)
    net.register_module("more", nn.Tanh())
    assert [*net.state_dict()] == ["scale", "count", "0.weight", "0.bias"]
    assert net.get_parameter("0.weight") is net[0].weight
    assert net.get_buffer("scratch") is net.scratch
    assert net.get_submodule("0") is net[0]
    assert net.get_submodule("") is net
    assert net.shift is None
    with pytest.raises(SettingError, match=r"Did you mean '0\.weight'"):
        net.get_parameter("0.wieght")
    with pytest.raises(SettingError, match="a Parameter or None as scale"):
        net.register_parameter("scale", xdl.ones(1))


def test_to_another_dtype():
    net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    weight, before = net[0].weight, net[0].weight.numpy().copy()
    net(xdl.ones(4, 2)).sum().backward()
    assert net.to("float64") is net
    assert net[0].weight is weight
    assert {t.dtype for t in (*net.parameters(), net[1].running_mean)} == {"float64"}
    assert net[1].num_batches_tracked.dtype == "int64"
    assert weight.grad.dtype == "float64"
    np.testing.assert_array_equal(weight.numpy(), before)
    assert net(xdl.ones(4, 2, dtype="float64")).dtype == "float64"
    with pytest.raises(DtypeError, match="a floating dtype"):
        net.to("int64")
    with pytest.raises(DtypeError, match="Did you mean 'numpy'"):
        net.to("nunpy")


def test_to_another_backend(strict):
    net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    before = {name: t.numpy().copy() for name, t in net.state_dict().items()}
    net.to(strict.name)
    for name, t in net.state_dict().items():
        assert type(t.array) is strict.array_types[0]
        assert t.numpy().dtype == before[name].dtype
        np.testing.assert_array_equal(t.numpy(), before[name])
    x = xdl.Tensor(strict.asarray(np.ones((4, 2), np.float32)))
    net(x).sum().backward()
    assert type(net[0].weight.grad.array) is strict.array_types[0]


def test_states_with_class_weights():
    loss = nn.CrossEntropyLoss(xdl.tensor([1.0, 2.0]))
    assert [*loss.state_dict()] == ["weight"]
    assert list(loss.parameters()) == []
    with pytest.raises(CheckpointError, match="weight is missing"):
        loss.load_state_dict({})
    assert repr(loss) == "CrossEntropyLoss(ignore_index=-100, reduction='mean', label_smoothing=0.0)"


def test_vectors_of_parameters():
    layer = nn.Linear(2, 3)
    vector = nn.utils.parameters_to_vector(layer.parameters())
    assert vector.shape == (9,)
    nn.utils.vector_to_parameters(vector.detach() * 2, layer.parameters())
    doubled = nn.utils.parameters_to_vector(layer.parameters())
    np.testing.assert_array_equal(doubled.numpy(), vector.numpy() * 2)
    doubled.sum().backward()
    np.testing.assert_array_equal(layer.weight.grad.numpy(), np.ones((3, 2)))
    with pytest.raises(ShapeError, match=r"vec \(9,\)"):
        nn.utils.vector_to_parameters(xdl.ones(8), layer.parameters())


def test_embedding_from_a_table():
    table = xdl.tensor([[1.0, 2.0], [3.0, 4.0]])
    layer = nn.Embedding.from_pretrained(table)
    assert layer(xdl.tensor([1])).tolist() == [[3.0, 4.0]]
    assert not layer.weight.requires_grad
    assert nn.Embedding.from_pretrained(table, freeze=False).weight.requires_grad
    padded = nn.Embedding(4, 3, padding_idx=-1)
    assert padded.padding_idx == 3
    assert padded.weight.tolist()[3] == [0, 0, 0]
    with pytest.raises(SettingError, match=r"padding_idx in \[-4, 4\)"):
        nn.Embedding(4, 3, padding_idx=4)
