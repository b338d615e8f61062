"""Neighbouring modules that run as one: where they do, and everything that keeps them apart."""

import pytest

import xdl
from xdl import nn, profiling
from xdl.nn.together import activated, shortcut


class MyLinear(nn.Linear):
    def forward(self, input):
        return super().forward(input) + 1


class MyReLU(nn.ReLU):
    def forward(self, input):
        return super().forward(input) + 1


def operations(y):
    """The names of the operations that led to y, newest first, along first inputs."""
    names, node = [], y.node
    while node is not None:
        names.append(node.op.name)
        node = next((n for n in (getattr(t, "node", t) for t in node.inputs) if hasattr(n, "op")), None)
    return names


X = xdl.randn(3, 5)
TOGETHER = ["linear_activation"]


@pytest.mark.parametrize("activation", [nn.ReLU(), nn.ReLU(inplace=True), nn.GELU(), nn.GELU("tanh")], ids=repr)
def test_a_linear_layer_and_its_activation_run_as_one_in_sequential(activation):
    linear = nn.Linear(5, 4)
    y = nn.Sequential(linear, activation)(X)
    assert operations(y) == TOGETHER
    assert y.tolist() == activation(linear(X)).tolist()


def test_hooks_that_are_gone_keep_nothing_apart():
    linear = nn.Linear(5, 4)
    with linear.register_forward_hook(lambda *_: None):
        assert operations(nn.Sequential(linear, nn.ReLU())(X)) == ["relu", "linear"]
    assert operations(nn.Sequential(linear, nn.ReLU())(X)) == TOGETHER


def test_the_last_linear_layer_and_several_in_a_row_run():
    first, second, third = nn.Linear(5, 4), nn.Linear(4, 3), nn.Linear(3, 2)
    model = nn.Sequential(first, second, nn.Flatten(), third)
    assert model(X).tolist() == third(second(first(X))).tolist()


def test_functions_of_a_transformer_run_as_one():
    linear = nn.Linear(5, 4)
    assert operations(activated(linear, nn.functional.gelu, X)) == TOGETHER
    assert operations(activated(linear, xdl.tanh, X)) == ["tanh", "linear"]


def hooked(linear, activation):
    linear.register_forward_hook(lambda *call: call[2] * 2)


def hooked_activation(linear, activation):
    activation.register_forward_pre_hook(lambda *call: (call[1][0] * 2,))


def another_forward(linear, activation):
    linear.forward = lambda x: nn.functional.linear(x, linear.weight, linear.bias) * 2


@pytest.mark.parametrize("change", [hooked, hooked_activation, another_forward])
def test_hooks_and_other_forwards_keep_them_apart(change):
    linear, activation = nn.Linear(5, 4), nn.ReLU()
    model = nn.Sequential(linear, activation)
    plain = model(X)
    change(linear, activation)
    assert model(X).tolist() == (plain * 2).tolist()
    assert "linear_activation" not in operations(model(X))


@pytest.mark.parametrize(
    "pair", [(MyLinear(5, 4), nn.ReLU()), (nn.Linear(5, 4), MyReLU()), (nn.Linear(5, 4), nn.ELU())]
)
def test_subclasses_and_other_activations_are_called(pair):
    linear, activation = pair
    y = nn.Sequential(linear, activation)(X)
    assert y.tolist() == activation(linear(X)).tolist()
    assert "linear_activation" not in operations(y)


def test_whoever_watches_sees_each_module_and_operation():
    model = nn.Sequential(nn.Linear(5, 4), nn.ReLU())
    with profiling.profile() as profile:
        model(X)
    assert {"linear", "relu"} <= set(str(profile).split())
    assert "linear_activation" not in str(profile)


@pytest.mark.parametrize(
    "dropout", [nn.Dropout(0.3), nn.Dropout(0.3, inplace=True), nn.Dropout(0.3).eval(), nn.Identity()]
)
def test_a_shortcut_around_dropout(dropout):
    other = xdl.randn(3, 5)
    xdl.manual_seed(2)
    y = shortcut(dropout, X.clone(), other)
    xdl.manual_seed(2)
    assert y.tolist() == (other + dropout(X.clone())).tolist()


def test_a_hook_of_dropout_is_called():
    dropout, calls = nn.Dropout(0.3), []
    dropout.register_forward_hook(lambda *_: calls.append(1))
    shortcut(dropout, X, X)
    assert calls == [1]
