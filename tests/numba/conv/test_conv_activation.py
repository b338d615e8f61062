"""A compiled convolution and ReLU in one, beside the compiled convolution and ReLU after each other."""

import numpy as np
import pytest

from tests.functional.kernels.conv_cases import geometry, images_behind
from tests.functional.kernels.norm_cases import behind
from xdl import backend, kernel, threads
from xdl.functional.conv.conv import conv2d_pair
from xdl.functional.conv.conv_activation import conv2d_activation_pair
from xdl.functional.elementwise.activation import ReluPair

backend.load("numpy")
RELU = ("relu",)
CASES = {
    "patches, all of y": ((5, 16, 9, 8), (32, 16, 4, 4), geometry(2, 1)),
    "patches, a part of y": ((5, 16, 9, 8), (17, 16, 4, 4), geometry(2, 1)),
    "patches, one vector": ((7, 8, 12, 11), (16, 8, 3, 3), geometry(1, 1)),
    "patches, groups": ((3, 32, 9, 8), (48, 16, 3, 3), geometry((2, 1), 1, groups=2)),
    "tiles": ((9, 17, 12, 13), (18, 17, 3, 3), geometry(1, 1)),
    "tiles, all inside": ((8, 32, 8, 8), (32, 32, 3, 3), geometry(1, 1)),
    "tiles, 5x5": ((8, 24, 9, 8), (32, 24, 5, 5), geometry(1, (2, 0))),
    "taps": ((5, 64, 4, 4), (32, 64, 3, 3), geometry(2, 1)),
    "taps, one vector": ((6, 48, 5, 4), (48, 48, 2, 2), geometry(2)),
    "images": ((64, 3, 7, 6), (7, 3, 3, 3), geometry(1, 1)),
    "images, several vectors": ((128, 2, 6, 5), (6, 2, 2, 3), geometry(1, (0, 1))),
}


def drawn(name, dtype, changed=lambda x: x):
    """Arguments of the slot of a convolution, and a cotangent."""
    (x, w, g), random = CASES[name], np.random.default_rng(3)
    draw = lambda *shape: random.standard_normal(shape).astype(dtype)  # noqa: E731
    arguments = changed(draw(*x)), draw(*w), draw(w[0]), g
    return arguments, draw(*conv2d_pair(*arguments)[1].shape)


def apart(arguments, g):
    """What the convolution's version and a mask give: y, dx, dw and db."""
    version, z, saved = conv2d_pair(*arguments)
    y = np.where(z < 0, 0, z)
    dz = np.empty_like(z)  # in the order of z's memory
    dz[...] = np.where(y != 0, g, 0)
    return y, *version.backward(dz, saved, [True] * 3)


def as_one(arguments, g, needs=(True, True, True)):
    version, y, saved = conv2d_activation_pair(*arguments, RELU)
    return version.name, (y, *version.backward(g, saved, needs))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", CASES)
def test_equals_both_bit_for_bit_with_any_number_of_threads(name, dtype, monkeypatch):
    monkeypatch.setattr("xdl.kernels.numba.sharing.WORTH", 0)
    monkeypatch.setattr("xdl.kernels.numba.sharing.FORK", 0)
    arguments, g = drawn(name, dtype)
    expected = [x.tobytes() for x in apart(arguments, g)]
    for count in (1, 2, 3, 7):
        threads.set_num_threads(count)
        version, found = as_one(arguments, g)
        assert version == f"conv2d_activation_{name.partition(',')[0]}" or (dtype == "float64" and "tiles" in name)
        assert [x.tobytes() for x in found[:3]] == expected[:3]
        np.testing.assert_allclose(found[3], np.frombuffer(expected[3], dtype), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize(
    "arrange", [np.array, behind, images_behind, lambda x: x[:, :, ::-1].copy()[:, :, ::-1]], ids=range(4)
)
@pytest.mark.parametrize("name", CASES)
def test_layouts_of_cotangents_and_images(name, arrange):
    arguments, g = drawn(name, "float64")
    expected = as_one(arguments, g)[1]
    for x, dy in ((arguments[0], arrange(g)), (arrange(arguments[0]), g)):
        for found, wanted in zip(as_one((x, *arguments[1:]), dy)[1], expected, strict=True):
            np.testing.assert_allclose(found, wanted, atol=1e-10)


@pytest.mark.parametrize("name", CASES)
def test_nan_and_infinity_stay(name):
    def changed(x):
        x[0, 0, 2, 2], x[-1, 1, 3, 3], x[1, 1, 0, 0] = np.nan, np.inf, -np.inf
        return x

    with np.errstate(all="ignore"):
        arguments, g = drawn(name, "float32", changed)
        y = as_one(arguments, g)[1][0]
        np.testing.assert_array_equal(y, apart(arguments, g)[0])
    assert np.isnan(y).any()
    assert np.isinf(y).any() or "tiles" in name  # whose sums make nan of infinity


def test_gradients_that_nobody_asks_for_are_left_out():
    arguments, g = drawn("patches, one vector", "float32")
    assert [d is None for d in as_one(arguments, g, (False, True, False))[1]] == [False, True, False, True]


def test_other_activations_and_versions_of_users_run_apart():
    arguments, _ = drawn("patches, one vector", "float32")
    assert conv2d_activation_pair(*arguments, ("gelu",))[0].name == "reference"
    slot = kernel.slots["relu"]

    @slot.register("numpy", name="planted")
    class Planted(ReluPair):
        pass

    try:
        assert conv2d_activation_pair(*arguments, RELU)[0].name == "reference"
    finally:
        slot.versions["numpy"] = [v for v in slot.versions["numpy"] if v.name != "planted"]
        slot.forget()
    assert conv2d_activation_pair(*arguments, RELU)[0].name == "conv2d_activation_patches"
