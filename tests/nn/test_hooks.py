"""Hooks see and replace what goes in and comes out, forwards and backwards, and leave with their handle."""

# ruff: noqa: ARG005 (hooks take what they are given)

from typing import NamedTuple

import numpy as np
import pytest

import xdl
from xdl import nn
from xdl.errors import SettingError


def leaf(*shape):
    return xdl.tensor(np.arange(1.0, np.prod(shape) + 1).reshape(shape), requires_grad=True)


class Two(nn.Module):
    """Two outputs of two inputs."""

    def forward(self, a, b):
        """a b, and their sum."""
        return a * b, a + b


def test_forward_hooks_see_and_replace():
    layer, seen = nn.Tanh(), []
    x = leaf(3)
    before = layer.register_forward_pre_hook(lambda module, args: seen.append((module, args)))
    after = layer.register_forward_hook(lambda module, args, output: seen.append((module, args, output)))
    y = layer(x)
    assert seen == [(layer, (x,)), (layer, (x,), y)]
    doubled = layer.register_forward_pre_hook(lambda module, args: args[0] * 2)
    scaled = layer.register_forward_hook(lambda module, args, output: output * 10)
    np.testing.assert_allclose(layer(x).numpy(), np.tanh(x.numpy() * 2) * 10, rtol=1e-6)
    for handle in (before, after, doubled, scaled):
        handle.remove()
        handle.remove()  # a second time does nothing
    seen.clear()
    np.testing.assert_array_equal(layer(x).numpy(), y.numpy())
    assert seen == []


def test_a_handle_leaves_with_its_block():
    layer, calls = nn.Identity(), []
    with layer.register_forward_hook(lambda *_: calls.append(1)):
        layer(leaf(1))
    layer(leaf(1))
    assert calls == [1]


def test_named_arguments_reach_forward():
    class Named(nn.Module):
        def forward(self, x, scale=1.0):
            return x * scale

    module = Named()
    assert module(leaf(1), scale=3.0).item() == 3
    with module.register_forward_hook(lambda *_: None):
        assert module(leaf(1), scale=3.0).item() == 3


@pytest.mark.parametrize("create_graph", [False, True])
def test_backward_hooks_of_several_tensors(create_graph):
    module, a, b, seen = Two(), leaf(2), leaf(2), []
    module.register_full_backward_pre_hook(lambda module, grads: seen.append([g.tolist() for g in grads]))
    module.register_full_backward_hook(
        lambda module, inputs, outputs: seen.append([[g.tolist() for g in gs] for gs in (inputs, outputs)])
    )
    product, total = module(a, b)
    (product * 2 + total * 3).sum().backward(create_graph=create_graph)
    outputs = [[2.0, 2.0], [3.0, 3.0]]
    inputs = [[2 * 1 + 3, 2 * 2 + 3.0]] * 2
    assert seen == [outputs, [inputs, outputs]]
    assert a.grad.tolist() == b.grad.tolist() == inputs[0]


def test_backward_hooks_replace():
    module, a, b = Two(), leaf(2), leaf(2)
    module.register_full_backward_pre_hook(lambda module, grads: (grads[0] * 0, grads[1]))
    module.register_full_backward_hook(lambda module, inputs, outputs: (inputs[0] * 10, inputs[1]))
    product, total = module(a, b)
    (product + total).sum().backward()
    assert a.grad.tolist() == [10.0, 10.0]
    assert b.grad.tolist() == [1.0, 1.0]


def test_backward_hook_of_a_first_layer_and_of_parameters():
    layer, seen = nn.Linear(3, 2), []
    layer.register_full_backward_hook(lambda module, inputs, outputs: seen.append((inputs, outputs[0].shape)))
    x = leaf(4, 3).detach().to("float32")
    layer(x).sum().backward()
    assert seen == [((None,), (4, 2))]
    np.testing.assert_array_equal(layer.bias.grad.numpy(), [4, 4])


def test_second_derivatives_pass_through_hooks():
    layer, x, scales = nn.Tanh(), leaf(3), []
    layer.register_full_backward_hook(lambda module, inputs, outputs: scales.append(1))
    (g,) = xdl.grad(layer(x).sum(), x, create_graph=True)
    (second,) = xdl.grad(g.sum(), x)
    y = np.tanh(x.numpy())
    np.testing.assert_allclose(second.numpy(), -2 * y * (1 - y * y), rtol=1e-12)
    assert scales


@pytest.mark.torch
def test_backward_hooks_give_what_pytorch_gives():
    import torch

    def run(library, tensor):
        torch.manual_seed(0)
        module = library.nn.Bilinear(2, 3, 2, bias=False)
        module.weight.data = tensor(np.arange(12.0).reshape(2, 2, 3)).data
        seen = []
        module.register_full_backward_hook(lambda _, inputs, outputs: seen.extend([*inputs, *outputs]))
        a, b = tensor(np.ones((1, 2))), tensor(np.arange(3.0).reshape(1, 3))
        (module(a, b) ** 2).sum().backward()
        return [np.asarray(g.tolist()) for g in [*seen, a.grad, b.grad]]

    ours = run(xdl, lambda host: xdl.tensor(host, requires_grad=True))
    theirs = run(torch, lambda host: torch.tensor(host, requires_grad=True))
    for x, y in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-12)


def test_what_backward_hooks_may_return_and_what_outputs_become():
    class Outputs(NamedTuple):
        a: object
        b: object

    class Doubled(nn.Module):
        def forward(self, x):
            return Outputs(x * 2, x * 3)

    module, x = Doubled(), xdl.ones(2, requires_grad=True)
    handle = module.register_full_backward_hook(lambda *_: (None,))
    out = module(x)
    assert type(out) is Outputs
    (out.a + out.b).sum().backward()
    assert x.grad is None
    handle.remove()
    module.register_full_backward_hook(lambda _, grads, __: (*grads, *grads))
    with pytest.raises(SettingError, match="1 gradients"):
        module(x).a.sum().backward()
