"""The checks of kernel versions find what is planted into one."""

# ruff: noqa: ARG005

from dataclasses import replace

import numpy as np
import pytest

from tests.functional.kernels.kernel_checks import cases, check, copied, reference
from xdl import backend, kernel

backend.load("numpy")
(IMAGES,) = [v for v in kernel.slots["batch_norm"].versions["numpy"] if v.name == "batch_norm_images"]
LABEL = "(2, 3, 16)  "


def changed(change):
    """The images' version of batch norm with other gradients: change(needs, *gradients) in place of them."""
    return replace(IMAGES, backward=lambda g, saved, needs: change(needs, *IMAGES.backward(g, saved, needs)))


def checked(version, label=LABEL, **settings):
    args = [copied(x) if isinstance(x, np.ndarray) else x for x in cases("batch_norm")[label]]
    check("batch_norm", version, label, args, "float64", repeat=True, **settings)


def test_the_version_itself_passes():
    checked(IMAGES)
    checked(changed(lambda needs, *gradients: gradients))


def test_an_output_whose_gradient_is_ignored_is_found():
    def backward(g, saved, needs):
        return IMAGES.backward([g[0], g[1], None], saved, needs)

    for used in ((0, 1), (0,)):
        checked(replace(IMAGES, backward=backward), used=used)
    with pytest.raises(AssertionError, match="gradient"):
        checked(replace(IMAGES, backward=backward))


def test_gradients_that_nobody_asks_for_may_be_anything():
    label = "(2, 3, 16) plain "  # without gamma and beta
    checked(changed(lambda needs, dx, dgamma, dbeta: (dx, None, None)), label)
    checked(changed(lambda needs, *gradients: tuple(d if n else None for d, n in zip(gradients, needs, strict=False))))


@pytest.mark.parametrize(
    "change",
    [
        lambda needs, *gradients: None,
        lambda needs, *gradients: (),
        lambda needs, *gradients: (None, None, None),
        lambda needs, dx, dgamma, dbeta: (None, dgamma, dbeta),
        lambda needs, dx, dgamma, dbeta: (dx, None, dbeta),
        lambda needs, dx, dgamma, dbeta: (dx, dgamma),
        lambda needs, dx, dgamma, dbeta: (dx, dgamma, dbeta, None),
        lambda needs, dx, dgamma, dbeta: (dx, dbeta, dgamma),
        lambda needs, dx, dgamma, dbeta: (dx, dgamma[:, None], dbeta),
        lambda needs, dx, dgamma, dbeta: (dx.astype("f4"), dgamma, dbeta),
        lambda needs, dx, dgamma, dbeta: (dx, dgamma * (1 + 1e-10), dbeta),
        lambda needs, dx, dgamma, dbeta: (dx * np.nan, dgamma, dbeta),
        lambda needs, dx, dgamma, dbeta: (dx, dgamma if needs[0] else None, dbeta),
        lambda needs, dx, dgamma, dbeta: (dx, dgamma, dbeta if all(needs[:3]) else dgamma),
        lambda needs, dx, dgamma, dbeta: (dx, dgamma, dbeta) if needs[0] else (dgamma, dbeta),
    ],
)
def test_wrong_gradients_are_found(change):
    with pytest.raises(AssertionError):
        checked(changed(change))


@pytest.mark.parametrize(
    "forward",
    [
        lambda *args: (IMAGES.forward(*args)[0][:2], IMAGES.forward(*args)[1]),
        lambda *args: ((*IMAGES.forward(*args)[0], args[1]), IMAGES.forward(*args)[1]),
        lambda x, *args: (x.__imul__(1.5), IMAGES.forward(x, *args))[1],
        lambda x, *args: IMAGES.forward(x * (1 + 1e-9), *args),
    ],
    ids=["an output too few", "one too many", "x written", "wrong"],
)
def test_wrong_outputs_are_found(forward):
    with pytest.raises(AssertionError):
        checked(replace(IMAGES, forward=forward))


def test_no_backward_is_found():
    with pytest.raises(AssertionError, match="gradients None"):
        checked(replace(IMAGES, backward=None))


def test_saved_values_that_the_first_backward_uses_up_are_found():
    def backward(g, saved, needs):
        gradients = IMAGES.backward(g, saved, needs)
        saved[0].fill(0)
        return gradients

    def forward(x, *args):
        return IMAGES.forward(x.copy(), *args)

    with pytest.raises(AssertionError, match="asked for"):
        checked(replace(IMAGES, forward=forward, backward=backward))


def test_memory_that_is_left_as_it_was_is_found():
    def forward(*args):
        (y, mu, var), saved = IMAGES.forward(*args)
        z = np.empty(y.shape)
        z[:, :, 1:] = y[:, :, 1:]
        return (z, mu, var), saved

    with pytest.raises(AssertionError, match="output 0"):
        checked(replace(IMAGES, forward=forward))


def test_other_bits_of_a_second_run_are_found():
    random = np.random.default_rng(0)
    with pytest.raises(AssertionError, match="other bits"):
        checked(changed(lambda needs, dx, *gradients: (dx * (1 + 1e-14 * random.random(dx.shape)), *gradients)))


def test_references_are_computed_once():
    assert reference("batch_norm", LABEL, "float64") is reference("batch_norm", LABEL, "float64")
