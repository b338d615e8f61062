"""The networks for images: their sizes, as published or counted by hand, and small versions of them for checks."""

from xdl import models

# name: (parameters, entries of the state_dict, its first and its last key), as torchvision has them
TORCHVISION = {
    "AlexNet": (61_100_840, 16, "features.0.weight", "classifier.6.bias"),
    "vgg11": (132_863_336, 22, "features.0.weight", "classifier.6.bias"),
    "vgg13": (133_047_848, 26, "features.0.weight", "classifier.6.bias"),
    "vgg16": (138_357_544, 32, "features.0.weight", "classifier.6.bias"),
    "vgg19": (143_667_240, 38, "features.0.weight", "classifier.6.bias"),
    "vgg11_bn": (132_868_840, 62, "features.0.weight", "classifier.6.bias"),
    "vgg13_bn": (133_053_736, 76, "features.0.weight", "classifier.6.bias"),
    "vgg16_bn": (138_365_992, 97, "features.0.weight", "classifier.6.bias"),
    "vgg19_bn": (143_678_248, 118, "features.0.weight", "classifier.6.bias"),
    "GoogLeNet": (13_004_888, 364, "conv1.conv.weight", "fc.bias"),
    "resnet18": (11_689_512, 122, "conv1.weight", "fc.bias"),
    "resnet34": (21_797_672, 218, "conv1.weight", "fc.bias"),
    "resnet50": (25_557_032, 320, "conv1.weight", "fc.bias"),
    "resnet101": (44_549_160, 626, "conv1.weight", "fc.bias"),
    "resnet152": (60_192_808, 932, "conv1.weight", "fc.bias"),
}

# section 4.2 of the paper says 0.27, 0.46, 0.66, 0.85 and 1.7 million
CIFAR = {"resnet20": 269_722, "resnet32": 464_154, "resnet44": 658_586, "resnet56": 853_018, "resnet110": 1_727_962}

# name: (file, class, arguments, shape of an image); no dropout, and large networks with few classes
CHECKED = {
    "alexnet": ("alexnet", "AlexNet", {"num_classes": 7, "dropout": 0.0}, (3, 64, 71)),
    "small-alexnet": ("alexnet", "SmallAlexNet", {"dropout": 0.0}, (1, 28, 28)),
    "small-vgg": ("vgg", "SmallVGG", {}, (1, 28, 28)),
    "small-vgg-plain": ("vgg", "SmallVGG", {"batch_norm": False}, (1, 28, 28)),
    "googlenet": ("googlenet", "GoogLeNet", {"num_classes": 5, "aux_logits": False, "dropout": 0.0}, (3, 64, 64)),
    "small-googlenet": ("googlenet", "SmallGoogLeNet", {"dropout": 0.0}, (1, 28, 28)),
    "small-nin": ("nin", "SmallNiN", {"dropout": 0.0, "width": 0.25}, (3, 32, 32)),
    "nin": ("nin", "NiN", {"num_classes": 4, "dropout": 0.0}, (3, 127, 127)),
    "resnet18": ("resnet", "resnet18", {"num_classes": 6}, (3, 64, 64)),
    "resnet50": ("resnet", "resnet50", {"num_classes": 6}, (3, 33, 33)),
    "resnet20": ("resnet_cifar", "CifarResNet", {"depth": 20}, (3, 32, 32)),
    "plain20": ("resnet_cifar", "CifarResNet", {"depth": 20, "shortcuts": False, "in_channels": 1}, (1, 28, 28)),
}


def build(name):
    """A new xdl model of CHECKED."""
    _, kind, arguments, _ = CHECKED[name]
    return getattr(models, kind)(**arguments)
