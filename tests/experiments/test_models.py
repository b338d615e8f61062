"""The networks: shapes, sizes, gradients on every backend, and LeNet-5 against its definition."""

import numpy as np
import pytest

import xdl
from xdl import nn, optim
from xdl.errors import SettingError, ShapeError
from xdl.models import MLP, LeNet5, SoftmaxRegression


def parameters(model):
    return sum(p.numpy().size for p in model.parameters())


MODELS = {
    "softmax": (lambda: SoftmaxRegression(64, 10), (1, 8, 8)),
    "mlp": (lambda: MLP((64, 20, 12, 10)), (1, 8, 8)),
    "mlp-tanh": (lambda: MLP((64, 20, 10), nn.Tanh), (64,)),
    "lenet": (lambda: LeNet5(dropout=0.25), (1, 28, 28)),
}


def test_sizes():
    assert parameters(SoftmaxRegression(784, 10)) == 7850
    assert parameters(MLP((784, 200, 100, 10))) == 784 * 200 + 200 + 200 * 100 + 100 + 1000 + 10
    assert parameters(LeNet5()) == 156 + 2416 + 48120 + 10164 + 850 == 61706


def test_an_mlp_without_hidden_layers_is_softmax_regression():
    mlp, softmax = MLP((64, 10)), SoftmaxRegression(64, 10)
    softmax.load_state_dict({"linear.weight": mlp.layers[1].weight, "linear.bias": mlp.layers[1].bias})
    x = xdl.randn(3, 1, 8, 8)
    np.testing.assert_array_equal(mlp(x).numpy(), softmax(x).numpy())


@pytest.mark.parametrize("sizes", [(), (5,), (5, 0, 3)])
def test_an_mlp_needs_two_sizes(sizes):
    with pytest.raises(SettingError, match="at least two sizes of at least 1"):
        MLP(sizes)


def test_lenet_takes_only_its_own_image_size():
    with pytest.raises(ShapeError, match="linear"):
        LeNet5()(xdl.randn(2, 1, 32, 32))


def test_dropout_acts_in_training_only():
    model, x = LeNet5(dropout=0.5), xdl.randn(4, 1, 28, 28)
    assert not np.array_equal(model(x).numpy(), model(x).numpy())
    model.eval()
    assert np.array_equal(model(x).numpy(), model(x).numpy())


@pytest.mark.parametrize("name", MODELS)
def test_forward_backward_and_update_look_at_no_value(name, strict, no_synchronization):
    make, shape = MODELS[name]
    xdl.use("array_api_strict")
    model = make()
    x, y = xdl.randn(5, *shape), xdl.tensor([1, 9, 0, 3, 3])
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    losses = []
    with no_synchronization():
        for _ in range(2):
            logits = model(x)
            loss = nn.CrossEntropyLoss()(logits, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss)
    assert logits.shape == (5, 10)
    assert losses[0].item() != losses[1].item()
    assert all(np.isfinite(p.numpy()).all() for p in model.parameters())


@pytest.mark.parametrize("name", MODELS)
def test_backends_give_the_same_step(name, strict):
    make, shape = MODELS[name]
    results = []
    for backend in ("numpy", "array_api_strict"):
        xdl.use(backend)
        xdl.manual_seed(3)
        model = make()
        loss = nn.CrossEntropyLoss()(model(xdl.randn(5, *shape)), xdl.tensor([1, 9, 0, 3, 3]))
        loss.backward()
        results.append([loss.numpy(), *(p.grad.numpy() for p in model.parameters())])
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-6)
