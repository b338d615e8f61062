"""Neighbouring modules that run as one: where they do, and everything that keeps them apart."""

from copy import deepcopy

import pytest

import xdl
from xdl import nn, profiling
from xdl.nn.together import activated, residual, shortcut


class MyLinear(nn.Linear):
    def forward(self, input):
        return super().forward(input) + 1


class MyConv2d(nn.Conv2d):
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


X, IMAGES = xdl.randn(3, 5), xdl.randn(3, 2, 5, 4)
TOGETHER = ["linear_activation"]
ACTIVATIONS = [
    nn.ReLU(),
    nn.ReLU(inplace=True),
    nn.GELU(),
    nn.GELU("tanh"),
    nn.LeakyReLU(0.2),
    nn.LeakyReLU(inplace=True),
]


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=repr)
def test_a_linear_layer_and_its_activation_run_as_one_in_sequential(activation):
    linear = nn.Linear(5, 4)
    y = nn.Sequential(linear, activation)(X)
    assert operations(y) == TOGETHER
    assert y.tolist() == activation(linear(X)).tolist()


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=repr)
@pytest.mark.parametrize(
    "settings", [{}, {"padding": 1, "padding_mode": "reflect"}, {"padding": "same", "bias": False}]
)
def test_a_convolution_and_its_activation_run_as_one_in_sequential(activation, settings):
    conv = nn.Conv2d(2, 3, 2, **settings)
    y = nn.Sequential(conv, activation)(IMAGES)
    assert operations(y)[0] == "conv2d_activation"
    assert y.tolist() == activation(conv(IMAGES)).tolist()


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=repr)
@pytest.mark.parametrize("training", [True, False])
def test_batch_norm_and_its_activation_run_as_one_in_sequential(activation, training):
    norm = nn.BatchNorm2d(3).train(training)
    y = nn.Sequential(nn.Conv2d(2, 3, 2), norm, activation)(IMAGES)
    assert y.node.op.name == "batch_norm_activation"
    x = nn.functional.conv2d(IMAGES, xdl.ones(3, 2, 2, 2))
    assert nn.Sequential(norm, activation)(x).tolist() == activation(norm(x)).tolist()
    assert norm.num_batches_tracked.item() == (3 if training else 0)


def test_hooks_that_are_gone_keep_nothing_apart():
    linear = nn.Linear(5, 4)
    with linear.register_forward_hook(lambda *_: None):
        assert operations(nn.Sequential(linear, nn.ReLU())(X)) == ["relu", "linear"]
    assert operations(nn.Sequential(linear, nn.ReLU())(X)) == TOGETHER


def test_the_last_linear_layer_and_several_in_a_row_run():
    first, second, third = nn.Linear(5, 4), nn.Linear(4, 3), nn.Linear(3, 2)
    model = nn.Sequential(first, second, nn.Flatten(), third)
    assert model(X).tolist() == third(second(first(X))).tolist()
    first, second = nn.Conv2d(2, 3, 2), nn.Conv2d(3, 2, 2)
    assert nn.Sequential(first, second)(IMAGES).tolist() == second(first(IMAGES)).tolist()


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


def another_convolution(conv, activation):
    conv.forward = lambda x: nn.functional.conv2d(x, conv.weight, conv.bias) * 2


LINEAR = [(nn.Linear(5, 4), change) for change in (hooked, hooked_activation, another_forward)]
CONV = [(nn.Conv2d(2, 3, 2), change) for change in (hooked, hooked_activation, another_convolution)]
NORM = [(nn.BatchNorm2d(2), change) for change in (hooked, hooked_activation)]
ONE = {"linear_activation", "conv2d_activation", "batch_norm_activation"}


@pytest.mark.parametrize(("layer", "change"), [*LINEAR, *CONV, *NORM])
def test_hooks_and_other_forwards_keep_them_apart(layer, change):
    layer, activation = deepcopy(layer), nn.ReLU()
    model, x = nn.Sequential(layer, activation), X if isinstance(layer, nn.Linear) else IMAGES
    plain = model(x)
    change(layer, activation)
    assert model(x).tolist() == (plain * 2).tolist()
    assert not ONE & set(operations(model(x)))


@pytest.mark.parametrize(
    ("layer", "activation", "x"),
    [
        (MyLinear(5, 4), nn.ReLU(), X),
        (nn.Linear(5, 4), MyReLU(), X),
        (nn.Linear(5, 4), nn.ELU(), X),
        (MyConv2d(2, 3, 2), nn.ReLU(), IMAGES),
        (nn.Conv2d(2, 3, 2), MyReLU(), IMAGES),
        (nn.Conv2d(2, 3, 2), nn.ELU(), IMAGES),
        (nn.ConvTranspose2d(2, 3, 2), nn.ReLU(), IMAGES),
    ],
)
def test_subclasses_and_other_activations_are_called(layer, activation, x):
    y = nn.Sequential(layer, activation)(x)
    assert y.tolist() == activation(layer(x)).tolist()
    assert not ONE & set(operations(y))


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


NORMS = [nn.BatchNorm2d(2), nn.BatchNorm2d(2, affine=False), nn.BatchNorm2d(2).eval()]


@pytest.mark.parametrize("norm", NORMS, ids=repr)
def test_the_end_of_a_residual_block_behind_batch_norm_runs_as_one(norm):
    apart, other = deepcopy(norm), xdl.randn(3, 2, 5, 4, requires_grad=True)
    y, expected = residual(norm, IMAGES, other), nn.functional.relu(apart(IMAGES) + other)
    assert y.node.op.name == "batch_norm_add_relu"
    assert y.tolist() == expected.tolist()
    assert [t.tolist() for t in norm.buffers()] == [t.tolist() for t in apart.buffers()]


@pytest.mark.parametrize(
    ("layer", "other"),
    [
        (nn.BatchNorm2d(2), xdl.randn(5, 4)),
        (nn.BatchNorm2d(2), xdl.randn(3, 2, 5, 4, dtype="float64")),
        (nn.Conv2d(2, 2, 1), IMAGES),
        (nn.Identity(), IMAGES),
    ],
)
def test_other_blocks_end_as_written(layer, other):
    y = residual(layer, IMAGES * xdl.ones(1, requires_grad=True), other)
    assert "batch_norm_add_relu" not in operations(y)
    assert y.tolist() == nn.functional.relu(layer(IMAGES) + other).tolist()


def test_a_hook_of_batch_norm_at_the_end_of_a_block_is_called():
    norm, calls = nn.BatchNorm2d(2), []
    norm.register_forward_hook(lambda *_: calls.append(1))
    residual(norm, IMAGES, IMAGES)
    assert calls == [1]
