"""What a module holds: assigning and deleting by PyTorch's rules, names that are None, modules that hold themselves."""

from copy import copy, deepcopy

import pytest

import xdl
from xdl import nn
from xdl.errors import KindError, SettingError
from xdl.nn import Buffer, Parameter


def values(F):
    """What may be assigned, by name: made anew each time."""
    return {
        "parameter": F.nn.Parameter(F.ones(2)),
        "module": F.nn.Linear(2, 3),
        "buffer": F.nn.Buffer(F.ones(2)),
        "passing buffer": F.nn.Buffer(F.ones(2), persistent=False),
        "tensor": F.zeros(2),
        "None": None,
        "number": 3,
        "list": [1],
    }


def start(F):
    """A module that holds one of each, each twice, so that their order shows."""
    module = F.nn.Module()
    for name, value in values(F).items():
        setattr(module, name.replace(" ", "_"), value)
    module.register_parameter("no_parameter", None)
    module.register_buffer("no_buffer", None, persistent=False)
    module.register_module("no_module", None)
    module.last_parameter, module.last_module = F.nn.Parameter(F.ones(1)), F.nn.Tanh()
    module.last_buffer = F.nn.Buffer(F.ones(1))
    return module


def held(module):
    """The names by kind, in their order."""
    return {
        "parameters": [name for name, _ in module.named_parameters(recurse=False)],
        "buffers": [name for name, _ in module.named_buffers(recurse=False)],
        "modules": [name for name, _ in module.named_children()],
        "state": sorted(module.state_dict()),
    }


PLACES = [name.replace(" ", "_") for name in values(xdl)] + ["no_parameter", "no_buffer", "no_module", "new"]


def outcome(F, place, kind):
    """What a module holds after a value was assigned to a name, and once more after None and another value."""
    module, log = start(F), []
    steps = [values(F)[kind], None, values(F)[kind], values(F)["tensor"], values(F)["parameter"], values(F)["module"]]
    for value in steps:
        try:
            setattr(module, place, value)
        except TypeError:
            log.append("TypeError")
        log.append(held(module))
    try:
        delattr(module, place)
    except AttributeError:
        log.append("AttributeError")
    setattr(module, place, values(F)["tensor"])
    return [*log, held(module)]


PLAIN = {"tensor", "None", "number", "list"}  # where PyTorch refuses a Buffer with a KeyError


@pytest.mark.torch
@pytest.mark.parametrize(
    ("place", "kind"),
    [(place, kind) for place in PLACES for kind in values(xdl) if place not in PLAIN or "buffer" not in kind],
)
def test_assigning_and_deleting_are_those_of_pytorch(place, kind):
    import torch

    assert outcome(xdl, place, kind) == outcome(torch, place, kind)


@pytest.mark.parametrize("value", [xdl.ones(2), 3, [1.0], "w", nn.Tanh(), Buffer(xdl.ones(2))], ids=type)
@pytest.mark.parametrize("place", ["parameter", "no_parameter"])
def test_a_parameter_is_not_lost(place, value):
    module = start(xdl)
    for kind in (KindError, SettingError, TypeError):
        with pytest.raises(kind, match=f"Module.{place}: expected an nn.Parameter or None"):
            setattr(module, place, value)
    assert "parameter" in module.state_dict()


def test_the_message_says_what_to_write():
    layer = nn.Linear(2, 1, bias=False)
    with pytest.raises(TypeError, match=r"no_grad\(\): module.weight.copy_\(value\); or assign nn.Parameter"):
        layer.weight = xdl.ones(1, 2)
    with pytest.raises(TypeError, match=r"Linear.bias"):
        layer.bias = xdl.ones(1)
    with xdl.no_grad():
        layer.weight.copy_(xdl.ones(1, 2))
    layer.weight = None
    assert [*layer.parameters()] == []
    layer.weight = weight = nn.Parameter(xdl.ones(1, 2))
    assert [*layer.parameters()] == [weight]


@pytest.mark.parametrize("value", [3, [1.0], "w"], ids=type)
@pytest.mark.parametrize("place", ["buffer", "passing_buffer", "no_buffer", "module", "no_module"])
def test_buffers_and_modules_are_not_lost(place, value):
    with pytest.raises(TypeError, match=f"Module.{place}: expected a (Tensor|Module) or None"):
        setattr(start(xdl), place, value)


def test_a_tensor_becomes_the_buffer_and_keeps_its_memory_and_its_gradient():
    norm, new = nn.BatchNorm1d(2), xdl.zeros(2)
    norm.running_mean = new
    new += 1
    assert norm.running_mean.tolist() == [1.0, 1.0]
    assert isinstance(norm.running_mean, Buffer)
    cell = nn.Module()
    cell.register_buffer("state", xdl.zeros(2), persistent=False)
    w = nn.Parameter(xdl.ones(2))
    for _ in range(3):
        cell.state = cell.state * w + w
    cell.state.sum().backward()
    assert w.grad.tolist() == [6.0, 6.0]  # w**3 + w**2 + w
    leaf = xdl.ones(2, requires_grad=True)
    cell.state = leaf
    (cell.state * 2).sum().backward()
    assert leaf.grad.tolist() == [2.0, 2.0]
    with xdl.no_grad():
        cell.state = w * 2
    assert not cell.state.requires_grad
    assert "state" not in cell.state_dict()


def test_subclasses_need_no_init_and_copies_are_their_own():
    class Net(nn.Module):
        def __init__(self):
            self.register_buffer("mask", None)
            self.layer = nn.Linear(1, 1)

    net = Net()
    twin, shallow = deepcopy(net), copy(net)
    twin.mask = xdl.ones(1)
    assert "mask" in twin.state_dict()
    assert "mask" not in net.state_dict()
    shallow.mask = xdl.ones(1)
    assert "mask" not in net.state_dict()
    net.mask = xdl.zeros(1)
    assert "mask" in net.state_dict()


def test_what_is_no_tensor_is_no_parameter():
    for make in (Parameter, Buffer):
        with pytest.raises(KindError, match=r"xdl\.tensor"):
            make([1.0])
    assert Parameter().shape == (0,)
    assert nn.parameter.Parameter is Parameter


def ways():
    """Modules that hold the first of them, each by another way; the path in the message."""
    parent = nn.Sequential(nn.Linear(1, 1))
    yield "parent", parent, lambda: setattr(parent[0], "parent", parent)
    yield "me", parent, lambda: setattr(parent, "me", parent)
    yield "more.0", parent, lambda: setattr(parent, "more", nn.ModuleList([parent]))
    yield (
        "more.a.0.0",
        parent,
        lambda: setattr(parent, "more", nn.ModuleDict({"a": nn.Sequential(nn.Sequential(parent))})),
    )
    yield "1", parent, lambda: parent.append(parent)
    yield "0", parent, lambda: parent.insert(0, parent)
    yield "0", parent, lambda: parent.__setitem__(0, parent)
    yield "1.0", parent, lambda: parent.extend([nn.Sequential(parent)])
    yield "up", parent, lambda: parent.register_module("up", parent)
    yield "x.0", parent, lambda: parent.add_module("x", nn.ModuleList([parent]))


@pytest.mark.parametrize("number", range(10))
def test_no_module_holds_itself(number):
    path, parent, act = [*ways()][number]
    before = repr(parent)
    with pytest.raises(SettingError, match=f"this one as {path}\\."):
        act()
    assert repr(parent) == before
    assert len([*parent.modules(remove_duplicate=False)]) == 2


def test_shared_modules_stay_allowed():
    shared = nn.Linear(1, 1)
    net = nn.Sequential(shared, nn.ModuleList([shared, nn.Sequential(shared)]), shared)
    assert len([*net.modules()]) == 4
    assert len([*net.modules(remove_duplicate=False)]) == 7
    assert len([*net.parameters()]) == 2
    assert len(net.state_dict()) == 8
    assert [name for name, _ in net.named_children()] == ["0", "1"]
    (net * 2).append(net)


@pytest.mark.torch
def test_a_buffer_under_another_name_is_what_it_is_in_pytorch():
    import torch

    def outcome(F):
        parent, child = F.nn.Module(), F.nn.Module()
        child.register_buffer("mask", F.ones(2))
        child.register_buffer("own", F.nn.Buffer(F.ones(2)))
        parent.child, parent.mask, parent.own, parent.given = child, child.mask, child.own, F.nn.Buffer(F.zeros(1))
        child.again = parent.given
        child.mask.add_(1)
        parent.child.mask = F.zeros(2)
        return held(parent), held(child), parent.mask.tolist(), child.mask.tolist()

    assert outcome(xdl) == outcome(torch)


@pytest.mark.torch
def test_none_stands_in_a_list_of_modules():
    import torch

    def outcome(F):
        modules = F.nn.ModuleList([None, F.nn.Linear(2, 1), None])
        modules.append(None)
        modules[0] = F.nn.Linear(1, 1)
        names = [None if m is None else type(m).__name__ for m in modules]
        return names, len(modules), modules[2] is None, sorted(modules.state_dict()), len(list(modules.children()))

    assert outcome(xdl) == outcome(torch)
