"""Transforms that draw: the seed fixes them, and they stay within what they promise."""

import numpy as np
import pytest

import xdl
from tests.as_torch.vision.made import picture, pixels
from xdl.as_torch.vision import blur, by_chance, conversion, fixed, jitter
from xdl.errors import KindError, SettingError, ShapeError

PICTURE = picture()
TENSOR = conversion.to_tensor(PICTURE)
ALL = {
    "crop": by_chance.RandomCrop((16, 20), padding=4),
    "resized crop": by_chance.RandomResizedCrop(12),
    "flip": by_chance.RandomHorizontalFlip(),
    "upside down": by_chance.RandomVerticalFlip(),
    "grey": by_chance.RandomGrayscale(0.5),
    "some": by_chance.RandomApply([fixed.CenterCrop(3)], 0.5),
    "one": by_chance.RandomChoice([fixed.CenterCrop(3), fixed.CenterCrop(4), fixed.CenterCrop(5)]),
    "order": by_chance.RandomOrder([fixed.CenterCrop(4), fixed.Resize(3), fixed.Pad(2)]),
    "colours": jitter.ColorJitter(0.4, 0.4, 0.4),
    "blur": blur.GaussianBlur(5),
    "angle": jitter.RandomRotation(40),
    "affine": jitter.RandomAffine(10, (0.1, 0.2), (0.8, 1.2), 5),
    "two shears": jitter.RandomAffine(0, shear=(-5, 5, -3, 3)),
}


def drawn(transform, image, seed, times=12):
    xdl.manual_seed(seed)
    made = [transform(image) for _ in range(times)]
    return [conversion.pil_to_tensor(one) if image is PICTURE else one for one in made]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("image", [PICTURE, TENSOR], ids=["picture", "tensor"])
def test_the_seed_decides(name, image):
    first, again, other = (drawn(ALL[name], image, seed) for seed in (1, 1, 2))
    assert [x.tolist() for x in first] == [x.tolist() for x in again]
    assert [x.tolist() for x in first] != [x.tolist() for x in other]
    assert len({str(x.tolist()) for x in first}) > 1


def test_windows_lie_in_the_padded_image_and_are_all_reached():
    small = picture(4, 4, 1)
    wide = np.pad(pixels(small)[0], 1)
    expected = {wide[i : i + 4, j : j + 4].tobytes() for i in range(3) for j in range(3)}
    crop = by_chance.RandomCrop(4, padding=1)
    assert {crop(small).tobytes() for _ in range(200)} == expected
    assert by_chance.RandomCrop((6, 3), pad_if_needed=True)(small).size == (3, 6)
    with pytest.raises(ShapeError, match=r"RandomCrop: expected an image of at least \(5, 5\)"):
        by_chance.RandomCrop(5)(small)
    top, left, height, width = by_chance.RandomCrop.get_params(small, (2, 3))
    assert (height, width) == (2, 3)
    assert (top <= 2, left <= 1) == (True, True)


def test_areas_and_ratios_are_those_asked_for():
    for _ in range(50):
        top, left, height, width = by_chance.RandomResizedCrop.get_params(TENSOR, (0.2, 0.5), (0.5, 2.0))
        assert 0.2 * 600 * 0.85 <= height * width <= 0.5 * 600 * 1.15
        assert 0.4 <= width / height <= 2.4
        assert (top + height <= 20, left + width <= 30) == (True, True)
    assert by_chance.RandomResizedCrop.get_params(TENSOR, (1.0, 1.0), (1.0, 1.0)) == (0, 5, 20, 20)  # none fits
    assert by_chance.RandomResizedCrop(8)(PICTURE).size == (8, 8)
    assert by_chance.RandomResizedCrop((8, 6))(TENSOR).shape == (3, 8, 6)


def test_probabilities_are_kept():
    never, always = (by_chance.RandomHorizontalFlip(p) for p in (0, 1))
    for _ in range(20):
        assert never(PICTURE) is PICTURE
        assert pixels(always(PICTURE)).tolist() == pixels(PICTURE)[:, :, ::-1].tolist()
    half = by_chance.RandomApply([lambda _: 1], 0.5)
    assert 60 < sum(half(0) for _ in range(200)) < 140
    weighted = by_chance.RandomChoice([lambda _: 0, lambda _: 1], p=[0.25, 0.75])
    assert 120 < sum(weighted(None) for _ in range(200)) < 180
    with pytest.raises(SettingError, match="RandomVerticalFlip: expected 0 <= p <= 1"):
        by_chance.RandomVerticalFlip(2)


def test_part_of_a_tensor_is_erased():
    x = xdl.ones(3, 20, 30)
    covered = by_chance.RandomErasing(1.0, scale=(0.1, 0.2), value=(2.0, 3.0, 4.0))(x)
    changed = covered.numpy() != 1
    rows, columns = changed[0].any(1), changed[0].any(0)
    assert changed.sum() == 3 * rows.sum() * columns.sum()
    assert 0.1 * 600 * 0.8 < rows.sum() * columns.sum() < 0.2 * 600 * 1.2
    assert [set(np.unique(channel)) for channel in covered.numpy()] == [{1, 2}, {1, 3}, {1, 4}]
    assert x.min().item() == x.max().item() == 1
    assert len(np.unique(by_chance.RandomErasing(1.0, value="random")(x).numpy())) > 20
    assert by_chance.RandomErasing(1.0, inplace=True)(x) is x
    assert by_chance.RandomErasing(0.0)(x) is x
    with pytest.raises(KindError, match="RandomErasing: expected a Tensor"):
        by_chance.RandomErasing()(PICTURE)


def test_shifts_reach_as_far_as_they_may():
    dot = xdl.zeros(1, 11, 21)
    dot[0, 5, 10] = 1
    shift = jitter.RandomAffine(0, translate=(0.1, 0.2))
    moved = {tuple(x[0] for x in np.nonzero(shift(dot).numpy()[0])) for _ in range(150)}
    assert moved == {(5 + down, 10 + right) for down in range(-2, 3) for right in range(-2, 3)}


def test_factors_and_angles_stay_in_their_ranges():
    assert jitter.ColorJitter(0.4).brightness == (0.6, 1.4)
    assert jitter.ColorJitter(contrast=3, hue=0.1).contrast == (0.0, 4.0)
    assert jitter.ColorJitter(saturation=(0.5, 0.7)).saturation == (0.5, 0.7)
    assert jitter.ColorJitter()(PICTURE) is PICTURE
    assert jitter.ColorJitter(hue=0.3)(PICTURE).tobytes() != PICTURE.tobytes()
    assert all(20 <= jitter.RandomRotation.get_params((20, 30)) < 30 for _ in range(20))
    assert jitter.RandomRotation(0)(PICTURE).tobytes() == PICTURE.tobytes()
    for settings in ({"brightness": -1}, {"hue": 0.6}, {"contrast": (2, 1)}):
        with pytest.raises(SettingError, match="ColorJitter"):
            jitter.ColorJitter(**settings)
    with pytest.raises(SettingError, match="translate as two parts"):
        jitter.RandomAffine(0, (2, 0))
