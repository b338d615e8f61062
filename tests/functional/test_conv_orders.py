"""The order of memory of a net's convolutions: noted in the first pass, chosen for the net, kept with the weights."""

import gc

import pytest

import xdl
from xdl import nn, train
from xdl.errors import CheckpointError, KindError
from xdl.functional.conv import conv, orders
from xdl.functional.conv.orders import CHANNELS_LAST, IMAGES_LAST, Order


@pytest.fixture
def planned(monkeypatch):
    """A planner for NumPy's arrays, which gives the layers both orders in turn; the nets that it was asked for."""
    asked = []

    def plan(layers):
        asked.append([layer.x for layer in layers])
        return [Order(orders.ORDERS[i % 2], f"layer {i}") for i in range(len(layers))]

    monkeypatch.setattr(orders, "planners", {"numpy": plan})
    monkeypatch.setattr("xdl.functional.conv.conv_nd.planners", orders.planners)
    monkeypatch.setattr(orders._noted, "layers", {})
    return asked


def net():
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Conv2d(2, 3, 3))


def images(n=2, size=7):
    return xdl.ones(n, 1, size, size)


def chosen(model):
    return [line.split(": ")[1].split(",")[0] for line in nn.utils.explain_orders(model).splitlines()]


def test_a_net_is_chosen_for_at_its_second_pass(planned):
    model = net()
    model(images())
    assert planned == []
    model(images())
    assert planned == [[(2, 1, 7, 7), (2, 2, 5, 5)]]
    model(images())
    assert len(planned) == 1
    assert nn.utils.explain_orders(model) == (
        "0.weight (2, 1, 7, 7): channels last, layer 0\n2.weight (2, 2, 5, 5): images last, layer 1"
    )


def test_what_is_chosen_reaches_the_kernels(planned, monkeypatch):
    seen, slot = [], conv.conv2d_pair
    monkeypatch.setattr(conv, "conv2d_pair", lambda *args: seen.append(args[3].order) or slot(*args))
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.MaxPool2d(2), nn.Conv2d(2, 3, 2))
    for _ in range(2):
        model(images())
    assert seen == [None, None, CHANNELS_LAST, IMAGES_LAST]


def test_images_of_another_shape_are_another_choice(planned):
    model = net()
    for n in (2, 2, 3, 2, 3):
        model(images(n))
    assert planned == [[(n, 1, 7, 7), (n, 2, 5, 5)] for n in (2, 3)]
    assert chosen(model) == [CHANNELS_LAST] * 2 + [IMAGES_LAST] * 2


def test_a_net_begins_where_data_come_in(planned):
    first, second = net(), net()
    for _ in range(2):
        first(images())
        second(images(3))
    second(images(3))
    assert planned == [[(2, 1, 7, 7), (2, 2, 5, 5)], [(3, 1, 7, 7), (3, 2, 5, 5)]]


def test_passes_without_a_gradient_note_nothing_and_take_what_is_chosen(planned):
    model = net()
    with xdl.no_grad():
        model(images())
        model(images())
    assert planned == []
    model(images())
    with xdl.no_grad():
        model(images())
    assert len(planned) == 1


def test_frozen_and_computed_weights_are_not_planned(planned):
    frozen, w = net(), xdl.ones(2, 1, 3, 3, requires_grad=True)
    frozen[2].weight.requires_grad = False
    for _ in range(3):
        frozen(images())
        xdl.functional.conv2d(images(), w * 2)
    assert planned == [[(2, 1, 7, 7)]]


def test_two_nets_do_not_know_each_other(planned):
    first, second = net(), net()
    for _ in range(2):
        first(images())
    assert chosen(first) == [CHANNELS_LAST, IMAGES_LAST]
    assert chosen(second) == []


def test_nothing_is_left_of_a_net_that_is_gone(planned):
    model, before = net(), len(orders._chosen)
    for _ in range(2):
        model(images())
    assert len(orders._chosen) == before + 2
    del model
    gc.collect()
    assert len(orders._chosen) == before


def test_a_record_is_repeated(planned):
    model, other = net(), net()
    model(images())
    record = orders.recorded(model.named_parameters())  # after one pass: planned for this
    assert record == {
        "0.weight": [[[2, 1, 7, 7], CHANNELS_LAST, "layer 0"]],
        "2.weight": [[[2, 2, 5, 5], IMAGES_LAST, "layer 1"]],
    }
    other(images())
    orders.restore(other.named_parameters(), {"2.weight": [[[2, 2, 5, 5], CHANNELS_LAST, "as it was"]]})
    assert nn.utils.explain_orders(other) == "2.weight (2, 2, 5, 5): channels last, as it was"


@pytest.mark.parametrize(
    "record",
    [
        None,
        {"1.weight": []},
        {"0.weight": {}},
        {"0.weight": [[[2, 1, 7], CHANNELS_LAST, ""]]},
        {"0.weight": [[[2, 1, 7, -7], CHANNELS_LAST, ""]]},
        {"0.weight": [[[2, 1, 7, 7], "rows last", ""]]},
        {"0.weight": [[[2, 1, 7, 7], CHANNELS_LAST]]},
        {"0.weight": [[[2, 1, 7, 7], CHANNELS_LAST, 3]]},
    ],
)
def test_anything_else_is_refused_and_changes_nothing(planned, record):
    model = net()
    model(images())
    before = nn.utils.explain_orders(model)
    with pytest.raises(CheckpointError, match="orders: expected"):
        orders.restore(model.named_parameters(), record)
    assert nn.utils.explain_orders(model) == before


def trainer(model):
    return train.Trainer(model, lambda y, _: (y * y).mean(), xdl.optim.SGD(model.parameters(), 0.1))


def test_only_modules_have_orders():
    with pytest.raises(KindError, match="explain_orders: expected a Module, found Tensor"):
        nn.utils.explain_orders(images())


def test_a_training_carries_its_orders(planned):
    batches = [(images(), xdl.zeros(2))] * 2
    first, second = trainer(net()), trainer(net())
    first.fit(batches)
    state = first.state_dict()
    assert list(state["orders"]) == ["model"]
    second.load_state_dict(state)
    assert chosen(second.model) == [CHANNELS_LAST, IMAGES_LAST]
    second.load_state_dict({name: part for name, part in state.items() if name != "orders"})  # of an older version
    assert chosen(second.model) == []
    state["orders"] = {"models": {}}
    with pytest.raises(CheckpointError, match="orders: models is unexpected"):
        second.load_state_dict(state)
