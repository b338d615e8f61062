"""Batch norms that are taken into the layer before them."""

import numpy as np
import pytest

import xdl
from xdl import nn
from xdl.errors import SettingError
from xdl.nn.utils import fuse_conv_bn_eval, fuse_linear_bn_eval


def moved(norm):
    """The norm with statistics and weights that change something, in evaluation."""
    for i, t in enumerate((norm.running_mean, norm.running_var, *norm.parameters())):
        t.data = xdl.tensor(np.random.RandomState(i).uniform(0.5, 2, t.shape), dtype="float32")
    return norm.eval()


@pytest.mark.parametrize(
    ("layer", "norm", "shape"),
    [
        (nn.Conv2d(2, 4, 3, bias=False), nn.BatchNorm2d(4), (2, 2, 5, 5)),
        (nn.Conv1d(4, 4, 3, groups=2), nn.BatchNorm1d(4), (2, 4, 5)),
        (nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4, affine=False), (2, 2, 5, 5)),
        (nn.ConvTranspose2d(2, 4, 3), nn.BatchNorm2d(4), (2, 2, 5, 5)),
        (nn.Linear(3, 4), nn.BatchNorm1d(4), (2, 3)),
    ],
)
def test_one_layer_does_what_both_do(layer, norm, shape):
    x, both = xdl.randn(*shape), nn.Sequential(layer.eval(), moved(norm))
    if isinstance(layer, nn.Linear):
        fused = fuse_linear_bn_eval(layer, norm)
    else:
        fused = fuse_conv_bn_eval(layer, norm, isinstance(layer, nn.ConvTranspose2d))
    np.testing.assert_allclose(fused(x).detach().numpy(), both(x).detach().numpy(), rtol=1e-4, atol=1e-5)
    assert fused is not layer


def test_layers_in_training_are_refused():
    with pytest.raises(SettingError, match="evaluation"):
        fuse_conv_bn_eval(nn.Conv2d(1, 1, 1), nn.BatchNorm2d(1).eval())
