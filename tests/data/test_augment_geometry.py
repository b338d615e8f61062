"""Augmentation that moves pixels: the geometry exactly, the chances by statistics."""

import numpy as np
import pytest

from tests.data.test_augment import GREY, RNG, stream
from xdl.data import augment
from xdl.data.augment.warp import look_up
from xdl.errors import ShapeError
from xdl.random import Stream


def test_crops_are_windows_at_every_place_about_as_often():
    images = np.broadcast_to(np.arange(42, dtype=np.float32).reshape(1, 1, 6, 7), (4000, 1, 6, 7))
    out = augment.RandomCrop((4, 5))(images, stream())
    corners = out[:, 0, 0, 0].astype(int)
    top, left = corners // 7, corners % 7
    rows, columns = np.arange(4)[:, None], np.arange(5)
    expected = images[0, 0][top[:, None, None] + rows, left[:, None, None] + columns]
    assert (out[:, 0] == expected).all()
    counts = np.bincount(top * 3 + left, minlength=9)  # 3 x 3 places
    assert ((counts - 4000 / 9) ** 2 / (4000 / 9)).sum() < 26.1  # chi-squared, 8 degrees, 0.1 %


@pytest.mark.parametrize(("fill", "outside"), [(-1.0, -1.0), ("edge", None)])
def test_padding_makes_a_crop_a_shift(fill, outside):
    images = GREY[:50]
    out = augment.RandomCrop((6, 7), padding=2, fill=fill)(images, stream())
    how = {"mode": "edge"} if fill == "edge" else {"constant_values": fill}
    wide = np.pad(images, ((0, 0), (0, 0), (2, 2), (2, 2)), **how)
    shifts = set()
    for image, found in zip(wide[:, 0], out[:, 0], strict=True):
        fits = [(t, x) for t in range(5) for x in range(5) if np.array_equal(image[t : t + 6, x : x + 7], found)]
        assert fits
        shifts.add(fits[0])
    assert len(shifts) > 15
    assert outside is None or (out == outside).any()


def test_flips_mirror_half_of_the_images_or_all_or_none():
    for flip, axis in ((augment.RandomHorizontalFlip, -1), (augment.RandomVerticalFlip, -2)):
        assert (flip(1.0)(GREY, stream()) == np.flip(GREY, axis)).all()
        assert (flip(0.0)(GREY, stream()) == GREY).all()
        flipped = (flip(0.3)(GREY, stream()) != GREY).any((1, 2, 3))
        assert 35 <= flipped.sum() <= 85  # 60 expected of 200, std 6.5
        out = flip(0.3)(GREY, stream())
        assert (out[flipped] == np.flip(GREY, axis)[flipped]).all()


class Fixed(Stream):
    """A stream whose uniform draws are all the same: 0 and 1 are the ends of every range."""

    def __init__(self, value):
        super().__init__(0, "fixed")
        self.value = value

    def uniform(self, shape, dtype="float32", like=None):  # noqa: ARG002
        return np.full(shape, self.value, dtype)


def test_an_affine_of_nothing_changes_nothing():
    assert np.abs(augment.RandomAffine()(GREY, stream()) - GREY).max() < 1e-6


@pytest.mark.parametrize(("turn", "quarter"), [(1.0, 1), (0.0, -1)])
def test_a_quarter_turn_is_rot90_against_the_clock(turn, quarter):
    square = GREY[:, :, :, :6]
    out = augment.RandomAffine(degrees=90)(square, Fixed(turn))
    assert np.abs(out - np.rot90(square, quarter, (2, 3))).max() < 1e-5


def test_a_whole_shift_moves_pixels_and_fills_the_rest():
    out = augment.RandomAffine(translate=(2 / 7, 1 / 6), fill=9.0)(GREY, Fixed(1.0))  # right by 2, down by 1
    assert np.abs(out[:, :, 1:, 2:] - GREY[:, :, :-1, :-2]).max() < 1e-5
    assert (out[:, :, 0] == 9).all()
    assert (out[:, :, :, :2] == 9).all()
    edge = augment.RandomAffine(translate=(2 / 7, 0.0))(GREY, Fixed(0.0))  # left by 2
    assert np.abs(edge[..., :-2] - GREY[..., 2:]).max() < 1e-5
    assert np.abs(edge[..., -2:] - GREY[..., -1:]).max() < 1e-5


def test_half_a_pixel_is_the_mean_of_two():
    out = augment.RandomAffine(translate=(0.5 / 7, 0.0))(GREY, Fixed(1.0))
    assert np.abs(out[..., 1:] - (GREY[..., :-1] + GREY[..., 1:]) / 2).max() < 1e-5


def test_enlarging_twice_shows_the_middle():
    x = np.arange(7, dtype=np.float32) - 3
    ramp = np.broadcast_to(x, (2, 1, 6, 7))
    out = augment.RandomAffine(scale=(1.0, 2.0))(ramp, Fixed(1.0))
    assert np.abs(out - ramp / 2).max() < 1e-6


def test_a_shear_slants_upright_lines():
    y, x = np.mgrid[:7, :7].astype(np.float32)
    ramp = np.broadcast_to(x, (1, 1, 7, 7))
    out = augment.RandomAffine(shear=45)(ramp, Fixed(1.0))
    assert np.abs(out[0, 0] - np.clip(x + (y - 3), 0, 6)).max() < 1e-5


def test_looking_up_between_pixels_is_bilinear():
    y, x = np.float32(RNG.uniform(-2, 8, (200, 3, 4))), np.float32(RNG.uniform(-2, 9, (200, 3, 4)))
    found = look_up(GREY, y, x, 0.5)
    wide = np.pad(GREY[:, 0].astype(np.float64), ((0, 0), (3, 4), (3, 4)), constant_values=0.5)
    for n, i, j in np.ndindex(200, 3, 4):
        a, b = float(y[n, i, j]) + 3, float(x[n, i, j]) + 3
        top, left = int(a), int(b)
        corners = wide[n, top : top + 2, left : left + 2]
        weights = np.outer((1 - a + top, a - top), (1 - b + left, b - left))
        assert abs(found[n, 0, i, j] - (corners * weights).sum()) < 1e-5


def test_a_warp_moves_by_the_amount_and_more_cells_bend_finer():
    ramp = np.broadcast_to(np.arange(40, dtype=np.float32), (300, 1, 40, 40))
    moved = augment.RandomWarp(1.0, cells=4)(ramp, stream())[:, 0, 5:35, 5:35] - ramp[:, 0, 5:35, 5:35]
    assert abs(moved.mean()) < 0.1
    assert 0.5 < moved.std() < 1.0  # 1 at the corners of the grid, 0.5 amid four of them
    steps = [np.abs(np.diff(augment.RandomWarp(1.0, n)(ramp, stream())[:, 0, :, 5:35], axis=1)).mean() for n in (2, 8)]
    assert steps[0] < steps[1] / 2
    assert np.abs(augment.RandomWarp(0.0)(GREY, stream()) - GREY).max() < 1e-6


@pytest.mark.parametrize("size", [1, 2, 3])
def test_erasing_covers_a_square_that_the_border_may_cut(size):
    out = augment.RandomErasing(size, value=-5.0)(np.ones((3000, 1, 6, 7), np.float32), stream())[:, 0]
    covered = out == -5
    assert (out[~covered] == 1).all()
    heights, widths = covered.any(2).sum(1), covered.any(1).sum(1)
    assert (covered.sum((1, 2)) == heights * widths).all()  # a rectangle
    assert (heights.max(), widths.max()) == (size, size)
    assert heights.min() >= min(size, (size + 1) // 2)
    middle = covered[:, 3, 3].mean()
    assert abs(middle - size * size / 42) < 0.04  # each of the 42 centres is as likely
    some = (augment.RandomErasing(size, p=0.25)(np.ones((3000, 1, 6, 7), np.float32), stream()) == 0).any((1, 2, 3))
    assert abs(some.mean() - 0.25) < 0.04


def test_images_too_small_for_a_crop_are_refused():
    with pytest.raises(ShapeError, match=r"at least \(9, 9\) with the padding, found \(8, 9\)"):
        augment.RandomCrop(9, padding=1)(GREY, stream())
