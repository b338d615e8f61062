"""Augmentation: what all transforms promise, changes of values, wrong parameters by name."""

import numpy as np
import pytest

from xdl import backend
from xdl.data import augment
from xdl.errors import DtypeError, SettingError, ShapeError
from xdl.random import Stream

backend.load("numpy")
RNG = np.random.default_rng(0)
GREY = RNG.random((200, 1, 6, 7), dtype=np.float32)
RED_GREEN_BLUE = RNG.random((50, 3, 5, 4), dtype=np.float32)
EVERY = [
    augment.RandomCrop((5, 4), padding=1),
    augment.RandomHorizontalFlip(),
    augment.RandomVerticalFlip(0.3),
    augment.RandomAffine(20, (0.1, 0.2), (0.8, 1.2), 10),
    augment.RandomWarp(1.5, cells=2, fill=0.0),
    augment.RandomErasing(3, 0.8),
    augment.Brightness(0.5),
    augment.Contrast(0.4),
    augment.Gamma(1.0),
    augment.LogExposure(5.0),
    augment.Invert(),
    augment.Grayscale(0.5),
    augment.GaussianNoise(0.2),
    augment.GaussianBlur((0.2, 1.0)),
    augment.Normalize((0.1, 0.2, 0.3), (1.0, 2.0, 3.0)),
    augment.RandomApply(augment.Brightness(1.0), 0.4),
]


def stream(step=0):
    fresh = Stream(7, "augment batch")
    fresh.step = step
    return fresh


@pytest.mark.parametrize("transform", EVERY, ids=lambda transform: type(transform).__name__)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_transform_depends_on_its_numbers_alone_and_leaves_its_input(transform, dtype):
    images = RED_GREEN_BLUE.astype(dtype)
    before = images.copy()
    first, again, other = transform(images, stream()), transform(images, stream()), transform(images, stream(4096))
    assert first.tobytes() == again.tobytes()
    assert (images == before).all()
    assert not np.shares_memory(first, images)
    assert (first.dtype, first.shape[:2], np.isfinite(first).all()) == (images.dtype, (50, 3), True)
    assert type(transform) is augment.Normalize or not np.array_equal(first, other)


@pytest.mark.parametrize("transform", EVERY, ids=lambda transform: type(transform).__name__)
def test_other_images_are_refused(transform):
    name = type(transform).__name__
    with pytest.raises(ShapeError, match=rf"{name}: expected images of shape \(N, C, H, W\), found \(5, 4\)"):
        transform(np.zeros((5, 4), np.float32), stream())
    with pytest.raises(DtypeError, match=rf"{name}: expected images of a floating dtype, found uint8"):
        transform(np.zeros((2, 3, 5, 4), np.uint8), stream())


def test_brightness_adds_and_contrast_scales_one_number_per_image():
    moved = augment.Brightness(0.5)(GREY, stream()) - GREY
    assert np.ptp(moved, axis=(1, 2, 3)).max() < 1e-6
    shifts = moved.mean((1, 2, 3))
    assert np.abs(shifts).max() <= 0.5
    assert abs(shifts.std() - 1 / 12**0.5) < 0.04
    mean = GREY.mean((1, 2, 3), keepdims=True)
    factors = (augment.Contrast(0.4)(GREY, stream()) - mean) / (GREY - mean)
    assert np.ptp(np.median(factors, axis=(2, 3))) > 0.6
    assert np.abs(factors - np.median(factors, axis=(2, 3), keepdims=True)).max() < 1e-2
    assert np.median(factors, axis=(2, 3)).min() >= 0.6 - 1e-3


def test_gamma_keeps_the_extremes_and_moves_the_rest():
    out = augment.Gamma(1.0)(GREY, stream())
    low, high = GREY.min((1, 2, 3), keepdims=True), GREY.max((1, 2, 3), keepdims=True)
    z, z_out = (GREY - low) / (high - low), (out - low) / (high - low)
    inner = (z > 0.1) & (z < 0.9)
    powers = np.log(z_out[inner]) / np.log(z[inner])
    assert (powers.min() > 0.49, powers.max() < 2.01, np.ptp(powers) > 1) == (True, True, True)
    assert np.abs(out.max((1, 2, 3)) - high[:, 0, 0, 0]).max() < 1e-6
    flat = np.full((2, 1, 3, 3), 4.0, np.float32)
    assert (augment.Gamma(1.0)(flat, stream()) == flat).all()


def test_log_exposure_keeps_the_extremes_and_lifts_or_sinks_the_shadows():
    images = np.sort(GREY.astype(np.float64).reshape(200, 1, 1, 42))
    low, high = images[..., :1], images[..., -1:]
    z = ((images - low) / (high - low)).reshape(200, 42)
    out = augment.LogExposure(4.0)(images, stream())
    after = ((out - low) / (high - low)).reshape(200, 42)
    assert np.abs(after[:, [0, -1]] - [0, 1]).max() < 1e-12
    assert (np.diff(after) >= 0).all()
    lifted = after[:, 20] > z[:, 20]
    assert 70 < lifted.sum() < 130
    for before, found, up in zip(z, after, lifted, strict=True):
        x, y = (before, found) if up else (found, before)  # sunk is the inverse of lifted
        c = np.linspace(1e-3, 4, 4000)[:, None]
        curves = np.log(1 + c * x) / np.log(1 + c)
        assert np.abs(curves - y).max(1).min() < 1e-3
    flat = np.full((2, 1, 3, 3), 4.0, np.float32)
    assert (augment.LogExposure(4.0)(flat, stream()) == flat).all()
    assert np.abs(augment.LogExposure(0.0)(GREY, stream()) - GREY).max() < 1e-6


def test_log_exposure_of_strength_one_is_the_logarithm_to_base_two(monkeypatch):
    monkeypatch.setattr(augment.colour, "uniform", lambda _, images, *ends: np.full(len(images), ends[1]))
    images = np.linspace(0, 1, 30).reshape(1, 1, 5, 6)
    assert np.abs(augment.LogExposure(1.0)(images, stream()) - np.log2(1 + images)).max() < 1e-12
    monkeypatch.setattr(augment.colour, "uniform", lambda _, images, *ends: np.full(len(images), ends[0]))
    assert np.abs(augment.LogExposure(1.0)(images, stream()) - (2**images - 1)).max() < 1e-12


def test_inverting_twice_gives_the_image_and_grey_is_its_luminance():
    once = augment.Invert(1.0)(GREY, stream())
    assert np.abs(augment.Invert(1.0)(once, stream()) - GREY).max() < 1e-6
    assert np.abs(once + GREY - (GREY.min((1, 2, 3), keepdims=True) + GREY.max((1, 2, 3), keepdims=True))).max() < 1e-6
    grey = augment.Grayscale(1.0)(RED_GREEN_BLUE, stream())
    expected = np.einsum("c,nchw->nhw", [0.299, 0.587, 0.114], RED_GREEN_BLUE)
    assert np.abs(grey - expected[:, None]).max() < 1e-6
    with pytest.raises(ShapeError, match="3 channels"):
        augment.Grayscale()(GREY, stream())


def test_noise_has_its_std():
    noise = augment.GaussianNoise(0.3)(np.zeros((100, 1, 30, 30), np.float32), stream())
    assert abs(noise.std() - 0.3) < 0.003
    assert abs(noise.mean()) < 0.005


def test_blur_is_a_weighted_mean_in_both_directions():
    spot = np.zeros((1, 1, 21, 21), np.float32)
    spot[0, 0, 10, 10] = 1
    out = augment.GaussianBlur((1.5, 1.5))(spot, stream())[0, 0].astype(np.float64)
    line = np.exp(-(np.arange(-5, 6) ** 2) / 4.5)
    expected = np.outer(line, line) / line.sum() ** 2
    assert np.abs(out[5:16, 5:16] - expected).max() < 1e-6
    flat = np.full((3, 2, 8, 8), 2.5, np.float32)
    assert np.abs(augment.GaussianBlur()(flat, stream()) - flat).max() < 1e-5


def test_normalize_takes_one_number_or_one_a_channel():
    out = augment.Normalize([1, 2, 3], 2)(RED_GREEN_BLUE, stream())
    assert np.abs(out * 2 + np.array([1, 2, 3])[:, None, None] - RED_GREEN_BLUE).max() < 1e-6
    with pytest.raises(ShapeError, match="each of 1 channels, found 3 and 1"):
        augment.Normalize([1, 2, 3], 2)(GREY, stream())


def test_compose_goes_in_order_and_apply_chooses_images():
    both = augment.Compose([augment.Brightness(0.5), lambda images, _: images * 2])
    assert (both(GREY, stream()) == augment.Brightness(0.5)(GREY, stream()) * 2).all()
    out = augment.RandomApply(augment.Normalize(5, 1), 0.4)(GREY, stream())
    changed = (out != GREY).all((1, 2, 3))
    assert (out[~changed] == GREY[~changed]).all()
    assert 50 <= changed.sum() <= 110
    with pytest.raises(ShapeError, match="keeps the shape"):
        augment.RandomApply(augment.RandomCrop(3))(GREY, stream())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: augment.RandomCrop(0), "size >= 1"),
        (lambda: augment.RandomCrop((3, 2, 1)), "size >= 1"),
        (lambda: augment.RandomCrop(3, -1), "padding >= 0, found -1"),
        (lambda: augment.RandomCrop(3, fill="mirror"), "edge"),
        (lambda: augment.RandomHorizontalFlip(1.5), "0 <= p <= 1, found 1.5"),
        (lambda: augment.RandomVerticalFlip("half"), "0 <= p <= 1, found 'half'"),
        (lambda: augment.RandomAffine(181), "0 <= degrees <= 180"),
        (lambda: augment.RandomAffine(translate=0.1), "translate as"),
        (lambda: augment.RandomAffine(translate=(0.1, 2)), "0 <= translate <= 1, found 2"),
        (lambda: augment.RandomAffine(scale=(0, 1)), "scale as"),
        (lambda: augment.RandomAffine(scale=(2, 1)), "scale as"),
        (lambda: augment.RandomAffine(shear=90), "0 <= shear <= 89"),
        (lambda: augment.RandomWarp(-1), "amount >= 0"),
        (lambda: augment.RandomWarp(1, 0), "cells >= 1"),
        (lambda: augment.RandomErasing(0), "size >= 1"),
        (lambda: augment.Brightness(float("nan")), "amount >= 0, found nan"),
        (lambda: augment.Contrast(2), "0 <= amount <= 1"),
        (lambda: augment.Gamma(-1), "stops >= 0"),
        (lambda: augment.LogExposure(-1), "strength >= 0, found -1"),
        (lambda: augment.GaussianNoise(True), "std >= 0, found True"),
        (lambda: augment.GaussianBlur((0, 1)), "sigma as"),
        (lambda: augment.Normalize(0, 0), "std > 0"),
        (lambda: augment.RandomApply(augment.Gamma(1), -0.1), "0 <= p <= 1"),
    ],
)
def test_wrong_parameters_are_named(make, message):
    with pytest.raises(SettingError, match=message):
        make()
