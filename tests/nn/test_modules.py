"""Modules: names, keys, layouts, defaults and first weights are PyTorch's; states load whole or not at all."""

import inspect
from math import sqrt

import numpy as np
import pytest

import xdl
from xdl import nn
from xdl.errors import CheckpointError

MODULES = {
    "Linear": lambda nn: nn.Linear(5, 3),
    "Linear without bias": lambda nn: nn.Linear(5, 3, bias=False),
    "Conv2d": lambda nn: nn.Conv2d(4, 6, (3, 2), groups=2),
    "Conv2d without bias": lambda nn: nn.Conv2d(4, 6, 3, bias=False),
    "Conv1d": lambda nn: nn.Conv1d(4, 6, 3, padding="same", padding_mode="circular"),
    "Conv3d": lambda nn: nn.Conv3d(4, 6, (1, 2, 3), groups=2, bias=False),
    "ConvTranspose1d": lambda nn: nn.ConvTranspose1d(4, 6, 3),
    "ConvTranspose2d": lambda nn: nn.ConvTranspose2d(4, 6, (3, 2), groups=2, bias=False),
    "ConvTranspose3d": lambda nn: nn.ConvTranspose3d(4, 6, 2),
    "BatchNorm1d": lambda nn: nn.BatchNorm1d(4),
    "BatchNorm2d": lambda nn: nn.BatchNorm2d(4),
    "BatchNorm2d bare": lambda nn: nn.BatchNorm2d(4, affine=False, track_running_stats=False),
    "BatchNorm3d": lambda nn: nn.BatchNorm3d(4),
    "InstanceNorm2d": lambda nn: nn.InstanceNorm2d(4),
    "InstanceNorm2d full": lambda nn: nn.InstanceNorm2d(4, affine=True, track_running_stats=True),
    "LayerNorm": lambda nn: nn.LayerNorm((3, 4)),
    "LayerNorm without bias": lambda nn: nn.LayerNorm(4, bias=False),
    "GroupNorm": lambda nn: nn.GroupNorm(2, 4),
    "Bilinear": lambda nn: nn.Bilinear(2, 3, 4),
    "Embedding": lambda nn: nn.Embedding(7, 2),
    "Sequential": lambda nn: nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Sequential(nn.ReLU(), nn.Linear(2, 3))
    ),
}
KEYS = {
    "Linear": {"weight": (3, 5), "bias": (3,)},
    "Linear without bias": {"weight": (3, 5)},
    "Conv2d": {"weight": (6, 2, 3, 2), "bias": (6,)},
    "Conv2d without bias": {"weight": (6, 4, 3, 3)},
    "Conv1d": {"weight": (6, 4, 3), "bias": (6,)},
    "Conv3d": {"weight": (6, 2, 1, 2, 3)},
    "ConvTranspose1d": {"weight": (4, 6, 3), "bias": (6,)},
    "ConvTranspose2d": {"weight": (4, 3, 3, 2)},
    "ConvTranspose3d": {"weight": (4, 6, 2, 2, 2), "bias": (6,)},
    "BatchNorm1d": {"weight": (4,), "bias": (4,), "running_mean": (4,), "running_var": (4,), "num_batches_tracked": ()},
    "BatchNorm2d": {"weight": (4,), "bias": (4,), "running_mean": (4,), "running_var": (4,), "num_batches_tracked": ()},
    "BatchNorm2d bare": {},
    "BatchNorm3d": {"weight": (4,), "bias": (4,), "running_mean": (4,), "running_var": (4,), "num_batches_tracked": ()},
    "InstanceNorm2d": {},
    "InstanceNorm2d full": {
        "weight": (4,), "bias": (4,), "running_mean": (4,), "running_var": (4,), "num_batches_tracked": (),
    },
    "LayerNorm": {"weight": (3, 4), "bias": (3, 4)},
    "LayerNorm without bias": {"weight": (4,)},
    "GroupNorm": {"weight": (4,), "bias": (4,)},
    "Bilinear": {"weight": (4, 2, 3), "bias": (4,)},
    "Embedding": {"weight": (7, 2)},
    "Sequential": {
        "0.weight": (2, 1, 3, 3), "0.bias": (2,), "1.weight": (2,), "1.bias": (2,), "1.running_mean": (2,),
        "1.running_var": (2,), "1.num_batches_tracked": (), "2.1.weight": (3, 2), "2.1.bias": (3,),
    },
}  # fmt: skip
named = pytest.mark.parametrize("name", MODULES)


@named
def test_keys_and_shapes(name):
    assert {key: t.shape for key, t in MODULES[name](nn).state_dict().items()} == KEYS[name]


@pytest.mark.torch
@named
def test_states_are_those_of_pytorch(name):
    import torch

    theirs, ours = MODULES[name](torch.nn), MODULES[name](nn)
    assert {k: (tuple(t.shape), str(t.dtype)) for k, t in theirs.state_dict().items()} == {
        k: (t.shape, f"torch.{t.dtype}") for k, t in ours.state_dict().items()
    }
    assert [k for k, _ in theirs.named_parameters()] == [k for k, _ in ours.named_parameters()]
    assert [k for k, _ in theirs.named_buffers()] == [k for k, _ in ours.named_buffers()]
    ours.load_state_dict({k: t.numpy() for k, t in theirs.state_dict().items()})
    for k, t in theirs.state_dict().items():
        np.testing.assert_array_equal(ours.state_dict()[k].numpy(), t.numpy())


@pytest.mark.torch
def test_defaults_are_those_of_pytorch():
    import torch

    compared = 0
    for name in sorted({name for name in nn.__all__ if hasattr(torch.nn, name)} - {"Sequential"}):
        theirs = inspect.signature(getattr(torch.nn, name).__init__).parameters
        for key, ours in inspect.signature(getattr(nn, name).__init__).parameters.items():
            plain = ours.kind is ours.POSITIONAL_OR_KEYWORD and key in theirs
            if plain and (name, key) not in {
                ("Softmax", "dim"),
                ("LogSoftmax", "dim"),
                ("Softmin", "dim"),
            }:  # theirs guesses, ours is last
                found, expected = (
                    getattr(d, "__name__", d) for d in (ours.default, theirs[key].default)
                )  # of functions
                assert found == expected, f"{name}: {key}"
                compared += 1
    assert compared > 40


@pytest.mark.parametrize(("make", "bound"), [
    (lambda: nn.Linear(300, 40), 1 / sqrt(300)),
    (lambda: nn.Conv2d(8, 40, (3, 5), groups=2), 1 / sqrt(4 * 15)),
    (lambda: nn.Conv3d(8, 40, (3, 1, 5)), 1 / sqrt(8 * 15)),
    (lambda: nn.ConvTranspose2d(30, 40, (3, 5), groups=2), 1 / sqrt(20 * 15)),  # PyTorch takes weight.shape[1]
], ids=["Linear", "Conv2d", "Conv3d", "ConvTranspose2d"])  # fmt: skip
def test_first_weights_fill_their_bounds(make, bound):
    module = make()
    for t, least in ((module.weight, 0.98), (module.bias, 0.7)):
        values = t.numpy()
        assert np.abs(values).max() <= bound
        assert values.max() > least * bound
        assert values.min() < -least * bound
    assert abs(module.weight.numpy().mean()) < 0.05 * bound


def test_first_weights_of_the_others():
    table = nn.Embedding(200, 50).weight.numpy()
    assert abs(table.mean()) < 0.03
    assert abs(table.std() - 1) < 0.03
    norm = nn.BatchNorm1d(3)
    assert norm.weight.tolist() == norm.running_var.tolist() == [1.0] * 3
    assert norm.bias.tolist() == norm.running_mean.tolist() == [0.0] * 3
    assert norm.num_batches_tracked.item() == 0


def test_loading_lists_all_problems_and_changes_nothing():
    module = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    before = {key: t.numpy().copy() for key, t in module.state_dict().items()}
    state = {key: value + 1 for key, value in before.items()}
    del state["0.bias"]
    state["0.weight"] = np.zeros((3, 4), np.float32)
    state["1.wieght"] = state.pop("1.weight")
    with pytest.raises(CheckpointError) as caught:
        module.load_state_dict(state)
    message = str(caught.value)
    for part in (
        "0.bias is missing",
        "1.weight is missing",
        "1.wieght is unexpected",
        "'1.weight'",
        "(3, 4)",
        "(3, 2)",
    ):
        assert part in message, part
    for key, t in module.state_dict().items():
        np.testing.assert_array_equal(t.numpy(), before[key])


def test_loading_what_is_there():
    module = nn.Linear(2, 1)
    module.load_state_dict({"bias": np.array([7.0]), "other": np.zeros(2)}, strict=False)
    assert module.bias.tolist() == [7.0]
    assert module.bias.dtype == "float32"


def test_states_share_memory_and_load_into_it():
    module = nn.Linear(2, 1)
    home = module.weight.array
    module.load_state_dict({"weight": np.ones((1, 2)), "bias": np.zeros(1)})
    assert module.weight.array is home
    state = module.state_dict()
    with xdl.no_grad():
        module.weight[...] = 3.0
    assert state["weight"].tolist() == [[3.0, 3.0]]


def test_train_and_eval_reach_all():
    module = MODULES["Sequential"](nn)
    assert module.eval() is module
    assert [m.training for m in module.modules()] == [False] * 6
    module.train()
    assert all(m.training for m in module.modules())


def test_dropout_and_batch_norm_follow_the_mode():
    x = xdl.randn(8, 4)
    drop, norm = nn.Dropout(0.5), nn.BatchNorm1d(4)
    assert (drop(x).numpy() == 0).any()
    assert drop.eval()(x) is x
    norm(x)
    mean, count = norm.running_mean.tolist(), norm.num_batches_tracked.item()
    norm.eval()(x)
    assert (norm.running_mean.tolist(), norm.num_batches_tracked.item(), count) == (mean, 1, 1)
    np.testing.assert_allclose(mean, 0.1 * x.numpy().mean(0), rtol=1e-5)
    np.testing.assert_allclose(norm.running_var.numpy(), 0.9 + 0.1 * x.numpy().var(0, ddof=1), rtol=1e-5)


@pytest.mark.parametrize(("make", "text"), [
    (lambda: nn.Linear(2, 3), "Linear(in_features=2, out_features=3, bias=True)"),
    (lambda: nn.Sequential(nn.ReLU(), nn.Dropout(0.25)), "Sequential(\n  (0): ReLU()\n  (1): Dropout(p=0.25)\n)"),
    (lambda: nn.Sequential(nn.Sequential(nn.Tanh())), "Sequential(\n  (0): Sequential(\n    (0): Tanh()\n  )\n)"),
    (lambda: nn.Embedding(3, 2), "Embedding(3, 2)"),
    (lambda: nn.Conv1d(2, 3, 5, padding="same", padding_mode="reflect"), "Conv1d(2, 3, kernel_size=(5,), stride=(1,), "
     "padding='same', dilation=(1,), groups=1, bias=True, padding_mode='reflect')"),
    (lambda: nn.ConvTranspose2d(2, 3, 2, 2, 0, 1), "ConvTranspose2d(2, 3, kernel_size=(2, 2), stride=(2, 2), "
     "padding=(0, 0), dilation=(1, 1), groups=1, bias=True, output_padding=(1, 1))"),
    (lambda: nn.AdaptiveAvgPool2d((1, None)), "AdaptiveAvgPool2d(output_size=(1, None))"),
    (lambda: nn.MaxUnpool2d(2), "MaxUnpool2d(kernel_size=2, stride=2, padding=0)"),
])  # fmt: skip
def test_repr(make, text):
    assert repr(make()) == text


def test_sequential_is_a_sequence():
    module = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))
    assert len(module) == 3
    assert [type(m) for m in module] == [nn.Linear, nn.ReLU, nn.Linear]
    assert module[-1] is list(module)[2]
    assert isinstance(module[:2], nn.Sequential)
    assert module[:2][0] is module[0]


def test_a_whole_network_on_a_device_without_looking(strict, no_synchronization):
    xdl.use(strict.name)
    with no_synchronization():
        xdl.manual_seed(0)
        net = nn.Sequential(
            *(nn.Conv2d(1, 2, 3, padding=1), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.2)),
            *(nn.AvgPool2d(2), nn.Flatten(), nn.Linear(8, 4), nn.Tanh(), nn.Linear(4, 3)),
        )
        optimizer = xdl.optim.Adam(net.parameters())
        loss = nn.CrossEntropyLoss()(net(xdl.randn(5, 1, 8, 8)), xdl.randint(0, 3, (5,)))
        loss.backward()
        optimizer.step()
        state = net.state_dict()
        accuracy = (net.eval()(xdl.randn(5, 1, 8, 8)).argmax(1) == xdl.zeros(5, dtype="int64")).to("float32").mean()
    assert np.isfinite(loss.item())
    assert 0 <= accuracy.item() <= 1
    net.load_state_dict({key: t.numpy() for key, t in state.items()})
