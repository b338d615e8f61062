"""summary: shapes, parameters and operations counted by hand, and no trace left in the module."""

import pytest

import xdl
from xdl import nn
from xdl.errors import ShapeError


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Dropout(0.5), nn.Linear(6 * 14 * 14, 10, bias=False),
    )  # fmt: skip


def test_counts_by_hand():
    table = nn.summary(lenet(), (2, 1, 28, 28))
    found = [(layer.name, layer.kind, layer.output, layer.parameters, layer.flops) for layer in table.layers]
    image = 2 * 6 * 28 * 28
    assert found == [
        ("0", "Conv2d", (2, 6, 28, 28), 6 * 25 + 6, image * (2 * 25 + 1)),
        ("1", "BatchNorm2d", (2, 6, 28, 28), 12, image * 4),
        ("2", "ReLU", (2, 6, 28, 28), 0, 0),
        ("3", "MaxPool2d", (2, 6, 14, 14), 0, image // 4 * 4),
        ("4", "Flatten", (2, 1176), 0, 0),
        ("5", "Dropout", (2, 1176), 0, 0),
        ("6", "Linear", (2, 10), 11760, 2 * 2 * 11760),
    ]
    assert table.parameters == 156 + 12 + 11760
    assert table.flops == image * (51 + 4 + 1) + 47040


def test_the_table_as_text():
    lines = str(nn.Sequential(nn.Linear(3, 4)).summary((1, 3))).splitlines()
    assert lines[0].split() == ["layer", "type", "output", "parameters", "FLOPs"]
    assert lines[2].split() == ["0", "Linear", "(1,", "4)", "16", "28"]
    assert lines[-1].split() == ["total", "16", "trainable", "16", "28"]
    assert len({len(line) for line in lines}) == 1


def test_recurrent_layers_and_tokens():
    layer = nn.LSTM(3, 5)
    assert nn.summary(layer, (7, 2, 3)).flops == 7 * 2 * (2 * 20 * (3 + 5) + 2 * 20)
    net = nn.Sequential(nn.Embedding(11, 4), nn.Linear(4, 11))
    table = nn.summary(net, (2, 6), dtype="int64")
    assert [layer.output for layer in table.layers] == [(2, 6, 4), (2, 6, 11)]
    assert table.layers[1].flops == 2 * 6 * 11 * (2 * 4 + 1)


def test_other_layers():
    assert nn.summary(nn.Bilinear(3, 4, 2), [(5, 3), (5, 4)]).flops == 5 * 2 * (2 * 4 * 4 + 1)
    assert nn.summary(nn.LayerNorm(4), (3, 4)).flops == 8 * 12
    assert nn.summary(nn.AvgPool2d((2, 3)), (1, 1, 4, 6)).flops == 2 * 2 * 6
    assert nn.summary(nn.Conv1d(2, 3, 4), (1, 2, 9)).flops == 3 * 6 * (2 * 2 * 4 + 1)
    assert nn.summary(nn.Conv3d(2, 4, 2, groups=2, bias=False), (1, 2, 3, 3, 3)).flops == 4 * 8 * 2 * 8
    transposed = nn.ConvTranspose2d(4, 6, 3, stride=2, groups=2)
    assert nn.summary(transposed, (1, 4, 5, 5)).flops == 4 * 25 * 2 * 3 * 9 + 6 * 11 * 11
    assert nn.summary(nn.MaxPool1d(3), (1, 2, 9)).flops == 2 * 3 * 3
    assert nn.summary(nn.MaxPool3d(2), (1, 2, 4, 4, 4)).flops == 2 * 8 * 8
    assert nn.summary(nn.AdaptiveAvgPool2d(1), (1, 2, 7, 7)).flops == 2 * 49
    assert nn.summary(nn.LPPool2d(2, 3), (1, 2, 6, 6)).flops == 2 * 4 * 9
    assert nn.summary(nn.LSTMCell(3, 5, bias=False), (2, 3)).flops == 2 * 2 * 20 * (3 + 5)
    assert [nn.summary(norm, (1, 6, 4, 4)).flops for norm in (nn.GroupNorm(2, 6), nn.InstanceNorm2d(6))] == [768, 768]


def test_resizing_and_distances():
    counts = {
        mode: nn.summary(nn.Upsample((4, 6), mode=mode), (1, 2, 2, 3)).flops
        for mode in ("nearest", "area", "bilinear", "bicubic")
    }
    steps = 2 * 4 * 3 + 2 * 4 * 6  # elements after the first dimension, and after both
    assert counts == {"nearest": 0, "area": 12, "bilinear": 3 * steps, "bicubic": 7 * steps}
    assert nn.summary(nn.Fold((3, 3), 2), (1, 8, 4)).flops == 32
    assert nn.summary(nn.CosineSimilarity(), [(5, 3), (5, 3)]).flops == 6 * 15
    assert nn.summary(nn.PairwiseDistance(), [(5, 3), (5, 3)]).flops == 4 * 15


def test_the_module_is_as_before():
    net = lenet()
    net[5].eval()
    state = {name: t.numpy().copy() for name, t in net.state_dict().items()}
    nn.summary(net, (2, 1, 28, 28))
    assert net.training
    assert not net[5].training
    assert all((t.numpy() == state[name]).all() for name, t in net.state_dict().items())
    assert net[1].num_batches_tracked.item() == 0
    with pytest.raises(ShapeError):
        nn.summary(net, (2, 3, 28, 28))
    assert net.training
    net.requires_grad_(False)
    assert nn.summary(net, (1, 1, 28, 28)).trainable == 0
    assert net(xdl.ones(2, 1, 28, 28)).shape == (2, 10)


def test_a_layer_called_twice_counts_its_parameters_once():
    layer = nn.Linear(3, 3)
    table = nn.summary(nn.Sequential(layer, nn.Tanh(), layer), (1, 3))
    assert [row.parameters for row in table.layers] == [12, 0, 0]
    assert [row.flops for row in table.layers] == [21, 0, 21]
    assert table.parameters == 12


class Scale(nn.Module):
    """A layer of a user's own."""

    def forward(self, input):
        return 2 * input


def test_a_layer_that_nobody_counted_has_a_question_mark_and_the_total_is_a_lower_bound():
    table = nn.Sequential(nn.Linear(3, 4), Scale(), nn.ReLU()).summary((1, 3))
    assert [layer.flops for layer in table.layers] == [28, None, 0]
    assert (table.flops, table.uncounted) == (28, ["1"])
    lines = str(table).splitlines()
    assert [line.split()[-1] for line in lines[2:5]] == ["28", "?", "0"]
    assert lines[-1].endswith("at least 28")
    assert len({len(line) for line in lines}) == 1
    assert "at least" not in str(nn.Linear(3, 4).summary((1, 3)))


def test_a_layer_of_ones_own_counts_what_its_method_says():
    class Counted(Scale):
        def flops(self, input, output):
            return 10 * input[0] + output[1]

    assert Counted().summary((2, 3)).flops == 23
    assert nn.Sequential().flops((1,), (1,)) == 0  # it adds nothing to what its layers count for themselves


def test_a_layer_with_parameters_and_children_has_a_row_of_its_own():
    shown = nn.MultiheadAttention(8, 2).summary([(5, 3, 8)] * 3)
    assert [layer.name for layer in shown.layers] == ["out_proj", "(itself)"]
    assert sum(layer.parameters for layer in shown.layers) == shown.parameters
    assert shown.layers[1].flops == 15 * (24 * 8 * 2 + 24 + 4 * 5 * 8)


def test_layers_called_by_keyword_are_not_counted():
    class Net(nn.Module):
        def __init__(self):
            self.layer = nn.Linear(3, 4)

        def forward(self, x):
            return self.layer(input=x)

    assert Net().summary((1, 3)).uncounted == ["layer"]


def test_every_layer_of_xdl_is_counted():
    """Losses, what cannot be called, and what needs the shape of more than its first input are not."""
    kinds = [kind for name in nn.__all__ if isinstance(kind := getattr(nn, name), type) and issubclass(kind, nn.Module)]
    assert len(kinds) > 100
    without = {kind.__name__ for kind in kinds if kind.flops is nn.Module.flops and not kind.__name__.endswith("Loss")}
    assert without == {"Module", "FunctionModule", "ModuleDict", "ModuleList", "ParameterDict", "ParameterList"} | {
        "DotAttention", "GeneralAttention", "AdditiveAttention"
    }  # fmt: skip
