"""A training step of a diffusion model against what PyTorch gave: loss, network, gradients and weights."""

import numpy as np
import pytest

import xdl
from tests.oracle.make_diffusion_fixtures import FILE, fixtures, process, read, step


def apart(found):
    """The largest difference to PyTorch's, over the largest value of each array."""
    assert sorted(found) == sorted(read())
    return max(np.abs(found[name] - theirs).max() / max(1, np.abs(theirs).max()) for name, theirs in read().items())


def test_a_step_is_pytorchs():
    assert apart(step(process())) < 1e-9


def test_other_shares_of_noise_are_seen():
    model = process()
    model.left.copy_(xdl.cat([model.left[:1], model.left[:-1]]))
    assert apart(step(model)) > 1e-3


def test_the_file_is_small():
    assert FILE.stat().st_size < 30_000


@pytest.mark.torch
def test_fixtures_are_up_to_date():
    current = fixtures()
    assert sorted(current) == sorted(read())
    for name, value in current.items():
        np.testing.assert_allclose(read()[name], value, rtol=1e-12, atol=1e-12, err_msg=name)
