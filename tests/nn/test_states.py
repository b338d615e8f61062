"""States out of modules and into them, conversions and moves, gradients that begin anew: by PyTorch's names."""

from collections import OrderedDict

import numpy as np
import pytest

import xdl
from xdl import nn, optim
from xdl.errors import BackendError, CheckpointError, DtypeError, SettingError


def net(F=xdl):
    return F.nn.Sequential(F.nn.Linear(2, 3), F.nn.BatchNorm1d(3), F.nn.Linear(3, 1, bias=False))


def test_a_state_with_prefix_destination_and_the_tensors_themselves():
    module, given = net(), OrderedDict(first=1)
    state = module.state_dict(destination=given, prefix="net.")
    assert state is given
    assert list(state)[:3] == ["first", "net.0.weight", "net.0.bias"]
    kept = module.state_dict(keep_vars=True)
    assert kept["0.weight"] is module[0].weight
    assert kept["1.running_mean"] is module[1].running_mean
    assert not module.state_dict()["0.weight"].requires_grad


def test_loading_tells_what_did_not_match():
    module = net()
    found = module.load_state_dict(module.state_dict())
    assert (repr(found), str(found)) == ("<All keys matched successfully>",) * 2
    state = {**module.state_dict(), "extra": xdl.ones(1)}
    del state["0.bias"]
    del state["1.num_batches_tracked"]
    missing, unexpected = found = module.load_state_dict(state, strict=False)
    assert (missing, unexpected) == (["0.bias"], ["extra"])
    assert found.missing_keys == missing
    assert found.unexpected_keys == unexpected
    assert "missing_keys=['0.bias'], unexpected_keys=['extra']" in repr(found)
    with pytest.raises(CheckpointError, match="in place of"):
        module.load_state_dict({"0.bias": xdl.ones(7)}, strict=False)


@pytest.mark.torch
def test_loading_and_states_beside_pytorch():
    import torch

    results = []
    for F in (xdl, torch):
        module = net(F)
        state = {**module.state_dict(prefix=""), "extra": F.ones(1)}
        del state["2.weight"]
        found = module.load_state_dict(state_dict=state, strict=False, assign=True)
        results.append((tuple(found), [*module.state_dict(prefix="a.", destination={})], repr(found).lstrip("_")))
    assert results[0][:2] == results[1][:2]
    assert repr(net().load_state_dict(net().state_dict())) == repr(net(torch).load_state_dict(net(torch).state_dict()))


def test_assigning_a_state_takes_its_tensors():
    module, other = net(), net().double()
    module[0].bias.requires_grad_(False)
    old = module[0].weight
    state = other.state_dict()
    module.load_state_dict(state, assign=True)
    assert module[0].weight is not old
    assert isinstance(module[0].weight, nn.Parameter)
    assert module[0].weight.dtype == module[1].running_mean.dtype == "float64"
    assert module[1].num_batches_tracked.dtype == "int64"
    assert [p.requires_grad for p in module[0].parameters()] == [True, False]
    assert [*module.state_dict()] == [*state]
    with xdl.no_grad():
        other[0].weight.fill_(7)
        other[1].running_mean.fill_(3)
    assert module[0].weight.tolist() == [[7.0] * 2] * 3
    assert module[1].running_mean.tolist() == [3.0] * 3
    module.load_state_dict({name: t.numpy() for name, t in state.items()}, assign=True)
    assert module(xdl.ones(4, 2, dtype="float64")).dtype == "float64"
    for wrong in (xdl.ones(3, 2, dtype="int64"), xdl.ones(2)):
        before = module[0].weight
        with pytest.raises(CheckpointError, match=r"0\.weight"):
            module.load_state_dict({**state, "0.weight": wrong}, assign=True)
        assert module[0].weight is before


WAYS = {
    "double": lambda m: m.double(),
    "type": lambda m: m.type("float64"),
    "to a name": lambda m: m.to(xdl.double),
    "to dtype=": lambda m: m.to(dtype="float64"),
    "to a tensor": lambda m: m.to(xdl.ones(1, dtype="float64")),
    "to both": lambda m: m.to("cpu", "float64", non_blocking=True),
    "to device= and dtype=": lambda m: m.to(device=xdl.device("cpu"), dtype="float64"),
}


@pytest.mark.parametrize("way", WAYS)
def test_conversions_keep_the_parameters(way):
    module = net()
    weight, start = module[0].weight, module[0].weight.numpy().copy()
    module(xdl.ones(4, 2)).sum().backward()
    assert WAYS[way](module) is module
    assert module[0].weight is weight
    np.testing.assert_array_equal(weight.numpy(), start)
    assert {t.dtype for t in module.state_dict().values()} == {"float64", "int64"}
    assert weight.grad.dtype == "float64"
    assert module.float()[0].weight.dtype == weight.grad.dtype == "float32"


def test_moves(strict):
    module = net()
    weight, array = module[0].weight, module[0].weight.array
    assert module.cpu() is module.to("cpu") is module.to(xdl.device("cpu")) is module
    assert weight.array is array
    assert {type(t.array) for t in module.to(strict.name, "float64").state_dict().values()} == {strict.array_types[0]}
    assert module[0].weight is weight
    assert weight.dtype == "float64"
    assert type(module.cpu()[0].weight.array) is np.ndarray


@pytest.mark.parametrize("empty", [False, True])
def test_what_is_refused(empty):
    module = nn.Tanh() if empty else net()
    for act in (
        lambda: module.half(),
        lambda: module.bfloat16(),
        lambda: module.to("float16"),
        lambda: module.to("int64"),
    ):
        with pytest.raises(DtypeError, match=r"float16|bfloat16|int64"):
            act()
    for name in ("cuda:7", "nowhere"):
        with pytest.raises((BackendError, DtypeError)):
            module.to(name)
    if not empty:
        assert module[0].weight.dtype == "float32"


@pytest.mark.parametrize("graph", [False, True])
def test_gradients_become_zero_in_place(graph):
    for by_module in (True, False):
        module = net()
        scale = nn.Parameter(xdl.ones(()))
        module.register_parameter("scale", scale)
        optimizer = optim.SGD(module.parameters(), lr=0.1)
        (module(xdl.randn(4, 2)) * module.scale).sum().backward(create_graph=graph)
        module[2].weight.grad = None
        grads = {name: p.grad for name, p in module.named_parameters() if p.grad is not None}
        (module if by_module else optimizer).zero_grad(set_to_none=False)
        assert module[2].weight.grad is None
        for name, old in grads.items():
            new = module.get_parameter(name).grad
            assert new.shape == old.shape
            assert not new.requires_grad
            assert (new.numpy() == 0).all()
            assert not old.shape or (old.numpy() == 0).all()
        optimizer.zero_grad()
        module.zero_grad(set_to_none=True)
        assert all(p.grad is None for p in module.parameters())


def test_walking_by_pytorchs_arguments():
    module = net()
    assert [*module.parameters(recurse=False)] == [*module.buffers(recurse=False)] == []
    assert len([*module.buffers()]) == 3
    seen = {module[1]}
    assert [name for name, _ in module.named_modules(memo=seen, prefix="net")] == ["net", "net.0", "net.2"]
    assert module[0] in seen
    log = []
    assert module.apply(fn=lambda m: log.append(type(m).__name__)) is module
    assert log == ["Linear", "BatchNorm1d", "Linear", "Sequential"]
    with pytest.raises(SettingError, match="True or False"):
        module.train("yes")
