"""Which gradients a captured step's optimizers take, and in-place operations between forward and backward."""

import pytest

import xdl
from tests.capture.steps import numbers
from tests.capture.test_programs import compared
from xdl import nn, optim
from xdl.nn import functional


def two_layers():
    first, second = nn.Linear(6, 6), nn.Linear(6, 6)
    parts = nn.ModuleList([first, second])
    return first, second, parts, optim.SGD(parts.parameters(), lr=0.1)


def fewer():
    """A second update in which one layer has no gradient."""
    first, second, parts, update = two_layers()

    def step(x):
        for layers in ((first, second), (first,)):
            update.zero_grad()
            for layer in layers:
                x = layer(x)
            x.square().mean().backward()
            update.step()
            x = x.detach()
        return x

    return step, [parts], [update]


def left():
    """A gradient that the step leaves, of a layer that has none when the next one begins."""
    first, second, parts, update = two_layers()

    def step(x):
        update.zero_grad()
        first(x).square().mean().backward()
        update.step()
        second(x).square().mean().backward()

    return step, [parts], [update]


@pytest.mark.parametrize("build", [fewer, left])
def test_a_parameter_without_a_gradient_stays(build):
    compared(build, [numbers(4, 6)])


def test_a_gradient_from_outside_is_not_taken_by_a_step_that_begins_without():
    first, second, _, update = two_layers()

    def step(x):
        update.zero_grad()
        first(x).square().mean().backward()
        update.step()

    captured = xdl.capture(step, xdl.ones(4, 6))
    second(xdl.ones(4, 6)).sum().backward()
    before = second.weight.numpy().copy()
    captured(xdl.ones(4, 6))
    assert (second.weight.numpy() == before).all()


@pytest.mark.parametrize("function", [functional.relu, functional.silu])
def test_an_operation_in_place_on_a_result_that_a_kernel_kept(function):
    def build():
        w = xdl.randn(6, 6, requires_grad=True)

        def step(x):
            w.grad = None
            y = functional.relu(x @ w)
            function(y, inplace=True).sum().backward()
            return y

        return step, [[w]], []

    compared(build, [numbers(4, 6)])
