"""A step of a WGAN with gradient penalty against what PyTorch gave: losses, gradients and weights of both networks."""

import numpy as np
import pytest

import xdl
from tests.oracle.make_adversarial_fixtures import FILE, fixtures, left, pair, read, real_batches
from xdl.train import adversarial


def step(task):
    """What a step leaves."""
    return left(task, task.train_step(*map(xdl.tensor, real_batches())))


def apart(found):
    """The largest difference to PyTorch's, over the largest value of each array."""
    assert sorted(found) == sorted(read())
    return max(np.abs(found[name] - theirs).max() / max(1, np.abs(theirs).max()) for name, theirs in read().items())


def test_a_step_is_pytorchs():
    assert apart(step(pair())) < 1e-12


def test_a_penalty_without_gradients_of_gradients_is_seen(monkeypatch):
    def first_order(critic, real, made, share, *conditions):
        return adversarial.gradient_penalty(critic, real, made, share, *conditions).detach()

    monkeypatch.setattr(adversarial.task, "gradient_penalty", first_order)
    assert apart(step(pair())) > 1e-3


def test_the_file_is_small():
    assert FILE.stat().st_size < 20_000


@pytest.mark.torch
def test_fixtures_are_up_to_date():
    current = fixtures()
    assert sorted(current) == sorted(read())
    for name, value in current.items():
        np.testing.assert_allclose(read()[name], value, rtol=1e-12, atol=1e-12, err_msg=name)
