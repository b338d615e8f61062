"""Containers' methods beside PyTorch's: one scenario of each, whose outcomes are compared."""

from collections import OrderedDict

import pytest

import xdl
from xdl import nn
from xdl.errors import KindError, SettingError


def names(container):
    """The names of what it holds, with the sizes that tell one from another."""
    modules = [(name, getattr(m, "in_features", type(m).__name__)) for name, m in container.named_children()]
    return modules + [(name, tuple(p.shape)) for name, p in container.named_parameters(recurse=False)]


def linears(F, *sizes):
    return [F.nn.Linear(size, 1) for size in sizes]


def module_lists(F):
    held = F.nn.ModuleList(linears(F, 1, 2, 3))
    yield held.append(F.nn.Linear(4, 1)) is held
    yield held.extend(linears(F, 5, 6)) is held
    held.insert(1, F.nn.Linear(7, 1))
    held.insert(len(held) - 1, F.nn.Linear(8, 1))
    yield names(held)
    yield held.pop(2).in_features
    yield names(held.pop(slice(0, 2)))
    yield names(held)
    yield names(held + linears(F, 9))
    held += linears(F, 10)
    held[-1] = F.nn.Linear(11, 1)
    yield names(held)
    del held[1:3]
    del held[-1]
    yield names(held)
    yield names(held[::-1])
    yield (len(held), held[0] in held, type(held[:1]) is F.nn.ModuleList)


def sequentials(F):
    held = F.nn.Sequential(OrderedDict([("a", F.nn.Linear(1, 1)), ("b", F.nn.Linear(2, 1)), ("c", F.nn.Linear(3, 1))]))
    yield names(held)
    held[1] = F.nn.Linear(4, 1)
    held[-1] = F.nn.Linear(5, 1)
    yield names(held)
    yield names(held[1:])
    yield (held.append(F.nn.Linear(6, 1)) is held, names(held))
    yield held.pop(0).in_features
    yield names(F.nn.Sequential(*linears(F, 1, 2)) + F.nn.Sequential(*linears(F, 3)))
    plain = F.nn.Sequential(*linears(F, 1, 2))
    yield (plain.insert(1, F.nn.Linear(9, 1)) is plain, names(plain))
    yield (plain.extend(F.nn.Sequential(*linears(F, 3))) is plain, names(plain))
    plain += F.nn.Sequential(*linears(F, 7))
    yield [len(m.state_dict()) for m in (plain * 2, 2 * plain, plain)]
    square = F.nn.Sequential(F.nn.Linear(1, 1))
    square *= 3
    yield ([name for name, _ in square.named_modules(remove_duplicate=False)], len(list(square.parameters())))
    del plain[0:2]
    del plain[-1]
    yield names(plain)


def module_dicts(F):
    held = F.nn.ModuleDict([("a", F.nn.Linear(1, 1)), ("b", F.nn.Linear(2, 1))])
    held.update({"c": F.nn.Linear(3, 1), "a": F.nn.Linear(4, 1)})
    held.update(F.nn.ModuleDict({"d": F.nn.Linear(5, 1)}))
    held["e"] = F.nn.Linear(6, 1)
    yield (names(held), list(held), list(held.keys()), len(list(held.items())), "a" in held, 3 in held)
    yield held.pop("b").in_features
    del held["c"]
    yield [m.in_features for m in held.values()]
    held.clear()
    yield (names(held), len(held))


def parameter_lists(F):
    held = F.nn.ParameterList([F.nn.Parameter(F.ones(1)), F.ones(2)])
    yield (held.append(F.ones(3)) is held, held.extend([F.ones(4)]) is held)
    held += [F.ones(5)]
    held[1] = F.nn.Parameter(F.ones(6))
    yield names(held)
    yield names(held[1:3])
    yield [type(p) is F.nn.Parameter for p in held]


def parameter_dicts(F):
    held = F.nn.ParameterDict({"a": F.nn.Parameter(F.ones(1)), "b": F.ones(2)})
    held.update([("c", F.ones(3))])
    yield (names(held), list(reversed(held)), held.get("zz", 7), tuple(held.get("a").shape))
    yield tuple(held.setdefault("d", F.ones(4)).shape)
    yield tuple(held.setdefault("a", F.ones(9)).shape)
    yield names(held | F.nn.ParameterDict({"e": F.ones(5)}))
    yield names(held.copy())
    held |= F.nn.ParameterDict({"a": F.ones(8)})
    yield (names(held), [type(p) is F.nn.Parameter for p in held.values()])
    yield held.popitem()[0]
    yield names(held.fromkeys(["x", "y"], F.ones(2)))
    yield tuple(held.pop("a").shape)
    held.clear()
    yield len(held)


@pytest.mark.torch
@pytest.mark.parametrize("run", [module_lists, sequentials, module_dicts, parameter_lists, parameter_dicts])
def test_methods_are_those_of_pytorch(run):
    import torch

    assert [*run(xdl)] == [*run(torch)]


def test_names_and_order_after_every_kind_of_change():
    assert [*module_lists(xdl)][-3:] == [
        [("0", 3), ("1", 8), ("2", 6)],
        [("0", 6), ("1", 8), ("2", 3)],
        (3, True, True),
    ]
    assert nn.ModuleList(linears(xdl, 1, 2)).insert(-1, nn.Linear(3, 1))[1].in_features == 3  # PyTorch: KeyError
    assert [*sequentials(xdl)][:3] == [
        [("a", 1), ("b", 2), ("c", 3)],
        [("a", 1), ("b", 4), ("c", 5)],
        [("b", 4), ("c", 5)],
    ]
    assert [*module_dicts(xdl)][1:] == [2, [4, 5, 6], ([], 0)]
    assert [*parameter_lists(xdl)][1:3] == [
        [(str(i), (n,)) for i, n in enumerate((1, 6, 3, 4, 5))],
        [("0", (6,)), ("1", (3,))],
    ]
    assert [*parameter_dicts(xdl)][-1] == 0


@pytest.mark.parametrize("act", [
    lambda: nn.ModuleList([nn.Tanh(), 3]), lambda: nn.ModuleList(3), lambda: nn.Sequential(nn.Tanh(), None),
    lambda: nn.Sequential(nn.Tanh()).append("x"), lambda: nn.Sequential({"a": 3}), lambda: nn.Sequential([nn.Tanh()]),
    lambda: nn.ModuleDict({"a": None}), lambda: nn.ModuleDict(["ab"]), lambda: nn.ParameterList([nn.Tanh()]),
    lambda: nn.ParameterDict({"a": 3}), lambda: nn.ParameterDict().setdefault("a"), lambda: nn.ModuleList() + 3,
])  # fmt: skip
def test_other_kinds_are_refused(act):
    with pytest.raises(KindError):
        act()


def test_a_refusal_changes_nothing():
    held = nn.ModuleList(linears(xdl, 1, 2))
    for act in (
        lambda: held.extend([nn.Tanh(), 3]), lambda: held.insert(0, 3),
        lambda: held.extend([None, 3]), lambda: held.__setitem__(0, 3),
        lambda: held.append(held),
    ):  # fmt: skip
        with pytest.raises(SettingError):
            act()
        assert names(held) == [("0", 1), ("1", 2)]
    for times in (0, -1, 1.5):
        with pytest.raises(SettingError, match="at least 1"):
            nn.Sequential(nn.Tanh()) * times
    for act in (lambda: held[9], lambda: held.pop(2), lambda: held.__setitem__(5, nn.Tanh())):
        with pytest.raises(IndexError):
            act()
    for act in (lambda: nn.ParameterDict().popitem(), lambda: nn.ModuleDict().pop("a")):
        with pytest.raises(KeyError):
            act()


def test_the_functions_lie_under_nn_too():
    import xdl.nn.functional as F
    from xdl.nn import functional

    assert F is functional is nn.functional
    assert F.relu is xdl.functional.relu
    assert set(F.__all__) == set(xdl.functional.__all__)
