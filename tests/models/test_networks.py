"""The networks run: one training step on every backend, and equal numbers where PyTorch is at hand."""

import numpy as np
import pytest

import xdl
from tests.models.twin import torch_models
from tests.models.zoo import CHECKED, build
from xdl import models, nn, optim
from xdl.train import load_model

SMALL = [name for name in CHECKED if name.startswith("small")] + ["resnet20", "plain20"]
LABELS = [1, 0, 3]


@pytest.mark.parametrize("name", SMALL)
def test_forward_backward_and_update_look_at_no_value(name, strict, no_synchronization):
    xdl.use("array_api_strict")
    model = build(name)
    x, y = xdl.randn(3, *CHECKED[name][3]), xdl.tensor(LABELS)
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    before = [p.numpy().copy() for p in model.parameters()]
    with no_synchronization():
        loss = nn.CrossEntropyLoss()(model(x), y)
        loss.backward()
        optimizer.step()
    assert np.isfinite(loss.item())
    assert all((p.numpy() != old).any() for p, old in zip(model.parameters(), before, strict=True))


@pytest.mark.torch
@pytest.mark.parametrize("name", CHECKED)
def test_numbers_are_pytorchs(name):
    import torch

    file, kind, arguments, shape = CHECKED[name]
    ours = build(name).to("float64")
    theirs = torch_models(file)[kind](**arguments).double()
    theirs.load_state_dict({key: torch.tensor(value.numpy()) for key, value in ours.state_dict().items()})
    x = np.random.default_rng(0).standard_normal((3, *shape))
    for training in (True, False):  # with the statistics of the batch, then with the running ones
        y = ours.train(training)(xdl.tensor(x))
        expected = theirs.train(training)(torch.tensor(x))
        _close(y.numpy(), expected.detach().numpy(), name)
        loss = nn.CrossEntropyLoss()(y, xdl.tensor(LABELS))
        loss.backward()
        torch.nn.CrossEntropyLoss()(expected, torch.tensor(LABELS)).backward()
    for (key, p), q in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        _close(p.grad.numpy(), q.grad.numpy(), key)
    for (key, b), c in zip(ours.named_buffers(), theirs.buffers(), strict=True):
        _close(b.numpy(), c.numpy(), key)


def _close(found, expected, what):
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * max(1.0, np.abs(expected).max()), err_msg=what)


@pytest.mark.torch
def test_weights_of_pytorch_load_from_a_file(tmp_path):
    from safetensors.torch import save_file

    theirs = torch_models("resnet")["resnet18"](num_classes=6)
    save_file(theirs.state_dict(), tmp_path / "resnet18.safetensors")
    ours = models.resnet18(num_classes=6)
    load_model(ours, tmp_path / "resnet18.safetensors")
    for (key, value), expected in zip(ours.state_dict().items(), theirs.state_dict().values(), strict=True):
        np.testing.assert_array_equal(value.numpy(), expected.numpy(), err_msg=key)
