"""Deep belief networks: layers upwards and downwards, fantasies, and the classifier that is made of them."""

import numpy as np
import pytest

import xdl
from tests.models.energy.test_rbm import made
from xdl.errors import SettingError
from xdl.models.energy import DBN

SIZES = (5, 4, 3)


def stack(sizes=SIZES, dtype="float64"):
    found = DBN(sizes).to(dtype)
    for i, machine in enumerate(found.machines):
        machine.load_state_dict(made(visible=sizes[i], hidden=sizes[i + 1], dtype=dtype, seed=i).state_dict())
    return found


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_up_and_down_are_layer_by_layer():
    model, v = stack(), np.random.default_rng(0).random((2, 5))
    first, second = ([p.numpy() for p in machine.parameters()] for machine in model.machines)
    h1 = sigmoid(v @ first[0].T + first[2])
    h2 = sigmoid(h1 @ second[0].T + second[2])
    given = xdl.tensor(v)
    np.testing.assert_allclose(model.up(given, 0).numpy(), v)
    np.testing.assert_allclose(model.up(given, 1).numpy(), h1, rtol=1e-12)
    np.testing.assert_allclose(model(given).numpy(), h2, rtol=1e-12)
    again = sigmoid(sigmoid(h2 @ second[0] + second[1]) @ first[0] + first[1])
    np.testing.assert_allclose(model.reconstruct(given).numpy(), again, rtol=1e-12)


def test_the_classifier_has_copies_of_the_weights_upwards():
    model, v = stack(), xdl.tensor(np.random.default_rng(0).random((2, 5)))
    network = model.classifier(7).to("float64")
    hidden = network.layers[:-1](v)
    np.testing.assert_allclose(hidden.numpy(), model(v).numpy(), rtol=1e-6)
    assert network(v).shape == (2, 7)
    before = model.machines[0].weight.numpy().copy()
    network.layers[1].weight.data = 0 * network.layers[1].weight.detach()
    np.testing.assert_array_equal(model.machines[0].weight.numpy(), before)


def test_a_stack_of_one_machine_dreams_as_that_machine_does():
    model = stack((5, 3), "float32")
    xdl.manual_seed(1)
    found = model.generate(4, 6)
    xdl.manual_seed(1)
    (machine,) = model.machines
    np.testing.assert_array_equal(found.numpy(), machine.reconstruct(machine.gibbs(machine.noise(4), 6)).numpy())


def test_fantasies_are_drawn_by_the_top_chain_and_then_downwards():
    model = stack((6, 5, 4, 3), "float32")
    with xdl.no_grad():
        for parameter in model.parameters():
            parameter.copy_(0.5 * parameter)
    xdl.manual_seed(0)
    found = model.generate(20000, 20).numpy().mean(0)
    lowest, middle, top = model.machines
    h = top.gibbs(top.noise(20000), 20)
    h = middle.sample_visible(middle.visible_mean(h))
    np.testing.assert_allclose(found, lowest.visible_mean(h).detach().numpy().mean(0), atol=0.02)
    assert ((found > 0) & (found < 1)).all()


@pytest.mark.parametrize("sizes", [(5,), (5, 0)])
def test_sizes_that_are_no_stack_are_refused(sizes):
    with pytest.raises(SettingError, match=r"two sizes|units of both kinds"):
        DBN(sizes)


@pytest.mark.parametrize(
    ("call", "least"),
    [
        (lambda model, layers: model.up(xdl.zeros(1, 5), layers), 0),
        (lambda model, layers: model.down(xdl.zeros(1, 3), layers), 0),
        (lambda model, layers: model.generate(2, 3, layers), 1),
    ],
)
def test_layers_that_there_are_not_are_refused(call, least):
    for layers in (least - 1, -1, 3):
        with pytest.raises(SettingError, match=rf"DBN\.\w+: expected layers from {least} to 2, found {layers}"):
            call(stack(dtype="float32"), layers)


def test_gradients_of_the_reconstruction():
    model = stack()
    assert xdl.gradcheck(model.reconstruct, [xdl.tensor(np.random.default_rng(0).random((2, 5)), requires_grad=True)])
