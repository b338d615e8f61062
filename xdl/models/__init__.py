"""Whole networks, each with the paper or book section it comes from.

Names, sizes and state_dict keys are torchvision's where it has the network, so that weights saved from there as
safetensors load with `xdl.train.load_model`. Every classifier takes `num_classes` and `in_channels`; `Small...` and
`CifarResNet` are for images of about 32x32 pixels.
"""

from xdl.models.alexnet import AlexNet, SmallAlexNet
from xdl.models.book_cnn import BookCNN
from xdl.models.generative import (
    VAE,
    Autoencoder,
    ConditionalVAE,
    ConvAutoencoder,
    DenseAutoencoder,
    TopK,
    VAEOutput,
    kl_sparsity,
)
from xdl.models.googlenet import GoogLeNet, GoogLeNetOutputs, Inception, SmallGoogLeNet
from xdl.models.lenet import LeNet5
from xdl.models.mlp import MLP
from xdl.models.nin import NiN, SmallNiN
from xdl.models.resnet import BasicBlock, Bottleneck, ResNet, resnet18, resnet34, resnet50, resnet101, resnet152
from xdl.models.resnet_cifar import CifarResNet, resnet20, resnet32, resnet44, resnet56, resnet110
from xdl.models.softmax_regression import SoftmaxRegression
from xdl.models.vgg import VGG, SmallVGG, vgg11, vgg11_bn, vgg13, vgg13_bn, vgg16, vgg16_bn, vgg19, vgg19_bn

# fmt: off
__all__ = [
    "MLP", "VAE", "VGG", "AlexNet", "Autoencoder", "BasicBlock", "BookCNN", "Bottleneck", "CifarResNet",
    "ConditionalVAE", "ConvAutoencoder", "DenseAutoencoder", "GoogLeNet", "GoogLeNetOutputs", "Inception",
    "LeNet5", "NiN", "ResNet", "SmallAlexNet", "SmallGoogLeNet", "SmallNiN", "SmallVGG", "SoftmaxRegression",
    "TopK", "VAEOutput", "kl_sparsity",
    "resnet18", "resnet20", "resnet32", "resnet34", "resnet44", "resnet50", "resnet56", "resnet101", "resnet110",
    "resnet152", "vgg11", "vgg11_bn", "vgg13", "vgg13_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn",
]
# fmt: on
