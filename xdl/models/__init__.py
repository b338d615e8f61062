"""Whole networks, each with the paper or book section it comes from."""

from xdl.models.lenet import LeNet5
from xdl.models.mlp import MLP
from xdl.models.softmax_regression import SoftmaxRegression

__all__ = ["MLP", "LeNet5", "SoftmaxRegression"]
