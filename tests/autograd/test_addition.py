"""Sums of arrays large enough for a slot: the same values, dtypes and memory as those of small ones."""

import numpy as np
import pytest

from xdl import addition, kernel, tensor

LARGE = np.random.default_rng(0).standard_normal((4, 130, 131)).astype("float32")


@pytest.fixture
def asked(monkeypatch):
    """Whether sums inside of an array were asked for, call by call."""
    calls, forward = [], addition.addition_pair.__call__

    def call(a, b, inside):
        calls.append(inside)
        return forward(a, b, inside)

    monkeypatch.setattr(addition, "addition_pair", call)
    return calls


def test_a_gradient_that_comes_from_several_uses(asked):
    x = tensor(LARGE, requires_grad=True)
    y = x.relu() + x.exp() + x.relu() + x + x
    y.backward(tensor(np.ones_like(LARGE)))
    expected = 2 * (LARGE > 0) + np.exp(LARGE) + 2
    np.testing.assert_allclose(np.asarray(x.grad), expected, rtol=1e-6)
    assert asked.count(False) >= 5
    assert asked.count(True) >= 1


@pytest.mark.parametrize("inside", [False, True])
def test_the_memory_of_the_sum(inside):
    a, b = LARGE.copy(), LARGE[::-1].copy()
    y = addition.total(a, b, inside)
    assert (y is a) is inside
    np.testing.assert_array_equal(y, LARGE + LARGE[::-1])
    np.testing.assert_array_equal(b, LARGE[::-1])


def test_what_is_small_or_broadcast_is_not_asked_for(asked):
    x = tensor(LARGE)
    for other in (1.0, x[0]):
        np.testing.assert_allclose(np.asarray(x + other), LARGE + np.asarray(other), rtol=1e-6)
    assert (tensor([1, 2]) + tensor([3, 4])).tolist() == [4, 6]
    assert asked == []


def test_integers_and_gradients_of_gradients():
    whole = tensor(np.arange(40_000))
    assert (whole + whole)[-1].item() == 79_998
    x = tensor(LARGE[0], requires_grad=True)
    (x * x + x * x).sum().backward(create_graph=True)
    np.testing.assert_array_equal(np.asarray(x.grad), 4 * LARGE[0])


def test_a_version_of_users_is_asked():
    @addition.addition_pair.register("numpy", when=lambda a, *_: a.shape == (3, 20_000))
    class Own:
        @staticmethod
        def forward(a, b, inside):
            return a * 0 + 7, None

    try:
        x = tensor(np.ones((3, 20_000), "float32"))
        assert (x + x)[0, 0].item() == 7
    finally:
        addition.addition_pair.versions["numpy"][:] = [
            version for version in addition.addition_pair.versions["numpy"] if version.own
        ]
        addition.addition_pair.forget()
    assert kernel.slots["addition"] is addition.addition_pair
