"""Lazy layers become the plain ones at their first input."""

import pytest

import xdl
from xdl import nn
from xdl.errors import KindError, SettingError, ShapeError

LAYERS = [
    (nn.LazyLinear, nn.Linear, (4,), {"bias": False}, (2, 7, 5)),
    (nn.LazyConv1d, nn.Conv1d, (4, 3), {"padding": 1}, (2, 5, 8)),
    (nn.LazyConv2d, nn.Conv2d, (4,), {"kernel_size": 3, "stride": 2}, (2, 5, 8, 8)),
    (nn.LazyConv2d, nn.Conv2d, (4, 3), {}, (5, 8, 8)),
    (nn.LazyConv3d, nn.Conv3d, (4, 2), {}, (2, 5, 4, 4, 4)),
    (nn.LazyConvTranspose1d, nn.ConvTranspose1d, (4, 2), {}, (2, 5, 4)),
    (nn.LazyConvTranspose2d, nn.ConvTranspose2d, (4, 2), {"stride": 2}, (2, 5, 4, 4)),
    (nn.LazyConvTranspose3d, nn.ConvTranspose3d, (4, 2), {}, (2, 5, 4, 4, 4)),
    (nn.LazyBatchNorm1d, nn.BatchNorm1d, (), {"eps": 1e-3}, (3, 5)),
    (nn.LazyBatchNorm2d, nn.BatchNorm2d, (), {}, (3, 5, 2, 2)),
    (nn.LazyBatchNorm3d, nn.BatchNorm3d, (), {}, (3, 5, 2, 2, 2)),
    (nn.LazyInstanceNorm1d, nn.InstanceNorm1d, (), {"affine": True}, (3, 5, 6)),
    (nn.LazyInstanceNorm2d, nn.InstanceNorm2d, (), {"affine": True}, (3, 5, 6, 6)),
    (nn.LazyInstanceNorm3d, nn.InstanceNorm3d, (), {"affine": True}, (3, 5, 3, 3, 3)),
]


@pytest.mark.parametrize(("lazy", "plain", "settings", "named", "shape"), LAYERS)
def test_the_first_input_makes_the_plain_layer(lazy, plain, settings, named, shape):
    x, layer = xdl.randn(*shape), lazy(*settings, **named)
    assert isinstance(layer, plain)
    xdl.manual_seed(1)
    y = layer(x)
    assert type(layer) is plain
    xdl.manual_seed(1)
    other = plain(5, *settings, **named)
    assert (other(x) == y).all().item()
    assert (repr(other), list(other.state_dict())) == (repr(layer), list(layer.state_dict()))


def test_the_mode_the_device_and_the_dtype_stay():
    layer = nn.Sequential(nn.LazyBatchNorm1d(), nn.LazyLinear(2)).eval()
    layer(xdl.ones(3, 4, dtype="float64"))
    assert [part.training for part in layer] == [False, False]
    assert {p.dtype for p in layer.parameters()} == {"float64"}


def test_nothing_is_learned_before():
    net = nn.Sequential(nn.LazyLinear(8), nn.ReLU(), nn.LazyLinear(1))
    assert [type(p) for p in net.parameters()] == [nn.UninitializedParameter] * 2
    assert repr(nn.LazyLinear(8, bias=False)) == "LazyLinear(8, bias=False)"
    with pytest.raises(SettingError, match="lazy layer"):
        xdl.optim.SGD(net.parameters(), lr=0.1)
    loss = net(xdl.ones(2, 3)).sum()
    optimizer = xdl.optim.SGD(net.parameters(), lr=0.1)
    before = net[0].weight.numpy().copy()
    loss.backward()
    optimizer.step()
    assert (net[0].weight.numpy() != before).any()


def test_what_is_no_input():
    with pytest.raises(KindError):
        nn.LazyLinear(1)([1.0])
    with pytest.raises(ShapeError):
        nn.LazyConv2d(1, 1)(xdl.ones(3, 3))
    layer = nn.LazyLinear(1)
    with pytest.raises(ShapeError):
        layer(xdl.ones(()))
    assert layer(xdl.ones(2)).shape == (1,)
