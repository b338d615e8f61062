"""Parameters and names of the networks, and what they refuse."""

from math import prod

import pytest

import xdl
from tests.models.zoo import CIFAR, TORCHVISION
from xdl import models, nn
from xdl.errors import SettingError


@pytest.fixture
def unset(monkeypatch):
    """Models with all weights 0: drawing 100 million of them takes seconds."""
    for module in (nn.init, nn.init.scaled):
        for name in {"uniform_", "normal_", "trunc_normal_"} & vars(module).keys():
            monkeypatch.setattr(module, name, lambda tensor, *_, **__: tensor)


def parameters(model):
    return sum(prod(p.shape) for p in model.parameters())


@pytest.mark.parametrize("name", TORCHVISION)
def test_sizes_and_names_are_torchvisions(name, unset):
    count, entries, first, last = TORCHVISION[name]
    model = getattr(models, name)()
    keys = list(model.state_dict())
    assert (parameters(model), len(keys), keys[0], keys[-1]) == (count, entries, first, last)


def test_googlenet_without_its_auxiliary_heads(unset):
    assert parameters(models.GoogLeNet(aux_logits=False)) == 6_624_904


@pytest.mark.parametrize("name", CIFAR)
def test_residual_networks_for_small_images(name):
    assert parameters(getattr(models, name)()) == CIFAR[name]
    assert parameters(getattr(models, name)(shortcuts=False)) == CIFAR[name]


def test_network_in_network(unset):
    assert parameters(models.SmallNiN()) == 966_986
    assert parameters(models.NiN()) == 7_439_608


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("resnet18", ["layer1.0.bn2.running_var", "layer2.0.downsample.0.weight", "layer4.1.conv2.weight"]),
        ("resnet50", ["layer1.0.downsample.1.num_batches_tracked", "layer3.5.conv3.weight", "layer3.5.bn3.bias"]),
        ("GoogLeNet", ["inception3a.branch2.1.conv.weight", "inception5b.branch4.1.bn.bias", "aux2.fc1.weight"]),
        ("vgg16_bn", ["features.1.running_mean", "features.40.weight", "features.41.num_batches_tracked"]),
        ("AlexNet", ["features.10.bias", "classifier.1.weight", "classifier.4.weight"]),
    ],
)
def test_some_names_inside(name, keys, unset):
    assert set(keys) <= set(getattr(models, name)().state_dict())


def test_auxiliary_heads_answer_in_training_only():
    model = models.GoogLeNet(num_classes=4)
    x = xdl.randn(2, 3, 64, 64)
    outputs = model(x)
    assert [o.shape for o in outputs] == [(2, 4)] * 3
    sum(o.sum() for o in outputs).backward()
    assert all(p.grad is not None for p in model.parameters())
    assert model.eval()(x).shape == (2, 4)


@pytest.mark.parametrize("depth", [2, 19, 21])
def test_depths_of_small_residual_networks(depth):
    with pytest.raises(SettingError, match="6 n \\+ 2"):
        models.CifarResNet(depth)
